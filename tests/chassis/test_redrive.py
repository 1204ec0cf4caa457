"""Redriving while everything else goes on: live events, other operators, another replica, and kill -9 in the middle."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from uuid import UUID, uuid4

import httpx
import pytest

from chassis.failpoints import Point
from tests.chassis.conftest import Bench, order_event

STEPS = (Point.AFTER_CLAIM, Point.AFTER_SAVE, Point.AFTER_COMMIT)


async def park(bench: Bench, case: UUID, events: int, orders: int) -> None:
    """Park so many events and orders of a case behind a first one that fails."""
    await bench.feed([case], [1])
    assert await bench.until("SELECT count(*) FROM tally", 1) == 1
    await bench.feed([case], [2], boom=True)
    assert await bench.until("SELECT count(*) FROM kept WHERE state = 'parked'", 1) == 1
    await bench.feed([case] * (events - 1), range(3, events + 2))
    for number in range(orders):
        await bench.order(order_event(case, 1000 + number, f"order-{number}"))
    assert await bench.until("SELECT count(*) FROM kept WHERE state = 'parked'", events + orders) == events + orders
    (bench.folder / "mended").touch()


async def redrive_all(bench: Bench, seconds: float = 30) -> None:
    """Redrive what is parked until nothing is."""
    limit = asyncio.get_running_loop().time() + seconds
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{bench.port}", timeout=60) as http:
        while parked := (await http.get("/ops/v1/parked")).json()["parked"]:
            assert asyncio.get_running_loop().time() < limit
            await http.post(f"/ops/v1/parked/{parked[0]['id']}:redrive")


async def ready(bench: Bench, port: int) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        for _ in range(400):
            try:
                if (await http.get("/readyz")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.05)
    raise AssertionError("it did not become ready")


async def answers(bench: Bench, count: int) -> dict[str, list[str]]:
    """Return the outcomes told by the received id, copies of one receipt once."""
    told: dict[str, dict[str, str]] = defaultdict(dict)
    for receipt in await bench.receipts(count):
        told[receipt["data"]["received_id"]][receipt["id"]] = receipt["data"]["outcome"]
    return {id_: list(receipts.values()) for id_, receipts in told.items()}


async def seen(bench: Bench, case: UUID) -> tuple[list[int], list[int]]:
    """Return the numbers of events and those of orders, in the order in which they were counted."""
    (row,) = await bench.query("SELECT seen FROM tally WHERE case_id = $1", case)
    return [number for number in row["seen"] if number < 1000], [number for number in row["seen"] if number >= 1000]


@pytest.mark.parametrize("point", STEPS)
async def test_a_kill_in_the_middle_of_a_redrive_loses_nothing_and_doubles_nothing(bench: Bench, point: Point) -> None:
    first, case = await bench.start(), uuid4()
    await park(bench, case, 8, 6)
    await bench.stop(first)
    failing = await bench.start(failpoint=f"{point}=kill@5")
    await ready(bench, bench.port)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{bench.port}", timeout=60) as http:
        parked = (await http.get("/ops/v1/parked")).json()["parked"]
        with pytest.raises(httpx.TransportError):
            await http.post(f"/ops/v1/parked/{parked[0]['id']}:redrive")
    assert await asyncio.wait_for(failing.wait(), 10) == -9
    assert 0 < (await bench.query("SELECT count(*) FROM kept WHERE state = 'parked'"))[0][0] < 14
    await bench.start()
    await ready(bench, bench.port)
    await redrive_all(bench)
    assert await seen(bench, case) == (list(range(1, 10)), list(range(1000, 1006)))
    assert await answers(bench, 12) == {f"order-{number}": ["parked", "accepted"] for number in range(6)}
    assert (await bench.query("SELECT count(*) FROM head WHERE blocked_by IS NOT NULL"))[0][0] == 0


async def test_many_operators_redrive_at_once_over_two_replicas_while_the_case_goes_on(bench: Bench) -> None:
    await asyncio.gather(bench.start(), bench.start(replica=2))
    await asyncio.gather(ready(bench, bench.port), ready(bench, bench.port + 100))
    case = uuid4()
    await park(bench, case, 20, 10)
    parked = [row["id"] for row in await bench.query("SELECT id FROM kept WHERE state = 'parked' ORDER BY place")]

    async def live() -> None:
        for number in range(22, 72):
            await bench.feed([case], [number])
            await bench.order(order_event(case, 988 + number, f"order-{number - 12}"))

    urls = [f"http://127.0.0.1:{bench.port + 100 * (n % 2)}/ops/v1/parked/{id_}:redrive" for n, id_ in enumerate([parked[0]] * 6 + parked[::7])]
    async with httpx.AsyncClient(timeout=60, limits=httpx.Limits(max_connections=20)) as http:
        *told, _ = await asyncio.gather(*(http.post(url) for url in urls), live())
    assert {answer.status_code for answer in told} == {200}
    await redrive_all(bench)
    assert await bench.until("SELECT coalesce(sum(cardinality(seen)), 0) FROM tally", 71 + 60) == 71 + 60
    assert await seen(bench, case) == (list(range(1, 72)), list(range(1000, 1060)))
    found = await answers(bench, 70)
    assert {id_: found[id_] for id_ in (f"order-{n}" for n in range(10))} == {f"order-{n}": ["parked", "accepted"] for n in range(10)}
    assert {tuple(found[f"order-{n}"]) for n in range(10, 60)} <= {("accepted",), ("parked", "accepted")}


async def test_the_gauge_of_what_is_parked_is_right_as_soon_as_the_operator_is_told(bench: Bench) -> None:
    await bench.start()
    await park(bench, uuid4(), 3, 0)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{bench.port}", timeout=20) as http:

        async def gauge() -> dict[str, float]:
            lines = [line for line in (await http.get("/metrics")).text.splitlines() if line.startswith("salur_parked_current{")]
            return {line.split('reason="')[1].split('"')[0]: float(line.split()[-1]) for line in lines}

        for _ in range(100):
            if (await gauge())["queued_behind"] == 2:
                break
            await asyncio.sleep(0.1)
        assert await gauge() == {"internal_error": 1, "queued_behind": 2, "undecodable": 0, "unsupported_version": 0}
        parked = (await http.get("/ops/v1/parked")).json()["parked"]
        await http.post(f"/ops/v1/parked/{parked[0]['id']}:discard")
        assert await gauge() == {"internal_error": 0, "queued_behind": 2, "undecodable": 0, "unsupported_version": 0}
        await http.post(f"/ops/v1/parked/{parked[1]['id']}:redrive")
        assert set((await gauge()).values()) == {0}


async def test_a_discarded_order_has_a_final_receipt_and_its_record_stays_silent(bench: Bench) -> None:
    await bench.start()
    case = uuid4()
    await bench.feed([case], [1])
    assert await bench.until("SELECT count(*) FROM tally", 1) == 1
    await bench.order(order_event(case, 2, "given-up", boom=True))
    assert await bench.until("SELECT count(*) FROM kept WHERE state = 'parked'", 1) == 1
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{bench.port}") as http:
        (parked,) = (await http.get("/ops/v1/parked")).json()["parked"]
        assert (await http.post(f"/ops/v1/parked/{parked['id']}:discard")).json()["state"] == "discarded"
        assert (await http.post(f"/ops/v1/parked/{parked['id']}:discard")).status_code == 404
    first, final = await bench.receipts(2)
    assert [(receipt["data"]["outcome"], receipt["data"]["code"]) for receipt in (first, final)] == [
        ("parked", "internal_error"),
        ("rejected", "internal_error"),
    ]
    assert {name: first["data"][name] for name in ("received_id", "topic", "partition", "offset")} == {
        name: final["data"][name] for name in ("received_id", "topic", "partition", "offset")
    }
    assert first["id"] != final["id"]
