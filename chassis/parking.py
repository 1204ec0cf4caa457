"""What is kept aside: parked inputs that operators redrive or discard, and held ones whose time of waiting runs out."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

from asyncpg import Record

from chassis.carry import Carrier
from chassis.claim import Claimed, claim
from chassis.giving_up import instead
from chassis.item import Item, Unreadable, Work, position
from chassis.metrics import REASONS
from chassis.postgres import Connection, borrow
from schemas.base import Answer, Draw, GivenUp, Problem

SWEEP_SECONDS: Final = 0.5

_LIST: Final = """
SELECT id, topic, partition, "offset", case_id, reason, detail, at FROM kept WHERE state = 'parked' ORDER BY place LIMIT $1"""
_ONE: Final = 'SELECT id, topic, partition, "offset", stamp, case_id, state, reason, detail, at FROM kept WHERE id = $1'
_FIRST: Final = """
SELECT id, case_id, tracking, reason, sealed, claimed FROM kept
WHERE state = 'parked' AND (id = $1 OR case_id = (SELECT case_id FROM kept WHERE id = $1)) ORDER BY place LIMIT 2"""
_BEHIND: Final = """
SELECT id FROM kept WHERE state = 'parked' AND id <> $1 AND case_id = (SELECT case_id FROM kept WHERE id = $1) ORDER BY place LIMIT 1"""
_PARKED: Final = "SELECT id, case_id, tracking, reason, sealed, claimed FROM kept WHERE id = $1 AND state = 'parked'"
_LOCK: Final = "SELECT blocked_by FROM head WHERE case_id = $1 FOR UPDATE"
_LOCK_ROW: Final = "SELECT true FROM kept WHERE id = $1 AND state = 'parked' FOR UPDATE"
_SETTLE: Final = "UPDATE kept SET state = 'redriven', reason = 'redriven', sealed = NULL WHERE id = $1"
_FREE: Final = """
DELETE FROM inbox WHERE source = $1 AND id = $2 AND topic = $3 AND partition = $4 AND "offset" = $5 AND stamp = $6"""
_UNBLOCK: Final = """
UPDATE head SET blocked_by = (SELECT id FROM kept WHERE state = 'parked' AND case_id = $1 AND id <> $2 ORDER BY place LIMIT 1)
WHERE case_id = $1 AND blocked_by = $2"""
_HELD: Final = "SELECT place, case_id, sealed, until FROM held WHERE until < $1 OR case_id IS NULL ORDER BY place LIMIT 500"
AGES: Final = """
SELECT coalesce((SELECT extract(epoch FROM clock_timestamp() - min(at)) FROM kept WHERE state = 'parked'), 0)::float AS parked,
       coalesce((SELECT extract(epoch FROM clock_timestamp() - min(at)) FROM held), 0)::float AS held"""
_COUNTS: Final = "SELECT reason, count(*) AS number, min(at) AS since FROM kept WHERE state = 'parked' GROUP BY reason"
_GIVEN_UP: Final = (Problem("", "an operator gave this event up; the id is free to be used again"),)


async def parked(carrier: Carrier, limit: int) -> list[Record]:
    """Return what is parked, the oldest first; never the bytes."""
    async with borrow(carrier.pool) as connection:
        return list(await connection.fetch(_LIST, limit))


async def counts(carrier: Carrier) -> list[Record]:
    """Return how much is parked by reason, and since when."""
    async with borrow(carrier.pool) as connection:
        return list(await connection.fetch(_COUNTS))


async def show(carrier: Carrier) -> None:
    """Bring the gauge of what is parked up to date, if this replica is the one that shows it."""
    found = {row["reason"]: row["number"] for row in await counts(carrier)}
    if carrier.metrics.shows_shared:
        for reason in {*found, *REASONS}:
            carrier.metrics.park(reason, found.get(reason, 0))


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
        await carrier.carry(work, partial(_claim_parked, rows[0]))
        done = await one(carrier, rows[0]["id"])
        if done is None or done["state"] == "parked" or done["case_id"] is None:
            break
        kept_id = rows[1]["id"] if len(rows) > 1 else kept_id
    await show(carrier)
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


async def _claim_parked(row: Record, connection: Connection, work: Work) -> Claimed:
    """Lock the case and the row, see that this is what its case has to take up next, and what is parked behind it."""
    case_id = row["case_id"] or next((item.case_id for item in work.items), None)
    blocked_by = await connection.fetchval(_LOCK, case_id) if case_id is not None else None
    await connection.fetchval(_LOCK_ROW, row["id"])
    rows = await connection.fetch(_FIRST, row["id"])
    if not rows or rows[0]["id"] != row["id"] or blocked_by not in (None, row["id"]):
        return Claimed()
    for item in work.items:
        item.behind = rows[1]["id"] if len(rows) > 1 else None
    claimed = await claim(connection, work)
    if claimed.unreadable and claimed.unreadable[0].answer.outcome == "rejected":
        await _let_go(connection, row, claimed.unreadable[0])
    elif work.items and not (claimed.items or claimed.copies or claimed.later):
        # An event of our own that another copy has brought meanwhile: nothing is left to do.
        await connection.execute(_SETTLE, row["id"])
        await connection.execute(_UNBLOCK, case_id, row["id"])
    return claimed


async def _let_go(connection: Connection, row: Record, read: Unreadable) -> None:
    """Make the id of a parked input free and let its case go on to what is parked next."""
    raw = read.raw
    if read.source and read.id:
        await connection.execute(_FREE, read.source, read.id, raw.topic, raw.partition, raw.offset, raw.timestamp)
    if row["case_id"] is not None:
        await connection.execute(_UNBLOCK, row["case_id"], row["id"])


async def discard(carrier: Carrier, kept_id: UUID) -> bool:
    """Give a parked input up: its sender is told so, its bytes stay, its id is free again, its case goes on to the next one parked.

    A service that counts on each event of our own hears in the same transaction that this one never comes (`GivenUp`); when it
    cannot take that in, the input stays parked. Returns whether it was parked.
    """
    async with borrow(carrier.pool) as connection:
        row = await connection.fetchrow(_PARKED, kept_id)
    if row is None:
        return False
    read = carrier.reopen(row["sealed"])
    id_, source = (read.event.id, read.event.source) if isinstance(read, Item) else (read.id, read.source)
    assert read.raw is not None
    answer, now = Answer("rejected", row["reason"], _GIVEN_UP), carrier.clock.now()
    given_up = Unreadable(read.raw, answer, now, read.origin, id=id_, source=source, kept_id=kept_id, order=1, ends_as="discarded")
    hears = row["case_id"] is not None and GivenUp.TYPE in carrier.service.internal
    stand_in = instead(read, kept_id, row["case_id"], now) if hears else None
    was_parked = False

    async def claiming(connection: Connection, work: Work) -> Claimed:
        nonlocal was_parked
        blocked_by = await connection.fetchval(_LOCK, row["case_id"]) if row["case_id"] is not None else None
        was_parked = bool(await connection.fetchval(_LOCK_ROW, kept_id))
        if not was_parked:
            return Claimed()
        if stand_in is None:
            await _let_go(connection, row, given_up)
            return Claimed(unreadable=work.unreadable)
        if blocked_by == kept_id:  # else it is parked behind whatever blocks the case, or decided on at once
            stand_in.kept_id, stand_in.behind = kept_id, await connection.fetchval(_BEHIND, kept_id)
        return Claimed([stand_in], work.unreadable)

    await carrier.carry(Work([], [given_up]), claiming)
    await show(carrier)
    return was_parked


async def behind(carrier: Carrier, kept_id: UUID) -> UUID | None:
    """Return what is parked first of the case of an input that is parked no more."""
    async with borrow(carrier.pool) as connection:
        found: UUID | None = await connection.fetchval(_BEHIND, kept_id)
    return found


async def sweep(carrier: Carrier) -> None:
    """Bring held inputs to their end whose time is over or whose case is known by now, until cancelled; raises AwayError."""
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        async with borrow(carrier.pool) as connection:
            rows = await connection.fetch(_HELD, datetime.now(UTC))
        work = Work()
        for number, row in enumerate(rows):
            read = carrier.unhold(row)
            read.order = number
            if isinstance(read, Item):
                read.expired = row["until"] < datetime.now(UTC)
                work.items.append(read)
            else:
                work.unreadable.append(read)
        if work:
            await carrier.carry(work)


def describe(row: Record) -> dict[str, Any]:
    """Return a kept input as operators see it."""
    shown = {name: row[name] for name in ("id", "case_id", "reason", "detail", "at")}
    shown |= {**position(row["topic"], row["partition"], row["offset"]), "topic": row["topic"]}  # which tells the door
    with contextlib.suppress(KeyError):
        shown["state"] = row["state"]
    return shown
