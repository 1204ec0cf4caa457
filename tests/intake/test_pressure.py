"""More than fits: who is sent away has left nothing behind, who was let in is there."""

import asyncio
from collections import Counter
from uuid import uuid4

import httpx
import orjson
import pytest
from fastapi import Request

from chassis.door import BusyError
from services.intake.bodies import Bodies, BodyError
from services.intake.rates import Rates
from tests.intake.conftest import Running

FLOOD = 400


async def test_a_flood_of_requests_loses_nothing_and_leaves_nothing_half_done(running: Running) -> None:
    keys = [str(uuid4()) for _ in range(FLOOD)]
    ref = str(uuid4())
    async with running.another(SALUR_OPEN="1", SALUR_HTTP_WAITING="20") as http:

        async def post(key: str) -> httpx.Response:
            return await http.post("/v1/complaints", json={"text": f"Banjir {key}", "external_ref": ref}, headers={"Idempotency-Key": key})

        async def batch(numbers: range) -> httpx.Response:
            lines = [orjson.dumps({"idempotency_key": f"{ref}-{n}", "data": {"text": "Banjir.", "external_ref": ref}}) for n in numbers]
            return await http.post("/v1/complaints:batch", content=b"\n".join(lines))

        ranges = [range(n, n + 50) for n in range(0, 500, 50)]
        answers, batches = await asyncio.gather(asyncio.gather(*(post(key) for key in keys)), asyncio.gather(*(batch(numbers) for numbers in ranges)))
        statuses = Counter(answer.status_code for answer in [*answers, *batches])
        assert {202, 503} <= set(statuses) <= {200, 202, 503}, statuses  # on a slow machine the single ones leave no room for a batch
        for answer in [*answers, *batches]:
            if answer.status_code == 503:
                assert (answer.json()["code"], answer.headers["retry-after"]) == ("unavailable", "1")
        taken = [key for key, answer in zip(keys, answers, strict=True) if answer.status_code == 202]
        taken += [f"{ref}-{n}" for numbers, answer in zip(ranges, batches, strict=True) if answer.status_code == 200 for n in numbers]
        rows = await running.owner.fetch("SELECT id FROM intake.inbox WHERE id = ANY($1::text[]) OR id LIKE $2", keys, f"{ref}-%")
        assert sorted(row["id"] for row in rows) == sorted(taken)
        assert await running.count("SELECT count(*) FROM intake.submission WHERE external_ref = $1", ref) == len(taken)
        refused = [key for key, answer in zip(keys, answers, strict=True) if answer.status_code == 503]
        for key in refused:
            assert (await post(key)).status_code == 202
        for numbers in (numbers for numbers, answer in zip(ranges, batches, strict=True) if answer.status_code == 503):
            assert (await batch(numbers)).status_code == 200
    assert await running.count("SELECT count(*) FROM intake.submission WHERE external_ref = $1", ref) == len(keys) + sum(map(len, ranges))


def request(*parts: bytes, **headers: str) -> Request:
    """Return a request whose body comes in parts; where there are no more, its sender is gone."""
    waiting = [{"type": "http.request", "body": part, "more_body": number < len(parts)} for number, part in enumerate(parts, 1)]

    async def receive() -> dict[str, object]:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    given = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "POST", "headers": given}, receive)


async def test_bodies_share_one_budget_and_give_it_back() -> None:
    bodies = Bodies(10)
    async with bodies.read(request(b"123", b"456"), 8) as first:
        assert first == b"123456"
        with pytest.raises(BusyError):
            async with bodies.read(request(b"12345"), 8):
                pass
        async with bodies.read(request(b"1234"), 8) as second:
            assert second == b"1234"
    for _ in range(3):
        with pytest.raises(BodyError) as caught:
            async with bodies.read(request(b"12345", b"6789"), 8):
                pass
        assert caught.value.answer.code == "too_large"
    with pytest.raises(BodyError):
        async with bodies.read(request(content_length=str(17 * 1024 * 1024)), 8):
            pass
    with pytest.raises(BodyError) as gone:
        async with bodies.read(broken(), 8):
            pass
    assert gone.value.answer.code == "malformed_json"
    async with bodies.read(request(b"1234567890"), 10) as whole:
        assert len(whole) == 10


def broken() -> Request:
    """Return a request whose sender goes away in the middle of its body."""
    waiting: list[dict[str, object]] = [{"type": "http.request", "body": b"123", "more_body": True}, {"type": "http.disconnect"}]

    async def receive() -> dict[str, object]:
        return waiting.pop(0)

    return Request({"type": "http", "method": "POST", "headers": []}, receive)


def test_a_caller_may_come_as_often_as_its_rate_and_ten_seconds_worth_at_once() -> None:
    now = [0.0]
    rates = Rates(5, now=lambda: now[0])
    assert [rates.take("a") for _ in range(50)] == [0.0] * 50
    assert rates.take("a") == pytest.approx(0.2)
    assert rates.take("b", 50) == 0
    now[0] += 0.2
    assert (rates.take("a"), rates.take("a") > 0) == (0.0, True)
    now[0] += 100
    assert rates.take("a", 1000) == 0
    assert rates.take("a", 1000) == pytest.approx(10)


def test_callers_that_are_gone_are_forgotten() -> None:
    now = [0.0]
    rates = Rates(1, now=lambda: now[0])
    for number in range(10_001):
        rates.take(str(number))
    now[0] += 5
    rates.take("new")
    assert len(rates._buckets) == 1
