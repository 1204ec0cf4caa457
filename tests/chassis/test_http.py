"""What no route answers for itself: an address with a slash too many, and a method that is not taken."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from fastapi import APIRouter

from chassis.http import application
from chassis.metrics import Metrics


@pytest_asyncio.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """A client of a service with one address that takes three methods, by a route each."""
    app, router = application("sla", "1", Metrics("sla"), list), APIRouter(prefix="/v1")

    @router.get("/cases/{number}")
    @router.head("/cases/{number}")
    async def show(number: str) -> str:
        return number

    @router.post("/cases/{number}")
    async def act(number: str) -> str:
        return number

    @app.get("/")
    @app.get("/page")
    async def page() -> str:
        return "page"

    app.include_router(router)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://salur") as client:
        yield client


@pytest.mark.parametrize("path", ["/v1/cases/5/", "/page/", "/livez/", "/readyz/", "/docs/", "/openapi.json/"])
async def test_a_slash_too_many_is_another_address_and_nobody_is_sent_anywhere(http: httpx.AsyncClient, path: str) -> None:
    answer = await http.get(path, headers={"Host": "evil.example"})
    assert (answer.status_code, answer.headers.get("location"), answer.json()["code"]) == (404, None, "schema_violation")
    assert answer.json().keys() == {"outcome", "code", "errors"}
    assert (await http.get(path.rstrip("/"))).status_code == 200


async def test_the_first_page_stays_where_it_is(http: httpx.AsyncClient) -> None:
    assert (await http.get("/")).json() == "page"


@pytest.mark.parametrize("method", ["PUT", "OPTIONS", "DELETE", "BREW"])
async def test_who_asks_by_another_method_is_told_all_that_are_taken(http: httpx.AsyncClient, method: str) -> None:
    answer = await http.request(method, "/v1/cases/5")
    assert (answer.status_code, answer.json()["code"]) == (405, "schema_violation")
    assert answer.headers["allow"] == "GET, HEAD, POST"
    assert (await http.request(method, "/livez")).headers["allow"] == "GET"
