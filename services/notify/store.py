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
from services.notify.case import Case, Figures, Matter, Notice, Release, Said, Stream, Told
from services.notify.status import PUBLISHER

Address = tuple[str, str, str, str, str, str | None, bytes | None]
"""Agency, role, mailbox, deputies apart by spaces, language, webhook, the sealed secret of that."""

LOAD: Final = """
SELECT case_id, tracking_id, owner, kind, category, region, left_by, told, restricted, publisher, reply_to, stream, about
FROM case_facts WHERE case_id = ANY($1::uuid[])"""

_KEEP_CASE: Final = """
INSERT INTO case_facts (case_id, tracking_id, owner, kind, category, region, left_by, told, restricted, publisher, reply_to, stream, about)
SELECT * FROM unnest({}::uuid[], {}::text[], {}::text[], {}::text[], {}::text[], {}::text[], {}::bytea[], {}::bytea[],
    {}::bool[], {}::text[], {}::text[], {}::bytea[], {}::text[])
ON CONFLICT (case_id) DO UPDATE SET owner = excluded.owner, kind = excluded.kind, category = excluded.category,
    region = excluded.region, left_by = excluded.left_by, told = excluded.told, restricted = excluded.restricted,
    publisher = excluded.publisher, reply_to = excluded.reply_to, stream = excluded.stream, about = excluded.about"""
_KEEP_NOTICE: Final = """
INSERT INTO notice (notice_id, case_id, cause, rule, channel, agency, role, meant_for, matter, correlationid, state, reason, at,
    body, host, turn, next_at)
SELECT n.notice_id, n.case_id, n.cause, n.rule, n.channel, n.agency, n.role, n.meant_for, n.matter, n.correlationid, n.state, n.reason, n.at,
    n.body, n.host, n.turn, CASE WHEN n.state = 'queued' AND NOT n.held THEN now() END
FROM unnest({}::uuid[], {}::uuid[], {}::text[], {}::text[], {}::text[], {}::text[], {}::text[], {}::text[], {}::bytea[], {}::text[],
            {}::text[], {}::text[], {}::timestamptz[], {}::bytea[], {}::text[], {}::int[], {}::bool[])
    AS n (notice_id, case_id, cause, rule, channel, agency, role, meant_for, matter, correlationid, state, reason, at, body, host, turn, held)
ON CONFLICT (notice_id) DO NOTHING"""
_RELEASE: Final = """
UPDATE notice SET next_at = now() FROM unnest({}::uuid[], {}::int[]) AS r (case_id, turn)
WHERE notice.case_id = r.case_id AND notice.turn = r.turn AND notice.state = 'queued' AND notice.next_at IS NULL"""
_LEASE: Final = """
WITH due AS (
    SELECT notice_id, agency, role FROM notice WHERE next_at <= now() AND host IS NULL
    ORDER BY next_at LIMIT $1 FOR UPDATE SKIP LOCKED
)
UPDATE notice n SET state = 'sending', epoch = n.epoch + 1, next_at = clock_timestamp() + make_interval(secs => $2),
    message_id = COALESCE(n.message_id, '<' || n.notice_id || '@' || $3 || '>')
FROM due LEFT JOIN address a ON a.agency = due.agency AND a.role = due.role WHERE n.notice_id = due.notice_id
RETURNING n.notice_id, n.case_id, n.rule, n.agency, n.role, n.meant_for, n.matter, n.at, n.epoch, n.message_id,
    extract(epoch FROM clock_timestamp() - n.queued_at)::float8 AS age, a.mailbox, a.deputies, a.language"""
