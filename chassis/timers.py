"""The firing loop: what is due is claimed by its epoch under its case's head, and told to the service like any other event."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any, Final

from asyncpg import Record

from chassis import failpoints
from chassis.carry import Carrier
from chassis.claim import Claimed
from chassis.clock import Clock
from chassis.failpoints import Point
from chassis.item import Item, Origin, Work
from chassis.metrics import Metrics
from chassis.postgres import Connection, borrow
from schemas.base import Event, TimerDue

BATCH: Final = 500
LONGEST_WAIT_SECONDS: Final = 0.5
"""A timer that another replica arms is noticed after this time at the latest."""

_PEEK: Final = """
SELECT case_id, clock, kind, epoch, due_at FROM timer t
WHERE due_at <= $1 AND NOT EXISTS (SELECT FROM head h WHERE h.case_id = t.case_id AND h.blocked_by IS NOT NULL)
ORDER BY due_at LIMIT $2"""
_NEXT: Final = "SELECT due_at FROM timer WHERE due_at > $1 ORDER BY due_at LIMIT 1"
_LOCK: Final = """
SELECT case_id FROM (SELECT DISTINCT unnest($1::uuid[]) AS case_id ORDER BY 1) w JOIN head USING (case_id)
WHERE head.blocked_by IS NULL ORDER BY case_id FOR UPDATE OF head SKIP LOCKED"""
_TAKE: Final = """
DELETE FROM timer t USING unnest($1::uuid[], $2::text[], $3::text[], $4::int[]) AS d (case_id, clock, kind, epoch)
WHERE t.case_id = d.case_id AND t.clock = d.clock AND t.kind = d.kind AND t.epoch = d.epoch RETURNING t.case_id, t.clock, t.kind, t.epoch"""


async def claim_timers(connection: Connection, work: Work) -> Claimed:
    """Lock the cases that nobody holds, then take those of their timers that are still what was peeked at."""
    items = work.items
    locked = {row["case_id"] for row in await connection.fetch(_LOCK, [item.case_id for item in items])}
    ours = [item for item in items if item.case_id in locked]
    due = [item.event.data for item in ours]
    rows = await connection.fetch(
        _TAKE, [item.case_id for item in ours], [timer.clock for timer in due], [timer.kind for timer in due], [timer.epoch for timer in due]
    )
    failpoints.reach(Point.FIRING_AFTER_CLAIM)
    taken = {tuple(row) for row in rows}
    return Claimed([item for item in ours if (item.case_id, item.event.data.clock, item.event.data.kind, item.event.data.epoch) in taken])


class Firing:
    """Fires what is due, most overdue first, one batch after the other; never before its time."""

    def __init__(self, carrier: Carrier, clock: Clock, metrics: Metrics) -> None:
        self._carrier = carrier
        self._clock = clock
        self._metrics = metrics
        self._wake = asyncio.Event()
        self.overdue_seconds = 0.0

    def wake(self) -> None:
        """Look again: a timer may have been set that is due before the next one known."""
        self._wake.set()

    async def run(self) -> None:
        """Fire until cancelled; raises AwayError."""
        while True:
            self._wake.clear()
            now = self._clock.now()
            async with borrow(self._carrier.pool) as connection:
                rows = await connection.fetch(_PEEK, now, BATCH)
                next_due = None if rows else await connection.fetchval(_NEXT, now)
            failpoints.reach(Point.FIRING_AFTER_PEEK)
            if rows:
                self.overdue_seconds = self._clock.real_seconds(now - rows[0]["due_at"])
                await self._fire(rows, now)
            else:
                self.overdue_seconds = 0.0
                await self._sleep(next_due)

    async def _fire(self, rows: list[Record], now: datetime) -> None:
        items = [_item(row, now) for row in rows]
        fired: list[Item] = []

        async def claiming(connection: Connection, work: Work) -> Claimed:
            claimed = await claim_timers(connection, work)
            fired[:] = claimed.items
            return claimed

        await self._carrier.carry(Work(items), claiming)
        done = self._clock.now()
        for item in fired:
            self._metrics.lateness.observe(self._clock.real_seconds(done - item.event.data.due_at))
        if not fired:
            await asyncio.sleep(0.02)  # another replica has them all

    async def _sleep(self, next_due: datetime | None) -> None:
        wait = LONGEST_WAIT_SECONDS
        if next_due is not None:
            wait = min(wait, max(0.0, self._clock.real_seconds(next_due - self._clock.now())) + 0.001)
        try:
            async with asyncio.timeout(wait):
                await self._wake.wait()
        except TimeoutError:
            return


def _item(row: Record, now: datetime) -> Item:
    data = TimerDue(clock=row["clock"], kind=row["kind"], epoch=row["epoch"], due_at=row["due_at"])
    name = f"{row['case_id']}/{row['clock']}/{row['kind']}/{row['epoch']}"
    event: Event[Any] = Event(id=name, source="urn:salur:timer", type=TimerDue.TYPE, time=row["due_at"], data=data)
    return Item(Origin.TIMER, event, row["case_id"], now)
