"""What a service keeps of one case, and whether what it said is still what it said. Reading SQL only; no locks, bounded batches."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any, Final
from uuid import UUID

import orjson
from asyncpg import Record

from chassis.carry import Carrier
from chassis.draft import SALT_BYTES, link
from chassis.item import INTERNAL, Item
from chassis.postgres import Connection, borrow
from schemas.shown import is_private, is_restricted, shown

MOST_EVENTS: Final = 5000
"""Of one case in one answer; a case with more has been in a loop, and its beginning tells which."""
MAC_BYTES: Final = 32
_NOBODY: Final = UUID(int=0)

_SAID: Final = f"SELECT header, body FROM event WHERE case_id = $1 ORDER BY sequence LIMIT {MOST_EVENTS + 1}"  # noqa: S608 - our own number
_KEPT: Final = """
SELECT id, topic, partition, "offset", case_id, state, reason, detail, at
FROM kept WHERE case_id = $1 ORDER BY place LIMIT 1000"""
_TAKEN: Final = """
SELECT source, id, topic, partition, "offset" FROM inbox
WHERE case_id = $1 OR (case_id IS NULL AND id = ANY($2::text[])) LIMIT 1000"""
_HELD: Final = "SELECT at FROM held WHERE case_id = $1 ORDER BY place LIMIT 1000"
_HEAD: Final = "SELECT true FROM head WHERE case_id = $1"
_SEALED: Final = "SELECT sealed FROM kept WHERE id = $1"

_WALK: Final = """
SELECT e.*, h.sequence AS top, h.chain FROM (
    SELECT case_id, sequence, header, proof, body FROM event
    WHERE {} ORDER BY case_id, sequence LIMIT 250
) e LEFT JOIN LATERAL (SELECT sequence, chain FROM head WHERE head.case_id = e.case_id OFFSET 0) h ON true ORDER BY e.case_id, e.sequence"""
# The OFFSET keeps the planner from joining with a scan of all heads, once for each batch.
_ALL: Final = _WALK.format("(case_id, sequence) > ($1::uuid, $2::int)")
_CASE: Final = _WALK.format("case_id = $1 AND sequence > $2")
_EMPTY: Final = """
SELECT (array_agg(case_id ORDER BY case_id DESC))[1] AS last,
       (array_agg(case_id ORDER BY case_id) FILTER (
           WHERE sequence > 0 AND (SELECT true FROM event e WHERE e.case_id = h.case_id LIMIT 1) IS NULL))[1] AS empty
FROM (SELECT case_id, sequence FROM head WHERE case_id > $1 ORDER BY case_id LIMIT 2000) h"""
_ESTIMATE: Final = "SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'event'::regclass"


async def trace(carrier: Carrier, case_id: UUID) -> dict[str, Any] | None:
    """Return what this service said of a case, what came in for it, and what waits; None when it knows nothing of it."""
    async with borrow(carrier.pool) as connection:
        rows = await connection.fetch(_SAID, case_id)
        kept = await connection.fetch(_KEPT, case_id)
        held = await connection.fetch(_HELD, case_id)
        events = _events(rows[:MOST_EVENTS])
        causes = [event["causationid"] for event in events]
        taken = await connection.fetch(_TAKEN, case_id, causes)
        if not (rows or kept or held or taken or await connection.fetchval(_HEAD, case_id)):
            return None
    parked = [row for row in kept if row["state"] == "parked"]
    return {
        "service": carrier.service.name,
        "case_id": case_id,
        "tracking_id": next((event["tracking"] for event in events if event["tracking"]), None),
        "events": events,
        "received": [
            *_taken(taken, events, kept),
            *(_answered(carrier, row) for row in kept if row["state"] in ("duplicate", "rejected", "discarded")),
        ],
        "parked": [
            {**_place(row), "id": row["id"], "code": row["reason"], "detail": row["detail"], "at": salur_time(carrier, row["at"])} for row in parked
        ],
        "held": [{"since": salur_time(carrier, row["at"])} for row in held],
        "truncated": len(rows) > MOST_EVENTS,
    }


def _events(rows: Sequence[Record]) -> list[dict[str, Any]]:
    heads = [orjson.loads(row["header"]) for row in rows]
    datas = [{} if row["body"] is None else orjson.loads(row["body"][SALT_BYTES:]) for row in rows]
    private, restricted = is_private(datas), is_restricted(datas)
    names = ("id", "type", "time", "sequence", "causationid", "correlationid", "tracking")
    return [
        {
            **{name: head.get(name) for name in names},
            "erased": row["body"] is None,
            "data": shown(head["type"], data, private=private, restricted=restricted),
        }
        for row, head, data in zip(rows, heads, datas, strict=True)
    ]


def _taken(rows: Sequence[Record], events: Sequence[dict[str, Any]], kept: Sequence[Record]) -> list[dict[str, Any]]:
    """Return the accepted inputs of a case: what took a row of the inbox and was not parked or held since."""
    first: dict[str, str] = {}
    for event in events:
        first.setdefault(event["causationid"], event["time"])
    parked = {(row["topic"], row["partition"], row["offset"]) for row in kept if row["state"] == "parked"}
    accepted = [row for row in rows if row["id"] in first and (row["topic"], row["partition"], row["offset"]) not in parked]
    told = [
        {"outcome": "accepted", "code": "ok", **_place(row), "received_id": row["id"], "received_source": row["source"], "at": first[row["id"]]}
        for row in accepted
    ]
    return sorted(told, key=lambda receipt: str(receipt["at"]))


def _answered(carrier: Carrier, row: Record) -> dict[str, Any]:
    outcome = "duplicate" if row["state"] == "duplicate" else "rejected"
    return {
        "outcome": outcome,
        "code": row["reason"],
        **_place(row),
        "received_id": None,
        "received_source": None,
        "at": salur_time(carrier, row["at"]),
    }


def _place(row: Record) -> dict[str, Any]:
    """Return where an input came from; one over HTTP, or from the service itself, has no place."""
    if row["topic"].startswith(("http:", INTERNAL)):
        door = "itself" if row["topic"].startswith(INTERNAL) else "http"
        return {"door": door, "topic": None, "partition": None, "offset": None}
    return {"door": "kafka", "topic": row["topic"], "partition": row["partition"], "offset": row["offset"]}


def salur_time(carrier: Carrier, at: datetime) -> datetime:
    """Return a moment of the database's own clock as Salur time: so rows are stamped, whatever the speed."""
    return carrier.clock.now() - max(timedelta(), datetime.now(UTC) - at) * carrier.clock.speed


