"""The second agent: each partition's desk takes up the sums, and what it found is written down, then said, then acknowledged."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import orjson
from faust.types import TP

from chassis.kafka import Producer
from services.pulse.desk import Desk
from services.pulse.engine import Engine
from services.pulse.metrics import PulseMetrics
from services.pulse.topics import COUNTS

log = logging.getLogger(__name__)


class StuckError(Exception):
    """Nothing comes any more, although pulse itself sends something every two seconds."""


class Watch:
    """Keeps a desk for each partition that is ours, and one watermark: up to when all partitions of the speakers were heard."""

    def __init__(self, engine: Engine, producer: Producer, metrics: PulseMetrics, partitions: int, desk: Callable[[int], Desk]) -> None:
        self._engine = engine
        self._producer = producer
        self._metrics = metrics
        self._partitions = partitions
        self._desk = desk
        self._generation = -1
        self._heard: dict[int, int] = {}
        self._waiting: dict[int, list[tuple[int, Any]]] = {}
        self._unheard_seconds = 0.0
        self.desks: dict[int, Desk] = {}

    @property
    def watermark_s(self) -> int | None:
        """Return the event time that every source partition has reached, None while one of them was not heard of."""
        return min(self._heard.values()) if len(self._heard) == self._partitions else None

    async def work(self, batch: Sequence[Any]) -> None:
        """Take up a batch of sums, fold what is due, write, say, acknowledge; raises PublishError."""
        await self._engine.whole.wait()  # a desk made while the tables are being rebuilt would begin anew
        began = time.process_time()
        self._settle()
        for event in batch:
            if event.message.generation_id == self._generation:
                self._take(event)
        watermark = self.watermark_s
        if watermark is not None:
            for desk in self.desks.values():
                desk.release(watermark)
            await self._write()
            self._acknowledge(watermark)
        self._unheard_seconds = 0.0
        self._metrics.cpu.inc(time.process_time() - began)
        self._metrics.waiting.set(sum(desk.held for desk in self.desks.values()))
        await self._engine.commit_acknowledged()

    async def show(self, views: Iterator[tuple[int, bytes]]) -> None:
        """Write down what the partitions show."""
        for partition, view in views:
            self._engine.views.put(partition, b"%d" % partition, view)
        await self._producer.publish(self._engine.views.changes())

    def check(self, passed_seconds: float, patience_seconds: float) -> None:
        """Hear that time has passed, and raise StuckError when our own ticks have not come back for so much of it.

        A consumer may die without a word. Time in which the whole machine stood still is not told, and does not count.
        """
        idle = not self.desks and not self._engine.rebalancing  # a replica that has no partition hears nothing
        self._unheard_seconds = 0.0 if idle else self._unheard_seconds + passed_seconds
        if self._unheard_seconds > patience_seconds:
            raise StuckError

    def _settle(self) -> None:
        """Keep desks for the partitions that are ours now, made anew from the rows when a rebalance has been."""
        generation = self._engine.consumer_generation_id
        if generation == self._generation:
            return
        self._generation = generation
        self._waiting.clear()
        ours = {tp.partition for tp in self._engine.consumer.assignment() if tp.topic == COUNTS}
        self._engine.rows.keep_only(ours)
        self.desks = {partition: self._desk(partition) for partition in sorted(ours)}

    def _take(self, event: Any) -> None:
        tp: TP = event.message.tp
        desk = self.desks[tp.partition]
        latest = 0
        for record in event.value.records:
            try:
                message = orjson.loads(record.value)
                heard = {int(partition): int(until) for partition, until in message["heard"].items()}
                latest = max(latest, desk.take(record.offset, message))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                self._metrics.count(unreadable=1)
                place = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
                log.warning("a sum cannot be read and is left out", extra={**place, "reason": type(error).__name__})
                continue
            for partition, until in heard.items():
                if 0 <= partition < self._partitions:
                    self._heard[partition] = max(until, self._heard.get(partition, 0))
        self._waiting.setdefault(tp.partition, []).append((latest, event))

    async def _write(self) -> None:
        """Write the rows and wait; then say what is to be said and wait; then strike it out."""
        await self._producer.publish(self._engine.rows.changes())
        unsaid = [(desk, record) for desk in self.desks.values() for record in desk.kept.unsaid()]
        if unsaid:
            await self._producer.publish([record for _, record in unsaid])
            for desk, _ in unsaid:
                desk.kept.said()
            await self._producer.publish(self._engine.rows.changes())
            self._metrics.said.inc(len(unsaid))
        for desk in self.desks.values():
            self._metrics.late.inc(desk.late())

    def _acknowledge(self, watermark_s: int) -> None:
        """Acknowledge, in order, what holds nothing that still waits for the watermark."""
        for waiting in self._waiting.values():
            done = 0
            for latest, event in waiting:
                if latest > watermark_s:
                    break
                event.ack()
                done += 1
            del waiting[:done]
