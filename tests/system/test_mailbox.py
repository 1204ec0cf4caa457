"""The mailbox that the oracle believes: a sender that is killed leaves it whole."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from deploy.local.mailbox_store import MailStore, read_mail


async def test_a_sender_that_goes_while_its_mail_is_written_tears_no_mail_of_others(tmp_path: Path):
    store = MailStore(tmp_path / "mails.ndjson")
    mail = b"Subject: a\r\nMessage-ID: <a@b>\r\n\r\n" + b"x" * 200_000
    for _ in range(10):
        sender = asyncio.create_task(store.add(read_mail(mail, "now", "a@b", ["c@d"])))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        sender.cancel()
        await store.add(read_mail(mail[:-3], "now", "a@b", ["c@d"]))
    shown = json.loads(b"".join(store.as_json()))
    assert [mail["id"] for mail in shown] == [str(number) for number in range(1, len(store) + 1)]
    assert len(store) >= 10
    assert store.mail(len(store)) == shown[-1]
    store.close()
