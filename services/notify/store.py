"""All SQL of notify."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
from asyncpg import Record

from chassis.item import Write
from chassis.postgres import Connection, Pool, borrow
from services.notify.case import Case, Matter, Notice

LOAD: Final = "SELECT case_id, tracking_id, owner, kind, category, region, left_by FROM case_facts WHERE case_id = ANY($1::uuid[])"

_KEEP_CASE: Final = """
INSERT INTO case_facts (case_id, tracking_id, owner, kind, category, region, left_by)
SELECT * FROM unnest({}::uuid[], {}::text[], {}::text[], {}::text[], {}::text[], {}::text[], {}::bytea[])
ON CONFLICT (case_id) DO UPDATE SET owner = excluded.owner, kind = excluded.kind, category = excluded.category,
    region = excluded.region, left_by = excluded.left_by"""
_KEEP_NOTICE: Final = """
INSERT INTO notice (notice_id, case_id, cause, rule, channel, agency, role, meant_for, matter, correlationid, state, reason, at, next_at)
SELECT n.*, CASE WHEN n.state = 'queued' THEN now() END
FROM unnest({}::uuid[], {}::uuid[], {}::text[], {}::text[], {}::text[], {}::text[], {}::text[], {}::text[], {}::bytea[], {}::text[],
            {}::text[], {}::text[], {}::timestamptz[])
    AS n (notice_id, case_id, cause, rule, channel, agency, role, meant_for, matter, correlationid, state, reason, at)
ON CONFLICT (notice_id) DO NOTHING"""
_LEASE: Final = """
WITH due AS (
    SELECT notice_id, agency, role FROM notice WHERE next_at <= clock_timestamp() AND channel = $1
    ORDER BY next_at LIMIT $2 FOR UPDATE SKIP LOCKED
)
UPDATE notice n SET state = 'sending', epoch = n.epoch + 1, next_at = clock_timestamp() + make_interval(secs => $3),
    message_id = COALESCE(n.message_id, '<' || n.notice_id || '@' || $4 || '>')
FROM due LEFT JOIN address a ON a.agency = due.agency AND a.role = due.role WHERE n.notice_id = due.notice_id
RETURNING n.notice_id, n.case_id, n.rule, n.agency, n.role, n.meant_for, n.matter, n.epoch, n.message_id,
    extract(epoch FROM clock_timestamp() - n.queued_at)::float8 AS age, a.mailbox, a.deputies, a.language"""
_FINISH: Final = """
UPDATE notice n SET state = r.state, reason = r.reason, next_at = clock_timestamp() + make_interval(secs => r.wait),
    unsaid = r.wait IS NULL, ended_at = CASE WHEN r.wait IS NULL THEN $6::timestamptz END
FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::float8[]) AS r (notice_id, epoch, state, reason, wait)
WHERE n.notice_id = r.notice_id AND n.epoch = r.epoch AND n.state = 'sending'
RETURNING n.notice_id, n.state, n.epoch, extract(epoch FROM clock_timestamp() - n.queued_at)::float8 AS age"""
_UNSAID: Final = """
SELECT n.notice_id, n.case_id, n.cause, n.rule, n.channel, n.agency, n.role, n.state, n.reason, n.message_id, n.correlationid, n.ended_at
FROM notice n JOIN head h USING (case_id) WHERE n.unsaid AND h.blocked_by IS NULL LIMIT $1"""
_LOCK: Final = """
SELECT case_id FROM (SELECT DISTINCT unnest($1::uuid[]) AS case_id ORDER BY 1) w JOIN head USING (case_id)
WHERE head.blocked_by IS NULL ORDER BY case_id FOR UPDATE OF head SKIP LOCKED"""
_TAKE: Final = "UPDATE notice SET unsaid = false WHERE notice_id = ANY($1::uuid[]) AND case_id = ANY($2::uuid[]) AND unsaid RETURNING notice_id"
_OF_CASE: Final = """
SELECT notice_id, cause, rule, channel, agency, role, meant_for, state, reason, epoch, message_id, at, ended_at
FROM notice WHERE case_id = $1 ORDER BY at, notice_id"""
_KNOWN: Final = "SELECT EXISTS (SELECT FROM case_facts WHERE case_id = $1)"
_OFFICES: Final = "SELECT agency, role FROM address"
_ADDRESSES: Final = """
INSERT INTO address (agency, role, mailbox, deputies, language)
SELECT a.agency, a.role, a.mailbox, string_to_array(a.deputies, ' '), a.language
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) AS a (agency, role, mailbox, deputies, language)
WHERE NOT EXISTS (SELECT FROM address) ON CONFLICT DO NOTHING"""
_MISSING: Final = """
SELECT count(*) FROM notice n WHERE n.state = 'without_recipient'
AND NOT EXISTS (SELECT FROM address a WHERE a.agency = n.agency AND a.role = n.role)"""
_WAITING: Final = """
SELECT COALESCE(extract(epoch FROM clock_timestamp() - min(next_at)), 0)::float8 FROM (
    SELECT next_at FROM notice WHERE next_at <= clock_timestamp() ORDER BY next_at LIMIT 1) w"""


def state(row: Record) -> Case | None:
    """Return the case that a row of LOAD holds."""
    if row["tracking_id"] is None:
        return None
    left = tuple((agency, datetime.fromisoformat(time)) for agency, time in orjson.loads(row["left_by"]))
    return Case(row["tracking_id"], row["owner"], row["kind"], row["category"], row["region"], left)


def _case_row(entry: tuple[UUID, Case]) -> tuple[Any, ...]:
    case_id, case = entry
    return case_id, case.tracking_id, case.owner, case.kind, case.category, case.region, orjson.dumps(case.left)


def _notice_row(n: Notice) -> tuple[Any, ...]:
    matter = orjson.dumps(n.matter)
    return n.notice_id, n.case_id, n.cause, n.rule, n.channel, n.agency, n.role, n.meant_for, matter, n.correlationid, n.state, n.reason, n.at


WRITES: Final[Mapping[type, Write]] = {Case: Write(_KEEP_CASE, _case_row), Notice: Write(_KEEP_NOTICE, _notice_row)}


def matter(packed: bytes) -> Matter:
    """Return what a notice is about, as its row holds it."""
    read = orjson.loads(packed)
    due_at = read.pop("due_at")
    return Matter(**read, due_at=due_at and datetime.fromisoformat(due_at))


async def lease(pool: Pool, channel: str, most: int, seconds: float, domain: str) -> list[Record]:
    """Take notices that are due, each under an epoch of its own, with their addresses; raises AwayError."""
    async with borrow(pool) as connection:
        return list(await connection.fetch(_LEASE, channel, most, seconds, domain))


async def finish(pool: Pool, results: Sequence[tuple[UUID, int, str, str | None, float | None]], now: datetime) -> list[Record]:
    """Write results (notice, epoch, state, reason, seconds until the next try), those only whose epoch still holds; return these."""
    async with borrow(pool) as connection:
        return list(await connection.fetch(_FINISH, *map(list, zip(*results, strict=True)), now))


async def unsaid(pool: Pool, most: int) -> list[Record]:
    """Return notices that have ended without its being said; raises AwayError."""
    async with borrow(pool) as connection:
        return list(await connection.fetch(_UNSAID, most))


async def take_unsaid(connection: Connection, notice_ids: Sequence[UUID], case_ids: Sequence[UUID]) -> set[UUID]:
    """Lock the cases that nobody holds, in their order, and mark their notices as said; return these notices."""
    locked = [row["case_id"] for row in await connection.fetch(_LOCK, case_ids)]
    return {row["notice_id"] for row in await connection.fetch(_TAKE, notice_ids, locked)}


async def notices_of(pool: Pool, case_id: UUID) -> list[Record] | None:
    """Return all notices of a case, the oldest first; None when the case is not known."""
    async with borrow(pool) as connection:
        rows = list(await connection.fetch(_OF_CASE, case_id))
        return rows if rows or await connection.fetchval(_KNOWN, case_id) else None


async def offices(pool: Pool) -> frozenset[tuple[str, str]]:
    """Return every office that has an address."""
    async with borrow(pool) as connection:
        return frozenset((row["agency"], row["role"]) for row in await connection.fetch(_OFFICES))


async def load_addresses(pool: Pool, rows: Iterable[tuple[str, str, str, str, str]]) -> None:
    """Write addresses (agency, role, mailbox, deputies apart by spaces, language) when there are none yet."""
    async with borrow(pool) as connection:
        await connection.execute(_ADDRESSES, *map(list, zip(*rows, strict=True)))


async def shared_gauges(pool: Pool) -> tuple[int, float]:
    """Return how many notices still have no address to go to, and for how many seconds the oldest one due has waited."""
    async with borrow(pool) as connection:
        return await connection.fetchval(_MISSING), await connection.fetchval(_WAITING)