_HOSTS: Final = """
WITH RECURSIVE h AS (
    (SELECT host FROM notice WHERE host > $1 AND next_at IS NOT NULL ORDER BY host LIMIT 1)
    UNION ALL
    SELECT (SELECT n.host FROM notice n WHERE n.host > h.host AND n.next_at IS NOT NULL ORDER BY n.host LIMIT 1) FROM h WHERE h.host IS NOT NULL
)
SELECT host FROM h WHERE host IS NOT NULL LIMIT $2"""
_LEASE_AT: Final = """
WITH due AS (
    SELECT d.* FROM unnest($1::text[], $2::int[]) AS r (host, room)
    CROSS JOIN LATERAL (
        SELECT notice_id, case_id, agency, role FROM notice WHERE host = r.host AND next_at <= now()
        ORDER BY next_at LIMIT r.room FOR UPDATE SKIP LOCKED) d
)
UPDATE notice n SET state = 'sending', epoch = n.epoch + 1, next_at = clock_timestamp() + make_interval(secs => $3),
    message_id = n.notice_id::text
FROM due LEFT JOIN address a ON a.agency = due.agency AND a.role = due.role LEFT JOIN case_facts c ON c.case_id = due.case_id
WHERE n.notice_id = due.notice_id
RETURNING n.notice_id, n.case_id, n.epoch, n.message_id, n.host, n.body, extract(epoch FROM clock_timestamp() - n.queued_at)::float8 AS age,
    CASE WHEN n.role = $4 THEN c.reply_to ELSE a.webhook END AS url, a.webhook_secret AS secret"""
_FINISH: Final = """
UPDATE notice n SET state = r.state, reason = r.reason, next_at = clock_timestamp() + make_interval(secs => r.wait),
    unsaid = r.wait IS NULL, ended_at = CASE WHEN r.wait IS NULL THEN $6::timestamptz END, body = CASE WHEN r.wait IS NOT NULL THEN body END
FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::float8[]) AS r (notice_id, epoch, state, reason, wait)
WHERE n.notice_id = r.notice_id AND n.epoch = r.epoch AND n.state = 'sending'
RETURNING n.notice_id, n.state, n.epoch, extract(epoch FROM clock_timestamp() - n.queued_at)::float8 AS age"""
_UNSAID: Final = """
SELECT n.notice_id, n.case_id, n.cause, n.rule, n.channel, n.agency, n.role, n.state, n.reason, n.message_id, n.correlationid, n.ended_at, n.turn
FROM notice n JOIN head h USING (case_id) WHERE n.unsaid AND h.blocked_by IS NULL LIMIT $1"""
_LOCK: Final = """
SELECT case_id FROM (SELECT DISTINCT unnest($1::uuid[]) AS case_id ORDER BY 1) w JOIN head USING (case_id)
WHERE head.blocked_by IS NULL ORDER BY case_id FOR UPDATE OF head SKIP LOCKED"""
_TAKE: Final = "UPDATE notice SET unsaid = false WHERE notice_id = ANY($1::uuid[]) AND case_id = ANY($2::uuid[]) AND unsaid RETURNING notice_id"
_OF_CASE: Final = """
SELECT notice_id, cause, rule, channel, agency, role, meant_for, state, reason, epoch, message_id, at, ended_at
FROM notice WHERE case_id = $1 ORDER BY at, notice_id"""
_KNOWN: Final = "SELECT EXISTS (SELECT FROM case_facts WHERE case_id = $1)"
_OFFICES: Final = "SELECT agency, role, webhook FROM address"
_ADDRESSES: Final = """
INSERT INTO address (agency, role, mailbox, deputies, language, webhook, webhook_secret)
SELECT a.agency, a.role, a.mailbox, string_to_array(a.deputies, ' '), a.language, a.webhook, a.secret
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bytea[])
    AS a (agency, role, mailbox, deputies, language, webhook, secret)
WHERE NOT EXISTS (SELECT FROM address) ON CONFLICT DO NOTHING"""
_MISSING: Final = """
SELECT count(*) FROM notice n WHERE n.state = 'without_recipient'
AND NOT EXISTS (SELECT FROM address a WHERE a.agency = n.agency AND a.role = n.role)"""
_WAITING: Final = """
SELECT COALESCE(extract(epoch FROM now() - min(next_at)), 0)::float8 FROM (
    SELECT next_at FROM notice WHERE next_at <= now() AND host IS NULL ORDER BY next_at LIMIT 1) w"""


def state(row: Record) -> Case | None:
    """Return the case that a row of LOAD holds."""
    if row["tracking_id"] is None:
        return None
    left = tuple((agency, datetime.fromisoformat(time)) for agency, time in orjson.loads(row["left_by"]))
    told = tuple(Told(UUID(notice_id), *rest) for notice_id, *rest in orjson.loads(row["told"]))
    return Case(
        row["tracking_id"],
        row["owner"],
        row["kind"],
        row["category"],
        row["region"],
        left,
        told,
        restricted=row["restricted"],
        publisher=row["publisher"],
        reply_to=row["reply_to"],
        stream=_stream(row["stream"]),
        about=row["about"],
    )


