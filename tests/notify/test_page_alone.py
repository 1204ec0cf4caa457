"""The page of a notify that reaches nobody else, and how often one link may ask for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from chassis.link import Link, Links
from services.notify.names import shipped_names
from services.notify.page.limits import Limiter
from services.notify.page.page import Page
from services.notify.page.pen import Pen
from services.notify.page.sources import Sources
from services.notify.settings import DATA, NotifySettings
from tests.notify import facts
from tests.notify.conftest import House

LINKS = Links(b"a key of this test")
NOBODY = "http://127.0.0.1:1"


def page_of(house: House, a_minute: int | None = None) -> httpx.AsyncClient:
    """Return a client of the page of this notify; the other services do not exist."""
    settings = NotifySettings(notify_routing_url=NOBODY, notify_sla_url=NOBODY, notify_intake_url=NOBODY)
    limiter = a_minute and Limiter(a_minute)
    pen = Pen(DATA / "templates" / "page")
    page = Page(house.pool, LINKS, Sources(settings), pen, facts.offices, shipped_names(), now=house.clock.now, limiter=limiter or None)
    app = FastAPI()
    app.include_router(page.router())
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://notify")


@pytest_asyncio.fixture(loop_scope="session")
async def path(house: House) -> AsyncIterator[str]:
    """The way to the page of a case that this notify has heard of."""
    await house.hear(facts.routed())
    yield f"/a/{LINKS.sign(Link(facts.CASE, '35.22', 'coordinator', house.clock.now() + timedelta(days=90)))}"


async def test_what_notify_knows_itself_is_shown_when_everybody_else_is_away(house: House, path: str) -> None:
    async with page_of(house) as http:
        answer = await http.get(path)
        assert answer.status_code == 200
        assert all(words in answer.text for words in (facts.TRACKING, "Pemerintah Kabupaten Bojonegoro", "Pengaduan"))
        assert answer.text.count("tidak dapat ditampilkan saat ini") == 5  # status and actions in two places
        refused = await http.post(path, data={"action": "verify", "key": "k-1"})
        assert refused.status_code == 503
        assert 'name="key" value="k-1"' in refused.text


async def test_a_link_that_asks_too_often_waits_and_does_nothing_meanwhile(house: House, path: str) -> None:
    async with page_of(house, a_minute=2) as http:
        answers = [await http.get(path), await http.post(path, data={"action": "verify"}), await http.get(path), await http.post(path)]
        assert [answer.status_code for answer in answers] == [200, 503, 429, 429]
        assert answers[2].headers["retry-after"] == "5"
        assert "Terlalu banyak permintaan" in answers[2].text
        other = f"/a/{LINKS.sign(Link(facts.CASE, '35', 'coordinator', house.clock.now() + timedelta(days=90)))}"
        assert (await http.get(other)).status_code == 200


@pytest.mark.parametrize(
    "body",
    [b"", b"action=verify&action=dance", b"\xff\xfe", b"&" * 5000, b"a=1&" * 30, b'{"action": "verify"}', b"action=%00verify"],
)
async def test_a_body_that_is_no_form_of_ours_is_refused_with_the_page(house: House, path: str, body: bytes) -> None:
    async with page_of(house) as http:
        answer = await http.post(path, content=body, headers={"content-type": "application/x-www-form-urlencoded"})
        assert answer.status_code == 422
        assert "Tindakan ini tidak dapat dilakukan saat ini." in answer.text


async def test_of_a_case_that_is_known_only_by_a_warning_nothing_is_asked_that_could_be_restricted(house: House) -> None:
    await house.hear(facts.warned())
    async with page_of(house) as http:
        answer = await http.get(f"/a/{LINKS.sign(Link(facts.CASE, '35.22', 'coordinator', house.clock.now() + timedelta(days=90)))}")
    assert answer.status_code == 200
    assert "Isi laporan hanya dapat dibaca oleh kantor penanggung jawab." in answer.text
