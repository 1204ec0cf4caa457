"""A signed link opens what it says, until it says, and nothing when a letter of it is another."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from chassis.link import Link, Links, links_of
from chassis.settings import SettingsError

NOW = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)
LINK = Link(uuid4(), "35.22/dinas-perhubungan", "coordinator", NOW + timedelta(days=30))


def test_a_link_is_read_back_until_its_time_is_over() -> None:
    links = Links(b"k" * 32)
    token = links.sign(LINK)
    assert token.replace("-", "").replace("_", "").isalnum()
    assert links.read(token, NOW) == LINK
    assert links.read(token, LINK.until - timedelta(seconds=1)) == LINK
    assert links.read(token, LINK.until) is None


def test_a_changed_or_foreign_link_opens_nothing() -> None:
    links = Links(b"k" * 32)
    token = links.sign(LINK)
    for place in range(len(token) - 1):  # the last letter holds bits of padding
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        assert links.read(changed, NOW) is None
    assert Links(b"x" * 32).read(token, NOW) is None
    for nonsense in ("", "a", "é", "....", token[:-8], "x" * 5000):
        assert links.read(nonsense, NOW) is None


def test_a_missing_key_is_said_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="prepare"):
        links_of(tmp_path)
