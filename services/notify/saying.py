"""Telling as events what became of notices: the way of a timer, so that sequence and chain of the case hold."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from asyncpg import Record

from chassis.carry import Carrier
from chassis.claim import Claimed
from chassis.item import Item, Origin, Work
from chassis.postgres import Connection
from schemas.base import Event
from services.notify import store
from services.notify.case import NoticeOutcome

BATCH: Final = 500
POLL_SECONDS: Final = 2.0
"""What a process that died left unsaid is noticed after this time at the latest."""
BUSY_SECONDS: Final = 0.02


class Saying:
    """Says what has ended, one transaction a batch."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Look again: a notice has ended."""
        self._wake.set()

    async def run(self) -> None:
        """Say until cancelled; raises AwayError."""
        while True:
            self._wake.clear()
            if not await self.step():
                try:
                    async with asyncio.timeout(POLL_SECONDS):
                        await self._wake.wait()
                except TimeoutError:
                    continue

    async def step(self) -> bool:
        """Say one batch; return whether there was any. A blocked case waits until it is redriven."""
        rows = await store.unsaid(self._carrier.pool, BATCH)
        if rows:
            said: list[Item] = []

            async def claiming(connection: Connection, work: Work) -> Claimed:
                said[:] = await _claim(connection, work)
                return Claimed(list(said))

            await self._carrier.carry(Work([_item(row, row["ended_at"]) for row in rows]), claiming)
            if not said:
                await asyncio.sleep(BUSY_SECONDS)  # their cases are being decided on, or another replica has them
        return bool(rows)


async def _claim(connection: Connection, work: Work) -> list[Item]:
    """Lock the cases that nobody holds, then take those notices that are still unsaid."""
    items = work.items
    case_ids = [item.case_id for item in items if item.case_id is not None]
    taken = await store.take_unsaid(connection, [item.event.data.notice_id for item in items], case_ids)
    return [item for item in items if item.event.data.notice_id in taken]


def _item(row: Record, at: datetime) -> Item:
    data = NoticeOutcome(
        notice_id=UUID(int=row["notice_id"].int),  # the driver has a class of its own
        cause=row["cause"],
        rule=row["rule"],
        channel=row["channel"],
        agency=row["agency"],
        role=row["role"],
        reason=row["reason"],
        message_id=row["message_id"] if row["state"] == "delivered" else None,
        turn=row["turn"],
    )
    event: Event[Any] = Event(
        id=row["cause"],
        source=f"urn:salur:notice:{row['notice_id']}",  # an id of its own for each notice of one cause
        type=NoticeOutcome.TYPE,
        time=at,
        data=data,
        subject=str(row["case_id"]),
        correlationid=row["correlationid"],
    )
    return Item(Origin.TIMER, event, row["case_id"], at)
