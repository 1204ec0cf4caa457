"""Events come in from a topic, are counted once, and what is said of them leaves in order."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from uuid import uuid4

import pytest

from tests.chassis import counting
from tests.chassis.conftest import Bench, order_event


async def test_every_event_is_counted_once_and_said_in_order(bench: Bench) -> None:
    cases = [uuid4() for _ in range(40)]
    await bench.feed([cases[n % 40] for n in range(2000)], list(range(2000)))
    process = await bench.start()
    assert await bench.until("SELECT sum(cardinality(seen)) FROM tally", 2000) == 2000
    assert await bench.until("SELECT count(*) FROM outbox", 0) == 0
    assert await bench.stop(process) == 0
    rows = {row["case_id"]: list(row["seen"]) for row in await bench.query("SELECT case_id, seen FROM tally")}
    assert rows == {case: list(range(n, 2000, 40)) for n, case in enumerate(cases)}
    said = defaultdict(list)
    for event in await bench.said():
        said[event["subject"]].append((event["sequence"], event["data"]["number"]))
    assert dict(said.items()) == {str(case): [(place + 1, number) for place, number in enumerate(range(n, 2000, 40))] for n, case in enumerate(cases)}


async def test_an_order_is_answered_with_one_receipt(bench: Bench) -> None:
    case = uuid4()
    await bench.start()
    await bench.feed([case], [1])
    assert await bench.until("SELECT count(*) FROM tally", 1) == 1
    await bench.order(order_event(case, 2, "a"))
    await bench.order(order_event(case, 2, "a"))
    await bench.order(order_event(case, 3, "a"))
    await bench.order(order_event(case, -1, "b"))
    await bench.order(b"nonsense")
    receipts = await bench.receipts(5)
    found = {(r["data"]["received_id"], r["data"]["offset"], r["data"]["partition"]): (r["data"]["outcome"], r["data"]["code"]) for r in receipts}
    assert sorted(found.values()) == [
        ("accepted", "ok"),
        ("duplicate", "duplicate"),
        ("rejected", "idempotency_conflict"),
        ("rejected", "illegal_action"),
        ("rejected", "malformed_json"),
    ]
    assert len(receipts) == 5
    rows = await bench.query("SELECT total FROM tally")
    assert [row["total"] for row in rows] == [3]


async def test_an_order_waits_for_its_case(bench: Bench) -> None:
    case = uuid4()
    await bench.start()
    await bench.order(order_event(case, 5))
    assert await bench.until("SELECT count(*) FROM held", 1) == 1
    await bench.feed([case], [1])
    (receipt,) = await bench.receipts(1)
    assert receipt["data"]["outcome"] == "accepted"
    rows = await bench.query("SELECT seen, (SELECT count(*) FROM held) AS held, (SELECT waiting FROM head) AS waiting FROM tally")
    assert [tuple(row) for row in rows] == [([1, 5], 0, False)]


@pytest.mark.parametrize("together", [True, False])
async def test_what_waits_for_more_than_its_case_goes_on_once_it_is_there(bench: Bench, together: bool) -> None:
    """Events of one case in the worst order, in one batch or each in its own: all are taken in, in the order that each asks for."""
    case, other = uuid4(), uuid4()
    if not together:
        await bench.start()
    for number in (5, 4, 3, 2):
        await bench.feed([case], [number], after=number - 1)
        if not together:
            assert await bench.until("SELECT count(*) FROM held", 6 - number) == 6 - number
    await bench.feed([case], [1])
    if together:
        await bench.feed([other], [7], after=1)
        await bench.start()
    assert await bench.until("SELECT coalesce(sum(cardinality(seen)), 0) FROM tally", 5) == 5
    rows = await bench.query("SELECT seen, waiting, (SELECT count(*) FROM held) AS held FROM tally JOIN head USING (case_id)")
    assert [tuple(row) for row in rows] == [([1, 2, 3, 4, 5], False, int(together))]
    if together:
        await bench.feed([other], [6])
        assert await bench.until("SELECT count(*) FROM held", 0) == 0


async def test_an_alarm_rings_once_and_never_early(bench: Bench) -> None:
    await bench.start()
    cases = [uuid4() for _ in range(50)]
    await bench.feed(cases, [1] * 50, alarm_ms=1)
    await bench.until("SELECT count(*) FROM event", 100)
    await asyncio.sleep(0.5)
    rang = [event for event in await bench.said() if event["type"] == counting.Rang.TYPE]
    assert len(rang) == 50
    assert all(event["data"]["at"] >= event["data"]["due_at"] for event in rang)
