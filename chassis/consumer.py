"""The way in from Kafka: poll, decode, carry, and only then let go of the records."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from chassis import failpoints
from chassis.clock import Clock
from chassis.decode import Decoder
from chassis.failpoints import Point
from chassis.item import Item, Work
from chassis.kafka import Consumer, Record
from chassis.metrics import Metrics
from chassis.retry import patiently

log = logging.getLogger(__name__)

SLICE: Final = 50
"""Events decoded before the loop is given free: an answer of the database must not wait for a whole batch to be parsed."""
SMALL: Final = 100
STUCK_SECONDS: Final = 1.0


class Intake:
    """Reads the service's topics batch by batch; the SQL of one batch overlaps the decoding of the next, two never overlap."""

    def __init__(
        self,
        consumer: Consumer,
        carry: Callable[[Work], Awaitable[None]],
        *,
        decoder: Decoder,
        clock: Clock,
        metrics: Metrics,
        batch_records: int,
        batch_wait_ms: int,
        batch_gap_ms: int,
        patience_seconds: float,
    ) -> None:
        self._consumer = consumer
        self._carry = carry
        self._decoder = decoder
        self._clock = clock
        self._metrics = metrics
        self._records = batch_records
        self._wait_ms = batch_wait_ms
        self._gap = batch_gap_ms / 1000
        self._patience = patience_seconds
        self._stopping = False
        self._under_way: asyncio.Task[None] | None = None
        self.oldest_seconds = 0.0

    async def joined(self) -> None:
        """Return once the group has given this process its share."""
        await self._consumer.joined.wait()

    def stop(self) -> None:
        """Let `run` end after the batch on its way."""
        self._stopping = True

    def lag(self) -> dict[str, int]:
        """Return per topic how many records wait on this process's partitions."""
        return self._consumer.lag()

    async def run(self) -> None:
        """Read until stopped; raises PatienceError when the database stays away."""
        await self._consumer.start(self.settle)
        try:
            while not self._stopping:
                started = time.monotonic()
                records = await self._consumer.poll(max_records=self._records, timeout_ms=self._wait_ms)
                failpoints.reach(Point.AFTER_FETCH)
                work = await self._decode(records)
                await self.settle()
                if records:
                    self._note_age(records)
                    self._under_way = asyncio.create_task(self._bring(work, records))
                    if len(records) < SMALL:
                        await asyncio.sleep(max(0.0, self._gap - (time.monotonic() - started)))
                else:
                    self.oldest_seconds = 0.0
                await self._consumer.commit_lazily()
                failpoints.reach(Point.AFTER_OFFSETS)
            await self.settle()
        finally:
            await self._consumer.stop()

    async def settle(self) -> None:
        """Wait for the batch on its way; if it takes long, stop fetching but go on polling, so that membership lives."""
        task, paused = self._under_way, False
        while task is not None and not task.done():
            await asyncio.wait({task}, timeout=STUCK_SECONDS)
            if not task.done():
                self._consumer.pause()
                paused = True
                await self._consumer.poll(max_records=1, timeout_ms=0)
        if paused:
            self._consumer.resume()
        if task is not None:
            self._under_way = None
            task.result()

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

    def _note_age(self, records: Sequence[Record]) -> None:
        self.oldest_seconds = max(0.0, time.time() - min(record.timestamp for record in records) / 1000)
