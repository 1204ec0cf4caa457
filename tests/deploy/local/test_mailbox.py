"""The mailbox: real SMTP in, `/messages.json` and pages out, nothing lost that was taken."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import aiosmtplib
import httpx
import pytest

from deploy.local.settings import LocalSettings
from deploy.local.supervisor import Stack

Eventually = Callable[..., Awaitable[None]]


@pytest.fixture
async def stack(settings: LocalSettings) -> AsyncIterator[Stack]:
    stack = Stack(settings, parts={"mailbox"})
    await stack.start()
    try:
        yield stack
    finally:
        await stack.stop()


def mail(subject: str = "Laporan baru 7K3M-9QWD-2F5H", html: str | None = None) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Salur <salur@salur.test>"
    message["To"] = "Dinas Perhubungan <dishub@jombang.test>"
    message["Subject"] = subject
    message["Message-ID"] = "<n-1@salur.test>"
    message.set_content("Ada laporan baru.\n")
    if html is not None:
        message.add_alternative(html, subtype="html")
    return message


async def send(settings: LocalSettings, *messages: EmailMessage) -> None:
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=settings.mailbox_smtp_port) as client:
        for message in messages:
            await client.send_message(message, recipients=["dishub@jombang.test", "deputi@jombang.test"])


async def get(stack: Stack, path: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=stack.addresses["mailbox"], trust_env=False) as client:
        return await client.get(path)


async def test_a_mail_is_shown_with_exactly_the_promised_fields(stack: Stack, settings: LocalSettings) -> None:
    assert (await get(stack, "/messages.json")).json() == []
    await send(settings, mail(html="<p>Ada <b>laporan</b> baru.</p>"))
    (shown,) = (await get(stack, "/messages.json")).json()
    at = datetime.fromisoformat(shown.pop("at"))
    assert timedelta(0) <= datetime.now(UTC) - at < timedelta(seconds=10)
    assert shown == {
        "id": "1",
        "from": "salur@salur.test",
        "to": ["dishub@jombang.test", "deputi@jombang.test"],
        "subject": "Laporan baru 7K3M-9QWD-2F5H",
        "message_id": "<n-1@salur.test>",
        "text": "Ada laporan baru.\n",
        "html": "<p>Ada <b>laporan</b> baru.</p>\n",
    }


async def test_every_mail_that_was_taken_survives_a_kill(stack: Stack, settings: LocalSettings, eventually: Eventually) -> None:
    await asyncio.gather(*(send(settings, *(mail(f"surat {n}-{m}") for m in range(5))) for n in range(8)))
    managed = stack.process("mailbox")
    before = managed.pid
    managed.kill()
    # What a kill in the middle of a write leaves; it was never answered.
    with (settings.data / "mailbox" / "mails.ndjson").open("ab") as file:
        file.write(b'{"id":"41","at":"2026')
    await eventually(lambda: managed.pid not in (before, None) and managed.ready)
    await send(settings, mail("sesudahnya"))
    mails = (await get(stack, "/messages.json")).json()
    assert [one["id"] for one in mails] == [str(number) for number in range(1, 42)]
    assert {one["subject"] for one in mails[:40]} == {f"surat {n}-{m}" for n in range(8) for m in range(5)}
    assert mails[40]["subject"] == "sesudahnya"


async def test_a_broken_mail_is_kept_as_well_as_it_can_be(stack: Stack, settings: LocalSettings) -> None:
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=settings.mailbox_smtp_port) as client:
        await client.sendmail("a@b.test", ["c@d.test"], b"Subject: =?utf-8?q?=FF?=\r\nContent-Type: text/plain; charset=none\r\n\r\nhi \xff")
        await client.sendmail("", ["c@d.test"], b"\xff\x00")
    first, second = (await get(stack, "/messages.json")).json()
    assert first["text"].startswith("hi ")
    assert first["from"] == "a@b.test"
    assert second["html"] == ""


async def test_a_folded_subject_is_the_line_that_it_was(stack: Stack, settings: LocalSettings) -> None:
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=settings.mailbox_smtp_port) as client:
        await client.sendmail("a@b.test", ["c@d.test"], b"Subject: satu\r\n dua  tiga\r\n\r\nhi")  # RFC 5322 2.2.3: only the line end goes
    assert [mail["subject"] for mail in (await get(stack, "/messages.json")).json()] == ["satu dua  tiga"]


async def test_nothing_in_a_mail_runs_on_its_page(stack: Stack, settings: LocalSettings) -> None:
    await send(settings, mail("<script>alert(1)</script>", html='<script>alert(2)</script><a href="http://x.test/a">"</a>'))
    for path in ("/", "/mails/1"):
        page = await get(stack, path)
        assert page.status_code == 200
        assert "<script" not in page.text
        assert "script-src" not in page.headers["content-security-policy"]
        assert "default-src 'none'" in page.headers["content-security-policy"]
    frame = re.search(r'<iframe[^>]* sandbox="([^"]*)" srcdoc="([^"]*)"', (await get(stack, "/mails/1")).text)
    assert frame is not None
    assert "allow-scripts" not in frame[1]
    assert "allow-same-origin" not in frame[1]
    assert (await get(stack, "/mails/2")).status_code == 404
