"""The page as people use it: from the mail's link in a real browser to routing and back, on the whole of Salur."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from tests.notify.browser import CHROMIUM, DESKTOP, PHONE, Browser
from tests.notify.town import OWNER, TEXT, Town
from tests.waiting import until

needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="not run: there is no Chromium on this machine")


@pytest_asyncio.fixture(loop_scope="session")
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    made = Browser(tmp_path)
    await made.start()
    yield made
    await made.stop()


async def shows(browser: Browser, url: str, *words: str) -> None:
    """Wait until the page shows these words: what other services say of a case follows in its own time."""

    async def seen() -> bool:
        await browser.open(url)
        text = await browser.text()
        return all(word in text for word in words)

    await until(seen, 30)


@needs_browser
async def test_an_admin_goes_from_the_mail_to_the_answer_on_a_phone_without_script(town: Town, browser: Browser) -> None:
    case_id, tracking_id = await town.file()
    url = await town.link(tracking_id)
    await browser.look_like(PHONE)
    await shows(browser, url, tracking_id, "waktu terpakai", "Riwayat", TEXT.splitlines()[0], "Belum Terverifikasi")
    text = await browser.text()
    assert TEXT.splitlines()[0] in text
    assert "Belum Terverifikasi" in text
    assert "Pemerintah Kabupaten Bojonegoro" in text
    await browser.click("#verify button", leaves=True)
    assert "Laporan sudah diverifikasi." in await browser.text()
    assert "Terverifikasi" in await browser.text()
    assert await town.state(case_id) == "verified"

    await browser.type("#follow_up-text", "Sudah ditambal hari ini.")
    await browser.click("#follow_up input[value=yes]")
    await browser.click("#follow_up button", leaves=True)
    assert "Jawaban sudah dikirim." in await browser.text()
    assert await town.state(case_id) == "followed_up"
    await browser.click("#acknowledge button", leaves=True)
    assert "Tercatat bahwa kantor Anda sudah melihat laporan ini." in await browser.text()
    await until(lambda: _some(town.said(case_id, "salur.notice.acknowledged.v1")), 30)
    (seen,) = await town.said(case_id, "salur.notice.acknowledged.v1")
    assert (seen["rule"], seen["recipient"]) == ("new-case", {"agency": OWNER, "role": "coordinator"})
    assert browser.refusals == []


@needs_browser
@pytest.mark.parametrize("size", [PHONE, DESKTOP])
async def test_nothing_reaches_over_the_edge_and_what_is_touched_is_large_enough(town: Town, browser: Browser, size: tuple[int, int]) -> None:
    _, tracking_id = await town.file(title="X" * 150, text="kata" * 400)
    await browser.look_like(size, dark=size == PHONE)
    await browser.open(await town.link(tracking_id))
    await browser.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert await browser.evaluate("document.documentElement.scrollWidth <= innerWidth")
    small = "[...document.querySelectorAll('button, summary, input:not([type=hidden]):not([type=radio]), select, textarea')]"
    assert await browser.evaluate(f"{small}.filter(each => each.getBoundingClientRect().height < 24).length") == 0
    unnamed = "[...document.querySelectorAll('input:not([type=hidden]), select, textarea')].filter(each => each.labels.length == 0).length"
    assert await browser.evaluate(unnamed) == 0


async def test_a_form_sent_twice_counts_once_and_a_stale_one_is_shown_again_with_what_was_typed(town: Town) -> None:
    case_id, tracking_id = await town.file()
    url = await town.link(tracking_id)
    page = (await town.http.get(url)).text
    version = re.findall(r'name="version" value="(\d+)"', page)[0]
    key = str(uuid4())
    answers = [await town.send(url, "verify", key=key, version=version) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].headers["location"] == "?done=verify"
    done = await town.http.get(answers[0].url.join(answers[0].headers["location"]))
    assert "Laporan sudah diverifikasi." in done.text

    stale = await town.send(url, "follow_up", text="Sudah <ditambal>.", final="yes", version=version)
    assert stale.status_code == 409
    assert "sudah berubah sejak Anda membuka halaman" in stale.text
    assert "Sudah &lt;ditambal&gt;.</textarea>" in stale.text
    fresh = re.findall(r'name="version" value="(\d+)"', stale.text)[0]
    assert (await town.send(url, "follow_up", text="Sudah <ditambal>.", final="yes", version=fresh)).status_code == 303
    assert await town.state(case_id) == "followed_up"

    illegal = await town.send(url, "archive", reason="unclear")
    assert illegal.status_code == 409
    assert "tidak dapat dilakukan pada status sekarang" in illegal.text
    assert 'value="close"' in illegal.text
    wrong = await town.send(url, "transfer", to="tidak ada", reason="x")
    assert (wrong.status_code, 'aria-invalid="true"' in wrong.text) == (422, True)
    assert (await town.send(url, "dance")).status_code == 422
    assert (await town.http.post(url, content=b"text=" + b"x" * 300_000)).status_code == 413


async def test_a_case_is_transferred_by_its_page_and_leaves_the_page_of_the_one_that_had_it(town: Town) -> None:
    case_id, tracking_id = await town.file()
    url = await town.link(tracking_id)
    moved = await town.send(f"{url}?lang=en", "transfer", to="Pemerintah Kota Surabaya (35.78)", reason="Ruas jalan kota.")
    assert (moved.status_code, moved.headers["location"]) == (303, "?done=transfer&lang=en")

    async def left() -> bool:
        page = (await town.http.get(url)).text
        return TEXT.splitlines()[1] not in page and "hanya dapat dibaca oleh kantor penanggung jawab" in page

    await until(left, 30)
    page = (await town.http.get(url)).text
    assert "Pemerintah Kota Surabaya" in page
    assert "<form" not in page
    refused = await town.send(url, "verify")
    assert (refused.status_code, "tidak berwenang" in refused.text) == (403, True)
    assert "Ruas jalan kota." in (await town.http.get(town.forge(case_id, "35.78"))).text


async def test_links_that_are_not_ours_or_too_old_open_a_page_that_helps(town: Town) -> None:
    case_id, tracking_id = await town.file()
    url = await town.link(tracking_id)
    over = town.forge(case_id, OWNER, datetime.now(UTC) - timedelta(seconds=5))
    unknown = town.forge(str(uuid4()), OWNER)
    for address in (over, unknown, url[:-1] + ("A" if url[-1] != "A" else "B"), f"{url}x", f"{town.url('notify')}/a/{'a' * 2000}"):
        for answer in (await town.http.get(address), await town.send(address, "verify")):
            assert answer.status_code == 404
            assert "Tautan ini tidak berlaku" in answer.text
            assert "This link does not work" in answer.text
            assert tracking_id not in answer.text
    assert await town.state(case_id) == "verification"


async def test_of_a_whistle_blowing_case_neither_mail_nor_page_tells_a_word(town: Town) -> None:
    case_id, tracking_id = await town.file(kind="whistleblowing", title="Pungutan liar")
    page = (await town.http.get(await town.link(tracking_id))).text
    assert "tidak ditampilkan melalui tautan surel" in page
    assert tracking_id in page
    assert 'value="verify"' in page
    (mail,) = await town.mails(tracking_id)
    assert "hanya boleh diterima Kementerian PANRB" in " ".join(mail["text"].split())
    assert "disalurkan" not in mail["subject"]
    told = page + json.dumps(mail)
    assert not any(word in told for word in ("Pungutan", "berlubang", "ditambal"))
    assert "tidak berada pada kantor Anda" in (await town.http.get(town.forge(case_id, "35.78"))).text


async def _away(town: Town, service: str, then: Callable[[], Awaitable[None]]) -> None:
    process = town.stack.process(service, 1)
    await process.stop()
    try:
        await then()
    finally:
        process.start()
        await process.wait_ready(60)


async def test_while_another_service_is_away_the_rest_of_the_page_stands_and_nothing_typed_is_lost(town: Town) -> None:
    case_id, tracking_id = await town.file()
    url = await town.link(tracking_id)
    await until(lambda: town.shows(url, "waktu terpakai", TEXT.splitlines()[1]), 30)

    lost_key: list[str] = []

    async def without_routing() -> None:
        page = (await town.http.get(url)).text
        assert "Status dan tindakan tidak dapat ditampilkan saat ini." in page
        assert all(word in page for word in (TEXT.splitlines()[1], "waktu terpakai", "Belum Terverifikasi"))
        lost = await town.send(url, "transfer", to="", reason="Bukan wewenang kami.", key="the-key-of-this-form")
        assert lost.status_code == 503
        assert "Belum pasti apakah tindakan Anda tercatat" in lost.text
        assert "Bukan wewenang kami.</textarea>" in lost.text
        lost_key.append(re.findall(r'name="action" value="transfer"><input type="hidden" name="key" value="([^"]+)"', lost.text)[0])

    async def without_sla() -> None:
        page = (await town.http.get(url)).text
        assert "Tenggat tidak dapat ditampilkan saat ini." in page
        assert TEXT.splitlines()[1] in page
        assert (await town.send(url, "verify")).status_code == 303

    await _away(town, "routing", without_routing)
    assert lost_key == ["the-key-of-this-form"]
    await _away(town, "sla", without_sla)
    assert await town.state(case_id) == "verified"


async def test_one_key_carries_an_action_over_an_uncertain_moment(town: Town) -> None:
    case_id, tracking_id = await town.file()
    url = await town.link(tracking_id)
    key = str(uuid4())
    process = town.stack.process("routing", 1)
    await process.stop()
    answer = await town.send(url, "acknowledge", key=key)
    process.start()
    await process.wait_ready(60)
    assert answer.status_code == 503
    assert [(await town.send(url, "acknowledge", key=key)).status_code for _ in range(2)] == [303, 303]
    assert (await town.http.get(f"{town.url('routing')}/v1/cases/{case_id}")).json()["version"] == 2


async def _some(found: Awaitable[list[Any]]) -> bool:
    return bool(await found)