def _stream(packed: bytes | None) -> Stream:
    if packed is None:
        return Stream()
    read = orjson.loads(packed)
    early = tuple(Said(**{**said, "at": datetime.fromisoformat(said["at"])}) for said in read["early"])
    return Stream(read["heard"], tuple(read["queued"]), early)


def _case_row(entry: tuple[UUID, Case]) -> tuple[Any, ...]:
    case_id, case = entry
    told = orjson.dumps([[each.notice_id, each.cause, each.rule, each.channel, each.agency, each.role] for each in case.told])
    stream = None if case.stream == Stream() else orjson.dumps(case.stream)
    told_whom = (case.restricted, case.publisher, case.reply_to, stream, case.about)
    return case_id, case.tracking_id, case.owner, case.kind, case.category, case.region, orjson.dumps(case.left), told, *told_whom


def _notice_row(n: Notice) -> tuple[Any, ...]:
    about = (n.meant_for, orjson.dumps(n.matter), n.correlationid, n.state, n.reason, n.at)
    return n.notice_id, n.case_id, n.cause, n.rule, n.channel, n.agency, n.role, *about, n.body, n.host, n.turn, n.held


WRITES: Final[Mapping[type, Write]] = {
    Case: Write(_KEEP_CASE, _case_row),
    Notice: Write(_KEEP_NOTICE, _notice_row),
    Release: Write(_RELEASE, lambda release: (release.case_id, release.turn)),
}


def matter(packed: bytes) -> Matter:
    """Return what a notice is about, as its row holds it."""
    read = orjson.loads(packed)
    due_at, figures = read.pop("due_at"), read.pop("figures", None)
    return Matter(**read, due_at=due_at and datetime.fromisoformat(due_at), figures=figures and _figures(figures))


def _figures(read: dict[str, Any]) -> Figures:
    times = {name: datetime.fromisoformat(read[name]) for name in ("from_", "until", "peak_from", "peak_until") if read[name] is not None}
    return Figures(**{**read, **times})


async def lease(pool: Pool, most: int, seconds: float, domain: str) -> list[Record]:
    """Take mails that are due, each under an epoch of its own, with their addresses; raises AwayError."""
    async with borrow(pool) as connection:
        return list(await connection.fetch(_LEASE, most, seconds, domain))


async def hosts(pool: Pool, after: str, most: int) -> list[str]:
    """Return the next hosts by name to which webhooks are open; raises AwayError."""
    async with borrow(pool) as connection:
        return [row["host"] for row in await connection.fetch(_HOSTS, after, most)]


async def lease_at(pool: Pool, rooms: Mapping[str, int], seconds: float) -> list[Record]:
    """Take webhooks that are due, of each host as many as it has room for, with their URLs and secrets; raises AwayError."""
    async with borrow(pool) as connection:
        return list(await connection.fetch(_LEASE_AT, list(rooms), list(rooms.values()), seconds, PUBLISHER))


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


async def case_of(pool: Pool, case_id: UUID) -> Case | None:
    """Return what is known of a case, None when it is not; raises AwayError."""
    async with borrow(pool) as connection:
        row = await connection.fetchrow(LOAD, [case_id])
    return None if row is None else state(row)


async def offices(pool: Pool) -> dict[tuple[str, str], str | None]:
    """Return every office that has an address, with the URL of its webhook if it has one."""
    async with borrow(pool) as connection:
        return {(row["agency"], row["role"]): row["webhook"] for row in await connection.fetch(_OFFICES)}


async def load_addresses(pool: Pool, rows: Iterable[Address]) -> None:
    """Write addresses when there are none yet."""
    async with borrow(pool) as connection:
        await connection.execute(_ADDRESSES, *map(list, zip(*rows, strict=True)))


async def shared_gauges(pool: Pool) -> tuple[int, float]:
    """Return how many notices still have no address to go to, and for how many seconds the oldest one due has waited."""
    async with borrow(pool) as connection:
        return await connection.fetchval(_MISSING), await connection.fetchval(_WAITING)
