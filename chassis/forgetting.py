"""Forgetting what can no longer be needed, a few pages at a time: ids that were taken, answered positions, bytes that were refused.

All of it in real time: what makes a record come again is Kafka's retention, and that is real. Under a fast clock ids are remembered
for longer than was promised, never for less (docs/adr/0011).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from chassis.clock import Anchor
from chassis.postgres import Connection, Pool, borrow
from chassis.settings import ChassisSettings
from schemas.ids import milliseconds

ROUND_SECONDS: Final = 3600.0
"""What falls due in an hour is little beside what is kept for weeks."""
STEP_SECONDS: Final = 0.25
PAGES: Final = 64
"""With the pause a walk reads 2 MiB a second, which live traffic does not feel: a table of 3 GB takes half an hour."""
EVENTS: Final = 2000

_PAGES: Final = "SELECT pg_relation_size($1::regclass) / current_setting('block_size')::int"
_CLOCK: Final = "SELECT salur, database, speed, clock_timestamp() AS now FROM salur.clock"
_IDS: Final = "DELETE FROM inbox WHERE ctid >= $1 AND ctid < $2 AND at < $3"
_BYTES: Final = """
UPDATE kept SET sealed = NULL WHERE ctid >= $1 AND ctid < $2 AND at < $3 AND state IN ('rejected', 'discarded') AND sealed IS NOT NULL"""
_POSITIONS: Final = "DELETE FROM kept WHERE ctid >= $1 AND ctid < $2 AND at < $3 AND state <> 'parked'"
_EVENTS: Final = """
WITH old AS (SELECT event_id FROM seen WHERE event_id < $1 ORDER BY event_id LIMIT $2)
DELETE FROM seen USING old WHERE seen.event_id = old.event_id"""


@dataclass(frozen=True, slots=True)
class Spans:
    """For how long what is remembered."""

    ids: timedelta
    replay: timedelta
    bytes: timedelta

    @staticmethod
    def of(settings: ChassisSettings) -> Spans:
        """Return what the settings say."""
        days = (settings.remember_ids_days, settings.remember_replay_days, settings.remember_bytes_days)
        return Spans(*(timedelta(days=number) for number in days))


async def forget(pool: Pool, spans: Spans, leads: Callable[[], bool]) -> None:
    """Forget, an hour from the start on and then each hour, in the replica that leads, until cancelled; raises AwayError."""
    while True:
        await asyncio.sleep(ROUND_SECONDS)
        async for _ in one_round(pool, spans):
            await asyncio.sleep(STEP_SECONDS)
            if not leads():
                break


async def one_round(pool: Pool, spans: Spans) -> AsyncIterator[int]:
    """Go through everything once in small steps, each a statement and a commit of its own; yields how many rows each one touched."""
    async with borrow(pool) as connection:
        row = await connection.fetchrow(_CLOCK)
        assert row is not None
    now, anchor = row["now"], Anchor(row["salur"], row["database"], row["speed"])
    walks = (("inbox", _IDS, spans.ids), ("kept", _BYTES, spans.bytes), ("kept", _POSITIONS, spans.replay))
    for table, sql, span in walks:
        async with borrow(pool) as connection:
            pages = await connection.fetchval(_PAGES, table)
        for page in range(0, pages, PAGES):
            async with borrow(pool) as connection:
                yield await _rows(connection, sql, (page, 0), (page + PAGES, 0), now - span)
    oldest = _first_id(anchor, now - spans.replay)
    touched = EVENTS if oldest is not None else 0
    while touched == EVENTS:
        async with borrow(pool) as connection:
            touched = await _rows(connection, _EVENTS, oldest, EVENTS)
        yield touched


async def _rows(connection: Connection, sql: str, *values: object) -> int:
    return int((await connection.execute(sql, *values)).rpartition(" ")[2])


def _first_id(anchor: Anchor, before: datetime) -> UUID | None:
    """Return the least id that an event of this real moment could have: ids begin with Salur time.

    None when the clock has been set since then: how old what came before it really is cannot be told from its ids.
    """
    if before < anchor.database:
        return None
    return UUID(int=max(0, milliseconds(anchor.at(before))) << 80)
