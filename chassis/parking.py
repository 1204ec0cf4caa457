"""What is kept aside: parked inputs that operators redrive or discard, and held ones whose time of waiting runs out."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from asyncpg import Record

from chassis.carry import Carrier
from chassis.item import Item, Unreadable, Work
from chassis.postgres import borrow

SWEEP_SECONDS: Final = 0.5

_LIST: Final = """
SELECT id, topic, partition, "offset", case_id, reason, detail, at FROM kept WHERE state = 'parked' ORDER BY place LIMIT $1"""
_ONE: Final = 'SELECT id, topic, partition, "offset", stamp, case_id, state, reason, detail, at FROM kept WHERE id = $1'
_BEHIND: Final = """
SELECT id, case_id, sealed, claimed FROM kept
WHERE state = 'parked' AND (id = $1 OR case_id = (SELECT case_id FROM kept WHERE id = $1)) ORDER BY place"""
_DISCARD: Final = "UPDATE kept SET state = 'discarded' WHERE id = $1 AND state = 'parked' RETURNING case_id"
_UNBLOCK: Final = """
UPDATE head SET blocked_by = (SELECT id FROM kept WHERE state = 'parked' AND case_id = $1 ORDER BY place LIMIT 1) WHERE case_id = $1"""
_HELD: Final = "SELECT place, case_id, sealed, until FROM held WHERE until < $1 OR case_id IS NULL ORDER BY place LIMIT 500"
AGES: Final = """
SELECT coalesce((SELECT extract(epoch FROM clock_timestamp() - min(at)) FROM kept WHERE state = 'parked'), 0)::float AS parked,
       coalesce((SELECT extract(epoch FROM clock_timestamp() - min(until)) + 60 FROM held), 0)::float AS held"""
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
    """Take up a parked input and, in order, what is parked behind it; return what became of it, None when it is not there.

    What fails again stays parked and blocks its case as before. Live events of the case wait on its head meanwhile.
    """
    async with borrow(carrier.pool) as connection:
        rows = await connection.fetch(_BEHIND, kept_id)
    work = Work()
    for row in rows:
        read = carrier.reopen(row["sealed"])
        read.kept_id = row["id"]
        if isinstance(read, Item):
            read.claimed = row["claimed"]
            read.case_id = row["case_id"] if row["claimed"] else read.case_id
            work.items.append(read)
        else:
            work.unreadable.append(read)
    await carrier.carry(work)
    return await one(carrier, kept_id)


async def discard(carrier: Carrier, kept_id: UUID) -> bool:
    """Give a parked input up; its bytes stay, its case goes on to the next one parked. Returns whether it was parked."""
    async with borrow(carrier.pool) as connection, connection.transaction():
        case_id = await connection.fetchval("SELECT case_id FROM kept WHERE id = $1", kept_id)
        if case_id is not None:
            await connection.execute("SELECT FROM head WHERE case_id = $1 FOR UPDATE", case_id)
        found = await connection.fetchrow(_DISCARD, kept_id)
        if case_id is not None:
            await connection.execute(_UNBLOCK, case_id)
        return found is not None


async def sweep(carrier: Carrier) -> None:
    """Bring held inputs to their end whose time is over or whose case is known by now, until cancelled; raises AwayError."""
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        async with borrow(carrier.pool) as connection:
            rows = await connection.fetch(_HELD, datetime.now(UTC))
        items = [item for row in rows if (item := _held_item(carrier, row)) is not None]
        if items:
            await carrier.carry(Work(items))


def _held_item(carrier: Carrier, row: Record) -> Item | None:
    read: Item | Unreadable = carrier.reopen(row["sealed"])
    if not isinstance(read, Item):
        return None
    read.case_id, read.claimed, read.held = row["case_id"], True, row["place"]
    read.expired = row["until"] < datetime.now(UTC)
    return read


def describe(row: Record) -> dict[str, Any]:
    """Return a kept input as operators see it."""
    shown = {name: row[name] for name in ("id", "topic", "partition", "offset", "case_id", "reason", "detail", "at")}
    with contextlib.suppress(KeyError):
        shown["state"] = row["state"]
    return shown
