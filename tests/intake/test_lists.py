"""Codes and names, as they are given out."""

import csv
import gzip
from pathlib import Path

import httpx
import orjson
import pytest

from chassis.reference import Mirror
from services.intake.lists import Agencies, Listing
from tests.intake.conftest import ROOT, Running, until
from tests.intake.test_content import announce


def rows(name: str) -> list[dict[str, str]]:
    with Path(ROOT / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", ["categories", "regions"])
async def test_every_code_is_there_with_its_name_and_a_version(running: Running, name: str) -> None:
    answer = await running.http.get(f"/v1/reference/{name}")
    told = answer.json()
    assert (answer.status_code, set(told)) == (200, {"version", "items"})
    assert [(item["code"], item["name"]) for item in told["items"]] == [(row["code"], row["name"]) for row in rows(name)]
    assert told["version"] in answer.headers["etag"]


async def test_who_has_the_version_is_not_sent_it_again(running: Running) -> None:
    etag = (await running.http.get("/v1/reference/regions")).headers["etag"]
    for known in (etag, etag.removeprefix("W/"), f'"x", {etag}', "*"):
        answer = await running.http.get("/v1/reference/regions", headers={"If-None-Match": known})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", etag)
    assert (await running.http.get("/v1/reference/regions", headers={"If-None-Match": '"x"'})).status_code == 200
    assert (await running.http.get("/v1/reference/categories", headers={"If-None-Match": etag})).status_code == 200


@pytest.mark.parametrize(("asked", "compressed"), [("gzip", True), ("br, GZIP;q=0.5", True), ("identity", False), ("gzip;q=0", False)])
async def test_it_is_compressed_for_those_who_ask(running: Running, asked: str, compressed: bool) -> None:
    async with running.http.stream("GET", "/v1/reference/regions", headers={"Accept-Encoding": asked}) as answer:
        raw = b"".join([part async for part in answer.aiter_raw()])
    assert (answer.headers.get("content-encoding"), answer.headers["vary"]) == ("gzip" if compressed else None, "Accept-Encoding")
    assert len(orjson.loads(gzip.decompress(raw) if compressed else raw)["items"]) == len(rows("regions"))


async def test_agencies_are_those_of_the_directory_and_follow_it(running: Running) -> None:
    async def agencies() -> httpx.Response:
        return await running.http.get("/v1/reference/agencies")

    async def told(code: str) -> httpx.Response:
        def there(answer: httpx.Response) -> bool:
            return answer.status_code == 200 and code in [item["code"] for item in answer.json()["items"]]

        answer: httpx.Response = await until(agencies, there)
        return answer

    await announce(running, "77", None)
    first = await told("77")
    assert [item for item in first.json()["items"] if item["code"] == "77"] == [
        {"code": "77", "name": "Dinas 77", "level": "regency", "zone": "Asia/Jakarta"}
    ]
    await announce(running, "77.01", "77")
    second = await told("77.01")
    assert [item["parent"] for item in second.json()["items"] if item["code"] == "77.01"] == ["77"]
    assert first.headers["etag"] != second.headers["etag"]
    codes = [item["code"] for item in second.json()["items"]]
    assert codes == sorted(codes)


async def test_there_are_no_other_lists(running: Running) -> None:
    answer = await running.http.get("/v1/reference/mailboxes")
    assert (answer.status_code, answer.json()["code"]) == (404, "schema_violation")


async def test_nobody_above_oneself_for_ever_and_no_list_before_it_is_told() -> None:
    mirror = Mirror("127.0.0.1:1", "x")
    agencies = Agencies(mirror)
    assert agencies.listing() is None
    mirror.values = {f"agency/{code}": {"code": code, "name": code, "parent": parent} for code, parent in (("a", "b"), ("b", "a"), ("c", "a"))}
    assert set(agencies.above("c")) == {"a", "b"}
    assert list(agencies.above("nobody")) == []
    await mirror.stop()


def test_equal_lists_have_equal_versions() -> None:
    items = [{"code": "a", "name": "A"}]
    assert Listing.of(items) == Listing.of([dict(item) for item in items])
    assert Listing.of(items).etag != Listing.of([{"code": "a", "name": "B"}]).etag
