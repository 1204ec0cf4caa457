"""The way in from Kafka: poll, decode, carry, and only then let go of the records."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from chassis import failpoints
from chassis.clock import Clock
from chassis.decode import Decoder
from chassis.failpoints import Point
from chassis.item import Item, Work
from chassis.kafka import Consumer, Place, Record
from chassis.metrics import Metrics
from chassis.retry import patiently

log = logging.getLogger(__name__)

SLICE: Final = 50
"""Events decoded before the loop is given free: an answer of the database must not wait for a whole batch to be parsed."""
LARGE: Final = 100
"""From so many records on a batch may be carried beside another one; smaller ones would only split the work into smaller batches."""
LANES: Final = 2
POLL_MS: Final = 50
"""How long a read waits for a first record before the loop turns: stopping and lazy commits wait as long."""
SETTLE_SECONDS: Final = 5.0
STUCK_SECONDS: Final = 1.0


@dataclass(slots=True, eq=False)
class _Batch:
    """Records that belong together, what was read from them, and the partitions they came from."""

    records: Sequence[Record]
    work: Work
    places: frozenset[Place]


class Intake:
    """Reads the service's topics batch by batch.

    The next batch is decoded while one is carried. Under a backlog two are carried at once, of different partitions: one decides
    while the other waits for the database. Two batches of one partition never are, for that partition's order.
    """

    def __init__(
        self,
        consumer: Consumer,
        carry: Callable[[Work], Awaitable[None]],
        *,
        decoder: Decoder,
        clock: Clock,
        metrics: Metrics,
        batch_records: int,
        patience_seconds: float,
    ) -> None:
        self._consumer = consumer
        self._carry = carry
        self._decoder = decoder
        self._clock = clock
        self._metrics = metrics
        self._records = batch_records
        self._patience = patience_seconds
        self._stopping = False
        self._under_way: dict[asyncio.Task[None], _Batch] = {}
        self._failure: BaseException | None = None
        self.oldest_seconds = 0.0

    def lag(self) -> dict[str, int]:
        """Return per topic how many records wait on this process's partitions."""
        return self._consumer.lag()

    async def joined(self) -> None:
        """Return once the group has given this process its share."""
        await self._consumer.joined.wait()

    def stop(self) -> None:
        """Let `run` end after the batches on their way."""
        self._stopping = True

    async def run(self) -> None:
        """Read until stopped; raises PatienceError when the database stays away."""
        await self._consumer.start(self.settle)
        try:
            while not self._stopping:
                batch = await self._next()
                if batch is not None:
                    await self._make_room(batch)
                    self._end_on_failure()
                    self._start(batch)
                await self._consumer.commit_lazily()
                failpoints.reach(Point.AFTER_OFFSETS)
            while self._under_way:
                await self._one_ends()
            self._end_on_failure()
        finally:
            await self._consumer.stop()

    def _end_on_failure(self) -> None:
        """Raise what a batch failed with, before a later one of its partitions could be carried and committed past it."""
        if self._failure is not None:
            raise self._failure

    async def settle(self) -> None:
        """Give the batches on their way time to end before partitions go; what ends later finds itself claimed by a successor.

        Called from within a rebalance, where polling would wait for the rebalance itself.
        """
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=SETTLE_SECONDS)
            self._reap()

    async def _next(self) -> _Batch | None:
        """Return the next batch, of partitions that are not being carried if there are any such records."""
        busy = {place for batch in self._under_way.values() for place in batch.places}
        records = await self._consumer.poll(max_records=self._records, timeout_ms=0, without=busy) if busy else []
        if not records:
            records = await self._consumer.poll(max_records=self._records, timeout_ms=POLL_MS)
        failpoints.reach(Point.AFTER_FETCH)
        if not records:
            self.oldest_seconds = 0.0 if not self._under_way else self.oldest_seconds
            self._reap()
            return None
        self.oldest_seconds = max(0.0, time.time() - min(record.timestamp for record in records) / 1000)
        work = await self._decode(records)
        return _Batch(records, work, frozenset((record.topic, record.partition) for record in records))

    async def _make_room(self, batch: _Batch) -> None:
        """Wait until nothing of the batch's partitions is on its way, and, unless the batch is a large one, nothing at all."""
        self._reap()
        most = LANES - 1 if len(batch.records) >= LARGE else 0
        while len(self._under_way) > most or any(batch.places & other.places for other in self._under_way.values()):
            await self._one_ends()

    def _start(self, batch: _Batch) -> None:
        self._under_way[asyncio.create_task(self._bring(batch.work, batch.records))] = batch

    async def _one_ends(self) -> None:
        """Wait for a batch on its way; if that takes long, stop fetching but go on polling, so that membership lives."""
        paused = False
        while self._under_way and not any(task.done() for task in self._under_way):
            await asyncio.wait(self._under_way, timeout=STUCK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if self._under_way and not any(task.done() for task in self._under_way):
                self._consumer.pause()
                paused = True
                await self._consumer.poll(max_records=1, timeout_ms=0)
        if paused:
            self._consumer.resume()
        self._reap()

    def _reap(self) -> None:
        """Let go of batches that ended; a failed one is kept for `run`, for whoever reaps it may be a rebalance."""
        for task in [task for task in self._under_way if task.done()]:
            del self._under_way[task]
            self._failure = self._failure or task.exception()

    async def _bring(self, work: Work, records: Sequence[Record]) -> None:
        if work:
            await patiently(lambda: self._carry(work), patience_seconds=self._patience, what="carrying a batch")
        self._consumer.done(records)

    async def _decode(self, records: Sequence[Record]) -> Work:
        work = Work()
        now = self._clock.now()
        sifted = 0
        for number, record in enumerate(records):
            read = self._decoder(record, now)
            if read is not None:
                read.order = number
            if read is None:
                sifted += 1
            elif isinstance(read, Item):
                work.items.append(read)
            else:
                work.unreadable.append(read)
            if number % SLICE == SLICE - 1:
                await asyncio.sleep(0)
        if sifted:
            self._metrics.count({"sifted": sifted})
        return work
