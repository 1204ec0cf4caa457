"""The same hostile submissions at the door over HTTP: refused at once with the same code, by the status that the contract names."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import quote
from uuid import uuid4

import httpx
import orjson
import pytest_asyncio

from tests.poison import corpus
from tests.poison.conftest import Salur
from tests.poison.record import MARK, SUBMISSIONS, Poison, Writer

STATUS = {"ok": 202, "duplicate": 200, "too_large": 413, "idempotency_conflict": 409}
"""By code; everything else is 422."""
DOOR = "/v1/complaints"


def headers_of(poison: Poison) -> dict[str, str] | None:
    """Return the record's headers as those of a request, None where HTTP has no way to say them."""
    headers = {}
    for name, value in poison.headers:
        if not name.startswith(("ce_", "CE_")) and name != "content-type":
            return None
        # The HTTP binding encodes what is not plain ASCII, and a header has room for some kilobytes.
        headers[name.lower().replace("ce_", "ce-")] = quote(value, safe=" :/+;=") if name != "content-type" else value.decode()
    too_long = any(len(value) > 8_000 for value in headers.values())
    return None if too_long or not all(headers.values()) else headers or {"content-type": "application/cloudevents+json"}


def expected(poison: Poison) -> tuple[int, str]:
    return STATUS.get(poison.code, 422), poison.code


async def post(salur: Salur, poison: Poison) -> httpx.Response:
    return await salur.intake.post(DOOR, content=poison.value or b"", headers=headers_of(poison))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def told(salur: Salur) -> AsyncIterator[list[tuple[Poison, httpx.Response]]]:
    records = [record for record in corpus.submissions(Writer()) if record.topic == SUBMISSIONS and headers_of(record) is not None]
    answers: list[tuple[Poison, httpx.Response]] = []
    for first in range(0, len(records), 40):
        part = records[first : first + 40]
        ordered = any(record.code in ("duplicate", "idempotency_conflict") for record in part)
        found = [await post(salur, record) for record in part] if ordered else await asyncio.gather(*(post(salur, record) for record in part))
        answers += zip(part, found, strict=True)
    yield answers


async def test_every_body_is_answered_with_the_status_of_its_code(told: list[tuple[Poison, httpx.Response]]) -> None:
    assert len(told) >= 200
    wrong = {}
    for poison, answer in told:
        found = (answer.status_code, answer.json()["code"])
        if found != expected(poison):
            wrong[poison.name] = (found, expected(poison))
    assert wrong == {}


async def test_every_refusal_names_its_place_and_repeats_nothing(told: list[tuple[Poison, httpx.Response]]) -> None:
    wrong = {}
    for poison, answer in told:
        if answer.status_code in (200, 202):
            continue
        assert answer.json()["outcome"] == "rejected"
        assert MARK not in answer.text
        assert MARK not in str(answer.headers)
        if (found := {error["path"] for error in answer.json()["errors"]}) != poison.paths:
            wrong[poison.name] = (found, set(poison.paths))
    assert wrong == {}


async def test_nothing_is_said_on_the_topic_and_nothing_is_kept(told: list[tuple[Poison, httpx.Response]], salur: Salur) -> None:
    ids = {poison.id for poison, _ in told if poison.id}
    said = [orjson.loads(record.value)["data"]["received_id"] for record in salur.records["salur.receipts"]]
    assert ids.isdisjoint(said)
    assert await salur.owner.fetchval("SELECT count(*) FROM intake.kept WHERE topic LIKE 'http:%'") == 0
    assert MARK not in salur.logs()


async def test_a_refused_id_is_not_used_up(told: list[tuple[Poison, httpx.Response]], salur: Salur) -> None:
    taken = {poison.id for poison, answer in told if answer.status_code in (200, 202)}
    refused = [poison for poison, answer in told if answer.status_code == 422 and poison.id not in taken and poison.id and poison.source]
    refused = refused[::3]  # one of each kind will do: an answer over HTTP takes its time
    assert len(refused) > 100
    good = [
        {"specversion": "1.0", "id": p.id, "source": p.source, "type": "salur.complaint.submitted.v1", "data": {"text": "Benar."}} for p in refused
    ]
    wrong = {}
    for first in range(0, len(good), 40):
        part = await asyncio.gather(*(salur.intake.post(DOOR, json=event) for event in good[first : first + 40]))
        wrong |= {poison.name: answer.text for poison, answer in zip(refused[first:], part, strict=False) if answer.status_code != 202}
    assert wrong == {}


async def test_data_alone_needs_a_key_that_can_be_kept(salur: Salur) -> None:
    good = orjson.dumps({"text": "Jalan rusak."})
    async with httpx.AsyncClient(base_url=salur.intake.base_url) as http:
        keys: dict[str, tuple[bytes | None, int]] = {
            "none": (None, 422),
            "an empty one": (b"", 422),
            "501 characters": (b"x" * 501, 422),
            "a tab": (b"a\tb", 422),
            "500 characters of four bytes": (("😀" * 500).encode(), 422),
            "500 characters": (uuid4().hex.encode() + b"x" * 468, 202),
            "emoji": (uuid4().hex.encode() + "🚧".encode(), 202),
        }
        for name, (key, status) in keys.items():
            headers = [] if key is None else [(b"idempotency-key", key)]
            answer = await http.post(DOOR, content=good, headers=headers)
            assert answer.status_code == status, name
            if status == 422:
                assert (answer.json()["code"], answer.json()["errors"][0]["path"]) == ("schema_violation", "/headers/idempotency-key"), name


async def test_a_body_that_is_data_alone_is_judged_like_an_event(salur: Salur) -> None:
    bodies: dict[str, tuple[bytes, str, str]] = {
        "nothing": (b"", "malformed_json", ""),
        "no JSON": (b"text=Jalan+rusak", "malformed_json", ""),
        "NaN": (b'{"text":NaN}', "malformed_json", ""),
        "a list": (b"[1]", "schema_violation", "/data"),
        "a number": (b"5", "schema_violation", "/data"),
        "no text": (b"{}", "schema_violation", "/data/text"),
        "10,000 deep": (b'{"text":"x","a":' + b"[" * 10_000 + b"]" * 10_000 + b"}", "malformed_json", ""),
        "a byte too large": (b'{"text":"x","a":"' + b"x" * (256 * 1024 - 18) + b'"}', "too_large", ""),
    }
    for name, (body, code, path) in bodies.items():
        answer = await salur.intake.post(DOOR, content=body, headers={"Idempotency-Key": uuid4().hex})
        assert (answer.status_code, answer.json()["code"]) == (STATUS.get(code, 422), code), name
        assert [error["path"] for error in answer.json()["errors"]] == [path], name
