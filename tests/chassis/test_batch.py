"""A batch costs the same few statements whatever its size, and what was said stays verifiable and unchangeable."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from chassis.carry import Carrier
from chassis.draft import Draft
from chassis.item import Item, Origin, Raw, Reply, Work
from chassis.postgres import AwayError
from chassis.saying import link
from deploy.local.postgres import superuser_url
from tests.chassis import counting
from tests.chassis.conftest import Bench, order_event, own_event


def item(carrier: Carrier, bench: Bench, case: UUID, number: int, **more: Any) -> Item:
    feed = counting.topics(bench.name)[0]
    event = own_event(case, {"case_id": str(case), "number": number, **more})
    read = carrier.decoder(Raw(feed, 0, number, 0, None, json.dumps(event).encode()), datetime.now(UTC))
    assert isinstance(read, Item)
    return read


async def statements(carrier: Carrier, work: Work) -> int:
    """Return how many statements the batch took, as the driver saw them."""
    seen = 0

    def count(_query: Any) -> None:
        nonlocal seen
        seen += 1

    async with carrier.pool.acquire() as connection:
        connection.add_query_logger(count)
    try:
        await carrier.carry(work)
    finally:
        async with carrier.pool.acquire() as connection:
            connection.remove_query_logger(count)
    return seen


async def test_the_number_of_statements_does_not_grow_with_the_batch(bench: Bench) -> None:
    carrier = await bench.carrier(size=1)
    await carrier.carry(Work([item(carrier, bench, uuid4(), 1, alarm_ms=5, note="x")]))  # the driver learns the types
    taken = []
    for size in (1, 10, 500):
        cases = [uuid4() for _ in range(max(1, size // 3))]
        taken.append(await statements(carrier, Work([item(carrier, bench, cases[n % len(cases)], n, alarm_ms=5, note="x") for n in range(size)])))
    carrier.pool.terminate()
    assert taken == [5, 5, 5], "BEGIN, claim with locks, load, save, COMMIT; the history's COPY is one more, unseen here"


async def test_the_chain_of_a_case_verifies_from_what_is_stored_without_its_data(bench: Bench) -> None:
    carrier = await bench.carrier()
    cases = [uuid4(), uuid4()]
    await carrier.carry(Work([item(carrier, bench, cases[n % 2], n) for n in range(20)]))
    await carrier.carry(Work([item(carrier, bench, cases[n % 2], n) for n in range(20)]))
    heads = {row["case_id"]: row["chain"] for row in await bench.query("SELECT case_id, chain FROM head")}
    chains: dict[UUID, bytes] = defaultdict(bytes)
    for row in await bench.query("SELECT case_id, sequence, header, proof FROM event ORDER BY case_id, sequence"):
        chains[row["case_id"]] = link(chains[row["case_id"]], row["header"], row["proof"][:32])
        assert chains[row["case_id"]] == row["proof"][32:]
    assert chains == heads
    carrier.pool.terminate()


async def test_a_service_can_neither_change_nor_delete_what_it_said(bench: Bench) -> None:
    carrier = await bench.carrier()
    await carrier.carry(Work([item(carrier, bench, uuid4(), 1)]))
    async with carrier.pool.acquire() as connection:
        for statement in ("UPDATE event SET body = NULL", "DELETE FROM event", "TRUNCATE event", "UPDATE salur.clock SET speed = 2"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
    carrier.pool.terminate()


async def test_two_writers_of_one_case_lose_no_update(bench: Bench) -> None:
    carriers = [await bench.carrier(), await bench.carrier()]
    cases = [uuid4() for _ in range(5)]

    async def many(carrier: Carrier, first: int) -> None:
        for n in range(first, first + 1000, 10):
            await carrier.carry(Work([item(carrier, bench, cases[(n + k) % 5], n + k) for k in range(10)]))

    await asyncio.gather(many(carriers[0], 0), many(carriers[1], 10_000))
    rows = await bench.query("SELECT t.total, t.seen, h.sequence FROM tally t JOIN head h USING (case_id)")
    assert sum(len(row["seen"]) for row in rows) == 2000
    assert all(row["total"] == sum(row["seen"]) and row["sequence"] == len(row["seen"]) for row in rows)
    for carrier in carriers:
        carrier.pool.terminate()


async def test_a_batch_whose_commit_was_not_heard_of_is_carried_again_without_effect(bench: Bench) -> None:
    drafts: list[Draft] = []
    carrier = await bench.carrier(committed=drafts.append)
    case = uuid4()
    items = [item(carrier, bench, case, n) for n in range(30)]
    request = http_item(carrier, case, 99)
    await carrier.carry(Work([*items, request]))
    first = await asyncio.wait_for(future(request), 1)
    request.reply = asyncio.get_running_loop().create_future()
    await carrier.carry(Work([*items, request]))
    again = await asyncio.wait_for(future(request), 1)
    assert (first.answer, first.case_id) == (again.answer, again.case_id)
    assert [len(draft.events) for draft in drafts] == [31, 0]
    carrier.pool.terminate()


def future(request: Item) -> asyncio.Future[Reply]:
    assert request.reply is not None
    return request.reply


def http_item(carrier: Carrier, case: UUID, number: int) -> Item:
    raw = Raw("http:/test", 0, number, 0, None, order_event(case, number))
    read = carrier.decoder.inbound(raw, datetime.now(UTC), Origin.HTTP)
    assert isinstance(read, Item)
    read.reply = asyncio.get_running_loop().create_future()
    return read


async def test_copies_within_one_batch_are_answered_as_duplicates(bench: Bench) -> None:
    carrier = await bench.carrier()
    case = uuid4()
    await carrier.carry(Work([item(carrier, bench, case, 1)]))
    orders = counting.topics(bench.name)[1]
    value = order_event(case, 5, "same")
    copies: Sequence[Any] = [carrier.decoder.inbound(Raw(orders, 0, n, n, None, value), datetime.now(UTC)) for n in range(500)]
    await carrier.carry(Work(list(copies)))
    receipts = [json.loads(value)["data"]["outcome"] for value in await bench.whole()]
    assert receipts == ["accepted", *["duplicate"] * 499]
    again: Sequence[Any] = [carrier.decoder.inbound(Raw(orders, 0, n, n, None, value), datetime.now(UTC)) for n in range(500)]
    await carrier.carry(Work(list(again)))
    assert len(await bench.whole()) == 500, "a redelivered record gets no second receipt"
    carrier.pool.terminate()


async def test_a_connection_lost_in_the_middle_is_away_and_the_same_batch_goes_through_later(bench: Bench) -> None:
    carrier = await bench.carrier(size=1)
    work = Work([item(carrier, bench, uuid4(), 1)])
    async with carrier.pool.acquire() as connection:
        pid = connection.get_server_pid()
    superuser = await asyncpg.connect(superuser_url(bench.stack.settings), database="salur")
    async with superuser.transaction():
        await superuser.execute(f'LOCK TABLE "{bench.name}".tally')
        carrying = asyncio.create_task(carrier.carry(work))
        await asyncio.sleep(0.3)
        await superuser.execute("SELECT pg_terminate_backend($1)", pid)
        with pytest.raises(AwayError):
            await carrying
    await superuser.close()
    await carrier.carry(work)
    assert len(await bench.query("SELECT FROM tally")) == 1
    carrier.pool.terminate()
