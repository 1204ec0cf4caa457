"""The file of mailboxes may name an office's webhook and its secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from chassis.settings import SettingsError
from services.notify.addresses import ABOUT_SECRET, read_mailboxes, sealed
from tests.notify import facts
from tests.notify.conftest import SEAL

HEAD = "agency,role,mailbox,deputies,language,webhook,webhook_secret\n"


def file(folder: Path, *lines: str) -> Path:
    made = folder / "mailboxes.csv"
    made.write_text(HEAD + "\n".join(lines))
    return made


def test_a_webhook_and_its_secret_stand_beside_the_mailbox_and_the_secret_is_kept_sealed(tmp_path: Path) -> None:
    hooked = f"35.22,coordinator,a@salur.test,,id,https://sistem.test/salur,{facts.SECRET}"
    rows = sealed(read_mailboxes(file(tmp_path, hooked, "35,coordinator,b@salur.test,,id,,")), SEAL)
    assert rows[1][5:] == (None, None)
    url, secret = rows[0][5:]
    assert url == "https://sistem.test/salur"
    assert secret is not None
    assert b"whsec" not in secret
    assert SEAL.open(secret, ABOUT_SECRET).decode() == facts.SECRET


@pytest.mark.parametrize("wrong", ["ftp://a.test/,", "https://u:p@a.test/,", "nowhere,", "https://a.test/,whsec_x", "https://a.test/,secret"])
def test_a_wrong_one_is_refused_with_its_line_and_without_its_value(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(SettingsError, match="line 2: webhook") as refused:
        read_mailboxes(file(tmp_path, f"35.22,coordinator,a@salur.test,,id,{wrong}"))
    assert not any(part and part in str(refused.value).replace("whsec_ and", "") for part in wrong.split(",") if part != "secret")
