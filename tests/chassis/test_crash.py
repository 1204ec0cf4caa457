"""kill -9 between every two steps: nothing lost, nothing done twice, order kept, no second receipt."""

from __future__ import annotations

import asyncio
import json
from collections import Counter, defaultdict
from uuid import UUID, uuid4

import pytest

from chassis.failpoints import Point
from tests.chassis import counting
from tests.chassis.conftest import Bench, order_event

CASES, EVENTS = 12, 240


async def work(bench: Bench) -> list[UUID]:
    """Feed numbers and orders for a few cases; every third number sets an alarm."""
    cases = [uuid4() for _ in range(CASES)]
    await bench.feed(cases, [0] * CASES)
    await bench.feed([cases[n % CASES] for n in range(1, EVENTS)], range(1, EVENTS), alarm_ms=1)
    for n in range(CASES):
        await bench.order(order_event(cases[n], 1000 + n, f"order-{n}"))
        await bench.order(order_event(cases[n], -1, f"refused-{n}"))
    return cases


async def verdict(bench: Bench, cases: list[UUID]) -> None:
    """Assert that every number was counted once, in order, and said once, gap-free; that each order has one receipt."""
    numbers = EVENTS - 1 + CASES + CASES
    assert await bench.until("SELECT coalesce(sum(cardinality(seen)), 0) FROM tally", numbers, 40) == numbers
    assert await bench.until("SELECT count(*) FROM timer", 0) == 0
    assert await bench.until("SELECT count(*) FROM outbox", 0) == 0
    rows = {row["case_id"]: list(row["seen"]) for row in await bench.query("SELECT case_id, seen FROM tally")}
    for n, case in enumerate(cases):
        fed = [0] + [number for number in range(1, EVENTS) if number % CASES == n]
        assert [number for number in rows[case] if number < 1000] == fed
        assert Counter(rows[case])[1000 + n] == 1
    first: dict[str, dict[str, None]] = defaultdict(dict)
    sequence: dict[str, list[int]] = defaultdict(list)
    for record in await bench.topic(counting.topics(bench.name)[2]):
        event = json.loads(record.value)
        if event["id"] not in first[event["subject"]]:
            first[event["subject"]][event["id"]] = None
            sequence[event["subject"]].append(event["sequence"])
    assert all(said == list(range(1, len(said) + 1)) for said in sequence.values()), "a gap, or out of order"
    stored = await bench.query("SELECT count(*) AS n FROM event")
    assert sum(map(len, sequence.values())) == stored[0]["n"]
    outcomes: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for receipt in await bench.receipts(2 * CASES):
        outcomes[receipt["data"]["received_id"]].add((receipt["id"], receipt["data"]["outcome"]))
    assert len(outcomes) == 2 * CASES
    assert {key: said for key, said in outcomes.items() if len(said) > 1} == {}, "an order was answered twice"


@pytest.mark.parametrize("point", list(Point))
async def test_a_kill_at_any_step_loses_nothing_and_doubles_nothing(bench: Bench, point: Point) -> None:
    failing = await bench.start(failpoint=f"{point}=kill@2", SALUR_BATCH_RECORDS="40")
    cases = await work(bench)
    assert await asyncio.wait_for(failing.wait(), 30) == -9, "the failpoint was never reached"
    await bench.start()
    await verdict(bench, cases)