async def name_of(carrier: Carrier, kept_id: UUID) -> dict[str, Any]:
    """Return type, source and id of a kept input, as far as they can be read; nothing else of it."""
    async with borrow(carrier.pool) as connection:
        sealed = await connection.fetchval(_SEALED, kept_id)
    read = carrier.reopen(sealed) if sealed is not None else None
    if isinstance(read, Item):
        return {"type": read.event.type, "received_source": read.event.source, "received_id": read.event.id}
    return {"type": None, "received_source": read.source if read else None, "received_id": read.id if read else None}


@dataclass(slots=True)
class Chains:
    """Verifies events as they are walked in the order of case and sequence; `broken` is the first break."""

    events: int = 0
    cases: int = 0
    erased: int = 0
    broken: dict[str, Any] | None = None
    case_id: UUID = _NOBODY
    sequence: int = 0
    _link: bytes = b""
    _top: int = 0
    _chain: bytes = field(default=b"")

    def take(self, rows: Sequence[Record]) -> None:
        """Verify a batch, up to the first break."""
        for row in rows:
            if row["case_id"] != self.case_id:
                self.end()
                self.case_id, self.sequence, self._link, self.cases = row["case_id"], 0, b"", self.cases + 1
            if self.broken is None:
                self._verify(row)
            if self.broken is not None:
                return

    def end(self) -> None:
        """Compare the case that was walked with its head, once it has no more events."""
        if self.broken is not None or self.case_id == _NOBODY or (self._top, self._chain) == (self.sequence, self._link):
            return
        if self._top > self.sequence:
            self._break(self.sequence + 1, "the event is missing")
        else:
            self._break(self.sequence, "the head tells of another end")

    def _verify(self, row: Record) -> None:
        awaited = self.sequence + 1
        head, proof, body = row["header"], row["proof"], row["body"]
        mac = proof[:MAC_BYTES]
        if row["sequence"] != awaited:
            self._break(awaited, "the event is missing")
        elif row["top"] is None:
            self._break(awaited, "the case has no head")
        elif proof[MAC_BYTES:] != link(self._link, head, mac):
            self._break(awaited, "the header, the proof or their order is not what was said")
        elif body is not None and blake2b(body[SALT_BYTES:], key=body[:SALT_BYTES], digest_size=MAC_BYTES).digest() != mac:
            self._break(awaited, "the data is not what was said")
        elif not _names(head, row):
            self._break(awaited, "the event belongs to another place")
        else:
            self.sequence, self._link, self._top, self._chain = awaited, proof[MAC_BYTES:], row["top"], row["chain"]
            self.events += 1
            self.erased += body is None

    def _break(self, sequence: int, why: str) -> None:
        self.broken = {"case_id": self.case_id, "sequence": sequence, "why": why}

    def lost(self, case_id: UUID) -> None:
        """Note a case whose head tells of events while none is there."""
        self.case_id = case_id
        self._break(1, "the event is missing")


def _names(head: bytes, row: Record) -> bool:
    try:
        read = orjson.loads(head)
    except orjson.JSONDecodeError:
        return False
    return isinstance(read, dict) and (read.get("subject"), read.get("sequence")) == (str(row["case_id"]), row["sequence"])


async def verify(carrier: Carrier, case_id: UUID | None) -> AsyncIterator[Chains]:
    """Walk every chain, or one case's, yielding how far it is after each batch; rests as long as it worked, for live traffic goes first."""
    chains = Chains()
    place = (case_id or _NOBODY, 0)
    while chains.broken is None:
        began = time.monotonic()
        async with borrow(carrier.pool) as connection:
            rows = await connection.fetch(_CASE if case_id else _ALL, *place)
        if not rows:
            break
        chains.take(rows)
        place = (rows[-1]["case_id"], rows[-1]["sequence"])
        yield chains
        await asyncio.sleep(time.monotonic() - began)
    chains.end()
    last: UUID | None = None if case_id else _NOBODY
    while chains.broken is None and last is not None:
        async with borrow(carrier.pool) as connection:
            last = await _look_for_lost(connection, chains, last)
        yield chains
    if case_id and chains.broken is None and chains.events == 0:
        async with borrow(carrier.pool) as connection:
            if await connection.fetchval("SELECT sequence FROM head WHERE case_id = $1", case_id):
                chains.lost(case_id)
    yield chains


async def _look_for_lost(connection: Connection, chains: Chains, after: UUID) -> UUID | None:
    row = await connection.fetchrow(_EMPTY, after)
    if row is not None and row["empty"] is not None:
        chains.lost(row["empty"])
    return row["last"] if row is not None else None


async def estimate(carrier: Carrier) -> int:
    """Return about how many events there are; 0 when the database has not counted yet."""
    async with borrow(carrier.pool) as connection:
        return int(await connection.fetchval(_ESTIMATE))
