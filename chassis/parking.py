"""What is kept aside: parked inputs that operators redrive or discard, and held ones whose time of waiting runs out."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final
from uuid import UUID, uuid4

from asyncpg import Record

from chassis.carry import Carrier
from chassis.claim import Claimed, claim
from chassis.item import Item, Origin, Unreadable, Work
from chassis.postgres import Connection, borrow
from schemas.base import Draw

SWEEP_SECONDS: Final = 0.5

_LIST: Final = """
SELECT id, topic, partition, "offset", case_id, reason, detail, at FROM kept WHERE state = 'parked' ORDER BY place LIMIT $1"""
_ONE: Final = 'SELECT id, topic, partition, "offset", stamp, case_id, state, reason, detail, at FROM kept WHERE id = $1'
_FIRST: Final = """
SELECT id, case_id, tracking, sealed, claimed FROM kept
WHERE state = 'parked' AND (id = $1 OR case_id = (SELECT case_id FROM kept WHERE id = $1)) ORDER BY place LIMIT 2"""
_FREE: Final = """
DELETE FROM inbox WHERE source = $1 AND id = $2 AND topic = $3 AND partition = $4 AND "offset" = $5 AND stamp = $6"""
_DISCARD: Final = "UPDATE kept SET state = 'discarded' WHERE id = $1 AND state = 'parked' RETURNING case_id"
_UNBLOCK: Final = """
UPDATE head SET blocked_by = (SELECT id FROM kept WHERE state = 'parked' AND case_id = $1 ORDER BY place LIMIT 1) WHERE case_id = $1"""
_HELD: Final = "SELECT place, case_id, sealed, until FROM held WHERE until < $1 OR case_id IS NULL ORDER BY place LIMIT 500"
_SHELVE: Final = """
WITH gone AS (DELETE FROM held WHERE place = $1 RETURNING case_id, sealed)
INSERT INTO kept (id, topic, partition, "offset", stamp, case_id, state, reason, sealed, claimed)
SELECT $2, $3, $4, $5, $6, case_id, 'parked', $7, sealed, true FROM gone ON CONFLICT DO NOTHING"""
AGES: Final = """
SELECT coalesce((SELECT extract(epoch FROM clock_timestamp() - min(at)) FROM kept WHERE state = 'parked'), 0)::float AS parked,
       coalesce((SELECT extract(epoch FROM clock_timestamp() - min(at)) FROM held), 0)::float AS held"""
_COUNTS: Final = "SELECT reason, count(*) AS number, min(at) AS since FROM kept WHERE state = 'parked' GROUP BY reason"


async def parked(carrier: Carrier, limit: int) -> list[Record]:
    """Return what is parked, the oldest first; never the bytes."""
    async with borrow(carrier.pool) as connection:
        return list(await connection.fetch(_LIST, limit))


async def counts(carrier: Carrier) -> list[Record]:
    """Return how much is parked by reason, and since when."""
    async with borrow(carrier.pool) as connection:
        return list(await connection.fetch(_COUNTS))


async def one(carrier: Carrier, kept_id: UUID) -> Record | None:
    """Return one kept input, parked or not."""
    async with borrow(carrier.pool) as connection:
        return await connection.fetchrow(_ONE, kept_id)


async def redrive(carrier: Carrier, kept_id: UUID) -> Record | None:
    """Take up a parked input, with all that is parked of its case, in order; return what became of it, None when it is not there.

    One transaction each, under the case's head: what comes in meanwhile is parked behind, until nothing is parked any more. What
    fails again stays parked, and what is behind it too.
    """
    asked = await one(carrier, kept_id)
    while asked is not None and asked["state"] == "parked":
        async with borrow(carrier.pool) as connection:
            rows = await connection.fetch(_FIRST, kept_id)
        if not rows:
            break
        read = _reopened(carrier, rows[0])
        work = Work([read]) if isinstance(read, Item) else Work([], [read])
        await carrier.carry(work, partial(_claim_parked, rows[0]["id"], rows[0]["case_id"]))
        done = await one(carrier, rows[0]["id"])
        if done is None or done["state"] == "parked" or done["case_id"] is None:
            break
        kept_id = rows[1]["id"] if len(rows) > 1 else kept_id
    return await one(carrier, asked["id"]) if asked is not None else None


def _reopened(carrier: Carrier, row: Record) -> Item | Unreadable:
    """Read a parked input as what it was when it was claimed: the same case, the same drawn ids."""
    read = carrier.reopen(row["sealed"])
    read.kept_id = row["id"]
    if isinstance(read, Item) and row["claimed"]:
        read.claimed, read.case_id = True, row["case_id"]
        if read.draw is not None:
            read.draw = Draw(row["case_id"], row["tracking"])
            read.event = read.event._replace(tracking=row["tracking"])
    return read


async def _claim_parked(kept_id: UUID, case_id: UUID | None, connection: Connection, work: Work) -> Claimed:
    """Lock the case, then see that this is still what is parked first of it, and what is parked behind."""
    if case_id is not None:
        await connection.execute("SELECT FROM head WHERE case_id = $1 FOR UPDATE", case_id)
    rows = await connection.fetch(_FIRST, kept_id)
    if not rows or rows[0]["id"] != kept_id:
        return Claimed()
    for item in work.items:
        item.behind = rows[1]["id"] if len(rows) > 1 else None
    return await claim(connection, work)


async def discard(carrier: Carrier, kept_id: UUID) -> bool:
    """Give a parked input up: its bytes stay, its id is free again, its case goes on to the next one parked.

    Returns whether it was parked.
    """
    async with borrow(carrier.pool) as connection, connection.transaction():
        row = await connection.fetchrow("SELECT case_id, sealed FROM kept WHERE id = $1", kept_id)
        if row is None:
            return False
        if row["case_id"] is not None:
            await connection.execute("SELECT FROM head WHERE case_id = $1 FOR UPDATE", row["case_id"])
        found = await connection.fetchrow(_DISCARD, kept_id)
        if found is not None:
            read = carrier.reopen(row["sealed"])
            if isinstance(read, Item) and read.origin is Origin.INBOUND and read.raw is not None:
                raw = read.raw
                await connection.execute(_FREE, read.event.source, read.event.id, raw.topic, raw.partition, raw.offset, raw.timestamp)
        if row["case_id"] is not None:
            await connection.execute(_UNBLOCK, row["case_id"])
        return found is not None


async def sweep(carrier: Carrier) -> None:
    """Bring held inputs to their end whose time is over or whose case is known by now, until cancelled; raises AwayError."""
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        async with borrow(carrier.pool) as connection:
            rows = await connection.fetch(_HELD, datetime.now(UTC))
        items = []
        for row in rows:
            read = carrier.reopen(row["sealed"])
            if isinstance(read, Item):
                read.case_id, read.claimed, read.held = row["case_id"], True, row["place"]
                read.expired = row["until"] < datetime.now(UTC)
                items.append(read)
            else:
                await _shelve(carrier, row, read)
        if items:
            await carrier.carry(Work(items))


async def _shelve(carrier: Carrier, row: Record, read: Unreadable) -> None:
    """Park what was held and cannot be read any more, for another version reads it or an operator discards it."""
    raw = read.raw
    async with borrow(carrier.pool) as connection:
        await connection.execute(_SHELVE, row["place"], uuid4(), raw.topic, raw.partition, raw.offset, raw.timestamp, read.answer.code)


def describe(row: Record) -> dict[str, Any]:
    """Return a kept input as operators see it."""
    shown = {name: row[name] for name in ("id", "topic", "partition", "offset", "case_id", "reason", "detail", "at")}
    with contextlib.suppress(KeyError):
        shown["state"] = row["state"]
    return shown
