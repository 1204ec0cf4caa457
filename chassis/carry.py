"""One batch, one transaction: claim, load, decide, save, commit (docs/adr/0003 tells why in these steps and in this order).

What the database refuses because of one row is bisected down to the guilty event, which is parked; everything else of the batch
goes on. What fails because the database is away is raised: the caller tries the same batch again, and what was committed without
our knowing is found in the inbox.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from asyncpg import Record

from chassis import failpoints
from chassis.claim import Claimed, claim, load, load_held, resolve
from chassis.clock import Clock
from chassis.decode import UNDECODABLE, Decoder, drawn
from chassis.draft import Draft
from chassis.failpoints import Point
from chassis.item import INTERNAL, Item, Origin, Raw, Service, Slot, Unreadable, Work
from chassis.metrics import Metrics
from chassis.postgres import AwayError, Connection, DataFaultError, Pool, transaction
from chassis.save import save
from chassis.seal import Seal
from schemas.base import Answer, Problem

HOLD_SECONDS = 60.0
"""How long an inbound event waits for its case (contracts §6), in real seconds: it bridges a lag between topics, not a deadline."""

SLOW_SECONDS = 2.0
"""A batch that failed after so long may simply have been too slow for the limit of idle transactions: it is tried again in halves."""

Claim = Callable[[Connection, Work], Awaitable[Claimed]]


class Carrier:
    """Carries batches of one service; several may be on their way at once, the heads keep them apart."""

    def __init__(
        self,
        service: Service[Any],
        *,
        pool: Pool,
        clock: Clock,
        seal: Seal,
        metrics: Metrics,
        reference: Callable[[], Any],
        committed: Callable[[Draft], None],
    ) -> None:
        self.service = service
        self.pool = pool
        self.clock = clock
        self.seal = seal
        self.metrics = metrics
        self.decoder = Decoder(service)
        self._reference = reference
        self._committed = committed

    async def carry(self, work: Work, claiming: Claim = claim) -> None:
        """Bring a batch to its end; raises AwayError when nothing is known of it, and then the batch is to be carried again."""
        while work:
            started = time.monotonic()
            try:
                work = await self._transact(work, claiming)
            except DataFaultError as error:
                await self._bisect(work, claiming, error)
                return
            except AwayError:
                if len(work) == 1 or time.monotonic() - started < SLOW_SECONDS:
                    raise
                await self._halve(work, claiming)
                return

    async def _bisect(self, work: Work, claiming: Claim, error: DataFaultError) -> None:
        if len(work) > 1:
            await self._halve(work, claiming)
        elif work.items and work.items[0].fault is None:
            item = work.items[0]
            if item.draw is not None and not (item.redrawn or item.claimed):
                self._redraw(item)
            else:
                item.fault = str(error)
            await self.carry(work, claiming)
        elif work.unreadable and work.unreadable[0].answer.errors:
            work.unreadable[0].answer = replace(work.unreadable[0].answer, errors=())  # all of its row that is not bytes or ours
            await self.carry(work, claiming)
        else:
            raise error

    async def _halve(self, work: Work, claiming: Claim) -> None:
        both: list[Item | Unreadable] = [*work.items, *work.unreadable]
        reads = sorted(both, key=lambda read: read.order)
        for part in (reads[: len(reads) // 2], reads[len(reads) // 2 :]):
            items = [read for read in part if isinstance(read, Item)]
            await self.carry(Work(items, [read for read in part if isinstance(read, Unreadable)]), claiming)

    def _redraw(self, item: Item) -> None:
        """Draw a new case's ids once more: the ones drawn may be taken, once in a billion."""
        item.draw = drawn(item.at)
        item.case_id, item.redrawn = item.draw.case_id, True
        item.event = item.event._replace(tracking=item.draw.tracking_id)

    async def _transact(self, work: Work, claiming: Claim) -> Work:
        async with transaction(self.pool) as connection:
            failpoints.reach(Point.AFTER_BEGIN)
            await resolve(connection, self.service, work.items)
            claimed = await claiming(connection, work)
            failpoints.reach(Point.AFTER_CLAIM)
            slots = await self._load(connection, claimed)
            failpoints.reach(Point.AFTER_LOAD)
            draft = self._decide(claimed, slots)
            failpoints.reach(Point.AFTER_DECIDE)
            await save(connection, draft)
            failpoints.reach(Point.AFTER_SAVE)
        failpoints.reach(Point.AFTER_COMMIT)
        self._committed(draft)
        self.metrics.count(draft.outcomes)
        for future, reply in draft.replies:
            if not future.done():
                future.set_result(reply)
        return claimed.later

    async def _load(self, connection: Connection, claimed: Claimed) -> dict[UUID, Slot]:
        """Load the claimed cases, and the ones that copies belong to: these are read only, for their answer."""
        wanted = {item.case_id for item in claimed.items} | {unreadable.case_id for unreadable in claimed.unreadable}
        wanted |= {holder["case_id"] for _, holder in claimed.copies}
        slots = await load(connection, self.service, [case_id for case_id in wanted if case_id])
        waiting = [slot.case_id for slot in slots.values() if slot.waiting]
        taken = {read.held for reads in (claimed.items, claimed.unreadable) for read in reads}
        for row in await load_held(connection, waiting) if waiting else ():
            if row["place"] not in taken:
                slots[row["case_id"]].held.append(self.unhold(row))
        return slots

    def unhold(self, row: Record) -> Item | Unreadable:
        """Read a held record again, as what it was when it was claimed."""
        read = self.reopen(row["sealed"])
        read.case_id, read.held = row["case_id"], row["place"]
        if isinstance(read, Item):
            read.claimed = True
        return read

    def reopen(self, sealed: bytes) -> Item | Unreadable:
        """Read a record again that was parked or held."""
        raw = Raw.unpack(self.seal.open(sealed, b"record"))
        now = self.clock.now()
        if raw.topic.startswith(INTERNAL):
            return self.decoder.internal(raw, now)
        if raw.topic in self.service.reads:
            gone = Unreadable(raw, Answer("parked", UNDECODABLE, (Problem("", "this service no longer reacts to it"),)), now, Origin.OWN)
            return self.decoder(raw, now) or gone
        also = {name[5:]: value.decode() for name, value in raw.headers if name.startswith("bare_")}
        return self.decoder.inbound(raw, now, Origin.INBOUND, also or None)

    def _decide(self, claimed: Claimed, slots: dict[UUID, Slot]) -> Draft:
        hold_until = datetime.now(UTC) + timedelta(seconds=HOLD_SECONDS)
        draft = Draft(self.service, slots, reference=self._reference(), seal=self.seal, hold_until=hold_until)
        reads: list[Item | Unreadable] = [*claimed.unreadable, *claimed.items]
        if claimed.unreadable:
            reads.sort(key=lambda read: read.order)
        for read in reads:
            if isinstance(read, Item):
                draft.take(read)
            else:
                draft.refuse_unreadable(read)
        draft.finish()
        for item, holder in claimed.copies:
            slot = slots.get(holder["case_id"]) if holder["case_id"] else None
            draft.answer_copy(item, holder, slot.state if slot else None)
        return draft
