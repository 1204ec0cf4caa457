"""Stores that go away and come back, processes that hang and wake, replicas that share: the same result."""

from __future__ import annotations

import asyncio
import signal
import time
from uuid import uuid4

import httpx
import pytest

from tests.chassis.conftest import Bench
from tests.chassis.test_crash import verdict, work


async def ready(bench: Bench, replica: int = 1) -> None:
    async with httpx.AsyncClient() as http:
        for _ in range(300):
            try:
                if (await http.get(f"http://127.0.0.1:{bench.port + 100 * (replica - 1)}/readyz")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)
    raise TimeoutError


@pytest.mark.parametrize("store", ["postgres", "kafka"])
async def test_a_store_that_is_killed_and_comes_back_costs_nothing_but_time(bench: Bench, store: str) -> None:
    process = await bench.start()
    await ready(bench)
    cases = await work(bench)
    part = bench.stack.process(store)
    before = part.pid
    part.kill()
    while part.pid in (before, None) or not part.ready:
        await asyncio.sleep(0.1)
    await bench.reconnect()
    back = time.monotonic()
    extra = [uuid4() for _ in range(3)]
    await bench.feed(extra, [1, 1, 1])
    assert await bench.until("SELECT count(*) FROM tally WHERE total = 1", 3, 30) == 3
    assert time.monotonic() - back < 30
    assert process.returncode is None, "the process gave up"
    await bench.owner.execute(f'DELETE FROM "{bench.name}".tally WHERE case_id = ANY($1)', extra)
    await verdict(bench, cases)


async def test_a_zombie_that_wakes_after_its_successor_changes_nothing(bench: Bench) -> None:
    zombie = await bench.start(failpoint="after_load=stop@2", SALUR_BATCH_RECORDS="40")
    cases = await work(bench)
    await asyncio.sleep(6)  # the hung transaction is ended after three seconds, and its heads are free
    successor = await bench.start(SALUR_COUNTING_PORT=str(bench.port + 1))
    await verdict(bench, cases)
    zombie.send_signal(signal.SIGCONT)
    await asyncio.sleep(3)
    await verdict(bench, cases)
    await bench.stop(successor)


async def test_two_replicas_share_the_work_and_keep_every_cases_order(bench: Bench) -> None:
    first = await bench.start(1)
    second = await bench.start(2)
    await ready(bench, 1)
    await ready(bench, 2)
    cases = await work(bench)
    await verdict(bench, cases)
    async with httpx.AsyncClient() as http:
        shares = []
        for port in (bench.port, bench.port + 100):
            text = (await http.get(f"http://127.0.0.1:{port}/metrics")).text
            shares.append(sum(float(line.split()[-1]) for line in text.splitlines() if line.startswith("salur_events_total") and '"ok"' in line))
    assert min(shares) > 0, f"one replica did everything: {shares}"
    assert [await bench.stop(first), await bench.stop(second)] == [0, 0]


async def test_a_graceful_stop_repeats_nothing(bench: Bench) -> None:
    process = await bench.start()
    await ready(bench)
    cases = await work(bench)
    assert await bench.stop(process) == 0
    await bench.start()
    await verdict(bench, cases)
    said = await bench.said()
    assert len({event["id"] for event in said}) == len(said), "a graceful stop published something twice"
