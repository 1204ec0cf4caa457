"""What grows with every event is forgotten when nobody can need it any more: not before, in small steps, beside live traffic."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis import forgetting
from chassis.carry import Carrier
from chassis.forgetting import Spans, one_round
from chassis.item import Item, Origin, Raw, Work
from schemas.ids import caused_id
from tests.chassis import counting
from tests.chassis.conftest import Bench, order_event, own_event

DAYS = Spans(ids=timedelta(days=400), replay=timedelta(days=90), bytes=timedelta(days=30))
NOW = datetime.now(UTC)


async def forget(bench: Bench, spans: Spans = DAYS) -> list[int]:
    carrier = await bench.carrier()
    touched = [rows async for rows in one_round(carrier.pool, spans)]
    carrier.pool.terminate()
    return touched


async def clock(bench: Bench, *, since: timedelta, speed: float = 1.0) -> None:
    """Let the clock have been set so long ago; Salur time is real time at its beginning."""
    await bench.owner.execute("UPDATE salur.clock SET salur = now() - $1::interval, database = now() - $1::interval, speed = $2", since, speed)


@pytest.fixture(autouse=True)
async def _clock(bench: Bench) -> Any:
    before = await bench.owner.fetchrow("SELECT salur, database, speed FROM salur.clock")
    await clock(bench, since=timedelta(days=1000))
    yield
    assert before is not None
    await bench.owner.execute("UPDATE salur.clock SET salur = $1, database = $2, speed = $3", *before)


async def put_ids(bench: Bench, *days: float) -> None:
    await bench.owner.executemany(
        f'INSERT INTO "{bench.name}".inbox (source, id, digest, topic, partition, "offset", stamp, at) '
        f"VALUES ('s', $1, '', 't', 0, 0, 0, now() - $2 * interval '1 day')",
        [(str(age), age) for age in days],
    )


async def put_kept(bench: Bench, state: str, *days: float) -> None:
    await bench.owner.executemany(
        f'INSERT INTO "{bench.name}".kept (id, topic, partition, "offset", stamp, state, reason, sealed, at) '
        f"VALUES ($1, $2, 0, $3, 0, $2, '', 'bytes', now() - $4 * interval '1 day')",
        [(uuid4(), state, number, age) for number, age in enumerate(days)],
    )


async def put_seen(bench: Bench, *times: datetime) -> list[UUID]:
    ids = [caused_id(str(number), "x", time) for number, time in enumerate(times)]
    await bench.owner.executemany(f'INSERT INTO "{bench.name}".seen VALUES ($1)', [(id_,) for id_ in ids])
    return ids


async def seen(bench: Bench) -> list[UUID]:
    return [row["event_id"] for row in await bench.query("SELECT event_id FROM seen ORDER BY event_id")]


async def test_an_id_is_known_for_400_days(bench: Bench) -> None:
    await put_ids(bench, 0, 399.9, 400.1, 4000)
    await forget(bench)
    assert {row["id"] for row in await bench.query("SELECT id FROM inbox")} == {"0", "399.9"}


async def test_bytes_go_before_positions_and_what_is_parked_stays(bench: Bench) -> None:
    for state in ("parked", "rejected", "duplicate", "redriven", "discarded"):
        await put_kept(bench, state, 29, 31, 89, 91)
    await forget(bench)
    rows = await bench.query('SELECT state, "offset", sealed IS NOT NULL AS bytes FROM kept ORDER BY state, "offset"')
    found: dict[str, list[tuple[int, bool]]] = {}
    for row in rows:
        found.setdefault(row["state"], []).append((row["offset"], row["bytes"]))
    settled = [(0, True), (1, False), (2, False)]
    kept = [(0, True), (1, True), (2, True)]
    assert found == {"parked": [*kept, (3, True)], "rejected": settled, "discarded": settled, "duplicate": kept, "redriven": kept}


async def test_events_of_our_own_are_known_for_as_long_as_they_can_come_again(bench: Bench) -> None:
    *young, _, _ = await put_seen(bench, NOW, NOW - timedelta(days=89), NOW - timedelta(days=91), NOW - timedelta(days=999))
    await forget(bench)
    assert set(await seen(bench)) == set(young)


async def test_under_a_fast_clock_days_are_real(bench: Bench) -> None:
    """At a thousand times the speed, what is 91 Salur days old came two hours ago, and Kafka has it still."""
    await clock(bench, since=timedelta(days=95), speed=1000)
    began = NOW - timedelta(days=95)
    ids = await put_seen(bench, began, began + timedelta(days=4 * 1000), began + timedelta(days=6 * 1000), began + timedelta(days=94.9 * 1000))
    await forget(bench)
    assert await seen(bench) == ids[2:]


async def test_what_came_before_the_clock_was_set_is_not_judged_by_it(bench: Bench) -> None:
    await clock(bench, since=timedelta(days=89))
    ids = await put_seen(bench, NOW - timedelta(days=3000), NOW)
    await forget(bench)
    assert await seen(bench) == ids
    await clock(bench, since=timedelta(days=91))
    await forget(bench)
    assert await seen(bench) == ids[1:]


async def test_a_large_table_is_walked_in_small_steps_without_an_index(bench: Bench) -> None:
    await bench.owner.execute(
        f'INSERT INTO "{bench.name}".inbox (source, id, digest, topic, partition, "offset", stamp, at) '
        "SELECT 's', n::text, repeat('x', 16)::bytea, 'salur.submissions', 0, n, n, now() - n % 2 * interval '500 days' "
        "FROM generate_series(1, 50000) n"
    )
    await put_seen(bench, *(NOW - timedelta(days=200, seconds=number) for number in range(5000)))
    touched = await forget(bench)
    assert sum(touched) == 30_000
    assert max(touched) <= 64 * 120, "rows on 64 pages of 8 KiB"
    assert len(touched) > 10
    values = {"$1": "'(0,0)'", "$2": "'(64,0)'", "$3": "now()"}
    sql = forgetting._IDS
    for name, value in values.items():
        sql = sql.replace(name, value)
    assert "Tid Range Scan" in str(await bench.query(f"EXPLAIN {sql}"))
    assert len(await bench.query("SELECT FROM inbox")) == 25_000
    assert await forget(bench, DAYS) != touched


async def test_a_forgotten_id_may_be_used_again_and_one_that_is_known_may_not(bench: Bench) -> None:
    carrier, case = await bench.carrier(), uuid4()
    await carry(carrier, bench, case, "one", 1)
    await forget(bench)
    assert (await carry(carrier, bench, case, "one", 2)) == "duplicate"
    await bench.owner.execute(f"UPDATE \"{bench.name}\".inbox SET at = now() - interval '401 days'")
    await forget(bench)
    assert (await carry(carrier, bench, case, "one", 3)) == "accepted"
    carrier.pool.terminate()


async def test_live_traffic_goes_on_while_much_is_forgotten(bench: Bench) -> None:
    """Ten thousand old rows go while orders come in under ids that are being forgotten: each is taken or known, none fails."""
    carrier, case = await bench.carrier(), uuid4()
    await carry(carrier, bench, case, "first", 1)
    await bench.owner.execute(
        f'INSERT INTO "{bench.name}".inbox (source, id, digest, topic, partition, "offset", stamp, at) '
        "SELECT 'urn:test', n::text, '', 'x', 0, n, n, now() - interval '500 days' FROM generate_series(1, 10000) n"
    )

    async def walk() -> None:
        async for _ in one_round(carrier.pool, DAYS):
            await asyncio.sleep(0)

    walking = asyncio.create_task(walk())
    told = [await carry(carrier, bench, case, str(number * 331 % 10_000), number) for number in range(100, 130)]
    await walking
    assert set(told) <= {"accepted", "rejected"}
    assert await carry(carrier, bench, case, "77", 9999) == "accepted"
    carrier.pool.terminate()


async def carry(carrier: Carrier, bench: Bench, case: UUID, id_: str, offset: int) -> str:
    """Hand an order in over HTTP's path, beside an event that makes its case known; returns the outcome."""
    feed, _, _ = counting.topics(bench.name)
    event = own_event(case, {"case_id": str(case), "number": 1})
    known = carrier.decoder(Raw(feed, 0, offset, 0, None, json.dumps(event).encode()), NOW)  # type: ignore[arg-type]
    read = carrier.decoder.inbound(Raw("http:/x", 0, offset, 0, None, order_event(case, 5, id_)), NOW, Origin.HTTP)
    assert isinstance(known, Item)
    assert isinstance(read, Item)
    read.reply = asyncio.get_running_loop().create_future()
    await carrier.carry(Work([known, read]))
    return (await read.reply).answer.outcome
