"""Whether what a service said is still what it said: its chains of hashes, walked in small batches without any lock."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final
from uuid import UUID

import orjson
from asyncpg import Record

from chassis.carry import Carrier
from chassis.postgres import Connection, borrow
from chassis.saying import SALT_BYTES, link

MAC_BYTES: Final = 32
_NOBODY: Final = UUID(int=0)

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
        self.broken = {"case_id": str(self.case_id), "sequence": sequence, "why": why}

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
