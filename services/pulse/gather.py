"""The first agent: sums what the speakers' topics say and sends the sums to the partitions that own what they count.

What one key counts is spread over all partitions of the speakers' topics, for their key is the case. So each batch sends every partition one
record, which holds what the batch adds to all the keys that live there, and up to when each source partition has been heard.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

import orjson
from faust.types import TP

from chassis.clock import Clock
from chassis.hashing import key_hash
from chassis.kafka import Outgoing, Producer, Record
from services.pulse.counting import TYPES, Tally, Unreadable, home
from services.pulse.engine import Engine
from services.pulse.metrics import PulseMetrics
from services.pulse.reading import Bundle
from services.pulse.topics import COUNTS

log = logging.getLogger(__name__)

TICK_SECONDS: Final = 2.0
ALLOWED_SECONDS: Final = 2.0
"""What happened so long ago in real time is on its topic, and a fetch has seen it: only then it counts as heard of."""
AHEAD_S: Final = 3 * 3_600
AHEAD_SECONDS: Final = 30.0
"""A partition whose events lie further ahead of what all have reached, in event or in real time, waits for the others."""
SETTLE_SECONDS: Final = 5.0
"""Less than the broker waits for a member in a rebalance."""
REMEMBERED: Final = 20_000
"""Ids of recent events: a relay that was killed says its last run again."""


class Gather:
    """Sums and sends; `watermark` is told by the other agent."""

    def __init__(self, engine: Engine, producer: Producer, clock: Clock, metrics: PulseMetrics, partitions: int) -> None:
        self._engine = engine
        self._producer = producer
        self._clock = clock
        self._metrics = metrics
        self._partitions = partitions
        self._working = asyncio.Lock()
        self._sending = asyncio.Lock()
        self._done: dict[TP, int] = {}
        self._until: dict[TP, float] = {}
        self._heard: dict[int, int] = {}
        self._recent: OrderedDict[str, None] = OrderedDict()
        self.watermark_s: int | None = None

    async def work(self, batch: Sequence[Any]) -> None:
        """Sum a batch, send the sums, and only then acknowledge; raises PublishError."""
        async with self._working:
            if not self._engine.going:  # else it comes again, here or to whom its partitions go
                await self._work(batch)

    async def settle(self) -> None:
        """Return once what was being summed is acknowledged, or after some seconds: who reads it again counts it twice."""
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLE_SECONDS), self._working:
                return

    async def _work(self, batch: Sequence[Any]) -> None:
        engine = self._engine
        fresh = [event for event in batch if event.message.generation_id == engine.consumer_generation_id]
        tally, began = Tally(), time.process_time()
        for event in fresh:
            self._count(event.value, tally)
            await asyncio.sleep(0)  # a fetch may hold a thousand events, and health must answer in between
        await self._send(tally)
        for event in fresh:
            tp, bundle = event.message.tp, event.value
            self._done[tp] = event.message.offset
            if bundle.until is not None:
                self._until[tp] = max(self._until.get(tp, 0.0), datetime.fromisoformat(bundle.until.decode()).timestamp())
            event.ack()
        self._metrics.cpu.inc(time.process_time() - began)
        await engine.commit_acknowledged()

    async def tick(self) -> None:
        """Say now and then up to when everything was heard: time passes also where nothing happens; raises PublishError."""
        while True:
            await asyncio.sleep(TICK_SECONDS)
            if not self._engine.rebalancing and not self._engine.in_recovery:
                await self._send(Tally())
                self._hold_back()

    def _count(self, bundle: Bundle, tally: Tally) -> None:
        unreadable, repeated, now_s = 0, 0, self._clock.now().timestamp()
        for record in bundle.records:
            try:
                event = orjson.loads(record.value or b"")
                if self._is_repeated(event["id"]):
                    repeated += 1
                else:
                    tally.add(event, now_s)
            except (Unreadable, ValueError, KeyError, TypeError) as error:
                unreadable += 1
                self._tell(record, error)
        self._metrics.count(
            sifted=bundle.seen - len(bundle.records),
            ok=len(bundle.records) - unreadable - repeated,
            duplicate=repeated,
            unreadable=unreadable,
        )

    def _is_repeated(self, id_: str) -> bool:
        recent = self._recent
        if id_ in recent:
            return True
        recent[id_] = None
        if len(recent) > REMEMBERED:
            recent.popitem(last=False)
        return False

    def _tell(self, record: Record, error: Exception) -> None:
        place = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
        log.warning("an event cannot be read and is left out", extra={**place, "reason": type(error).__name__})

    async def _send(self, tally: Tally) -> None:
        async with self._sending:
            heard = self._hear()
            run = [_record(partition, sums, heard) for partition, sums in self._parts(tally).items()]
            await self._producer.publish(run)

    def _parts(self, tally: Tally) -> dict[int, dict[str, list[Any]]]:
        """Return the sums by the partition that owns them."""
        parts: dict[int, dict[str, list[Any]]] = {
            partition: {"series": [], "agencies": [], "publishers": []} for partition in range(self._partitions)
        }
        for (topic, region, step), number in tally.series.items():
            parts[self._home(home(region))]["series"].append((topic, region, step, number))
        for which, counts in (("agencies", tally.agencies), ("publishers", tally.publishers)):
            for (name, kind, step), count in counts.items():
                parts[self._home(name)][which].append((name, kind, step, count.number, count.last))
        return parts

    def _home(self, name: str) -> int:
        return key_hash(name.encode()) % self._partitions

    def _hear(self) -> dict[int, int]:
        """Return for each of our partitions the event time up to which all four topics have been heard."""
        consumer = self._engine.reader
        now_s = self._clock.now().timestamp() - ALLOWED_SECONDS * self._clock.speed
        heard: dict[int, float | None] = {}
        for tp in consumer.assignment():
            if tp.topic not in TYPES:
                continue
            until = now_s if consumer.caught_up(tp, self._done.get(tp)) else self._until.get(tp)
            known = heard.get(tp.partition, now_s)
            heard[tp.partition] = None if until is None or known is None else min(known, until)
        for partition, until in heard.items():
            if until is not None:
                self._heard[partition] = max(int(until), self._heard.get(partition, 0))
        return {partition: self._heard[partition] for partition in heard if partition in self._heard}

    def _hold_back(self) -> None:
        """Leave alone for now what lies far ahead of the rest: a first start reads a month, and not one partition after the other."""
        consumer, reached = self._engine.reader, self.watermark_s
        own = [until for tp, until in self._until.items() if tp in consumer.assignment()]
        if reached is None and own:
            reached = int(min(own))
        span = max(AHEAD_S, AHEAD_SECONDS * self._clock.speed)
        consumer.ahead = frozenset(tp for tp, until in self._until.items() if reached is not None and until > reached + span)


def _record(partition: int, sums: dict[str, list[Any]], heard: dict[int, int]) -> Outgoing:
    value = orjson.dumps({"heard": heard, **sums}, option=orjson.OPT_NON_STR_KEYS)
    return Outgoing(COUNTS, b"%d" % partition, partition, value, [])
