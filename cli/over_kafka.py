"""Publishing over Kafka: records on their topics, and the receipts that come back for exactly these records."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from typing import Any, Final

import orjson

from chassis.kafka import KafkaError, Record, Sender, Tail
from cli.common import AWAY, Failure
from cli.lines import Line
from cli.receipts import Feed, Receipts
from schemas.envelope import STRUCTURED
from schemas.registry import EVENTS
from schemas.topics import ACTIONS, RECEIPTS, SUBMISSIONS

WINDOW: Final = 5000
"""Records that may wait for their receipts: a file is published as fast as it is answered."""
_HEADERS: Final = [("content-type", STRUCTURED.encode())]
_INBOUND: Final = frozenset({SUBMISSIONS, ACTIONS})
Place = tuple[str, int, int]


class OverKafka:
    """Publishes a feed's lines; `moved` hears how many are on their topics and how many are answered."""

    def __init__(self, bootstrap: str, receipts: Receipts, *, patience_seconds: float, moved: Callable[[Line | None], None]) -> None:
        self._sender = Sender(bootstrap, "salur-publish")
        self._tail = Tail(bootstrap, RECEIPTS)
        self._bootstrap = bootstrap
        self._receipts = receipts
        self._patience = patience_seconds
        self._moved = moved
        self._sending = 0
        self._waiting: dict[Place, int] = {}
        self._early: dict[Place, dict[str, Any]] = {}
        self._heard = time.monotonic()
        self._lost: BaseException | None = None

    async def publish(self, feed: Feed) -> None:
        """Publish everything and wait for the receipts; raises Failure when Kafka is away."""
        logging.getLogger("aiokafka").setLevel(logging.CRITICAL + 1)
        try:
            await self._start()
            reading = asyncio.create_task(self._read())
            try:
                while lines := await feed.some(500):
                    for line in lines:
                        await self._send(line)
                await self._until(lambda: not self._sending and not self._waiting)
            finally:
                reading.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await reading
        finally:
            await self._sender.stop()
            await self._tail.stop()
            for number in sorted(self._waiting.values()):
                self._receipts.unanswered(number)
        if self._lost is not None:
            raise self._away("Kafka went away while publishing")

    async def _start(self) -> None:
        try:
            await self._sender.start()
            there = await self._tail.start()
        except (KafkaError, OSError):
            raise self._away("No Kafka answers") from None
        if not there:
            raise Failure(f"Kafka at {self._bootstrap} has no topic {RECEIPTS}: `make up` or `python -m deploy.prepare` makes it.", AWAY)

    def _away(self, what: str) -> Failure:
        again = "publish the same file again then, what is ours already is answered as duplicate"
        return Failure(f"{what} at {self._bootstrap} (SALUR_KAFKA_BOOTSTRAP). `salur status` shows what runs; {again}.", AWAY)

    async def _send(self, line: Line) -> None:
        if line.event is None:
            self._receipts.unsent(line)
            self._moved(line)
            return
        there_is_room = await self._until(lambda: self._sending + len(self._waiting) < WINDOW)
        if self._lost is not None:
            raise self._away("Kafka went away while publishing")
        if not there_is_room:
            raise Failure(f"{WINDOW:,} records wait for their receipts, so the rest was not published: is intake up? `salur status` shows it.", AWAY)
        topic, key = _place(line.event)
        self._sending += 1
        try:
            future = await self._sender.send(topic, key, line.value, _HEADERS)
        except KafkaError:
            raise self._away("Kafka went away while publishing") from None
        future.add_done_callback(lambda done: self._sent(line, done))

    def _sent(self, line: Line, done: asyncio.Future[Any]) -> None:
        self._sending -= 1
        if done.cancelled() or done.exception() is not None:
            self._lost = self._lost or (None if done.cancelled() else done.exception())
            self._receipts.unanswered(line.number)
            return
        self._heard = time.monotonic()
        self._moved(line)
        told = done.result()
        place = (told.topic, told.partition, told.offset)
        receipt = self._early.pop(place, None)
        if receipt is None:
            self._waiting[place] = line.number
        else:
            self._answer(line.number, receipt)
        if not self._sending:
            self._early.clear()

    async def _read(self) -> None:
        while True:
            for record in await self._tail.poll():
                self._take(record)

    def _take(self, record: Record) -> None:
        try:
            receipt = orjson.loads(record.value or b"")["data"]
            place = (receipt["topic"], receipt["partition"], receipt["offset"])
        except (ValueError, KeyError, TypeError):
            return
        if place in self._waiting:
            self._answer(self._waiting.pop(place), receipt)
        elif self._sending and receipt["topic"] in _INBOUND:
            self._early[place] = receipt  # the broker's word that our record has this place may come later than its receipt

    def _answer(self, line: int, receipt: dict[str, Any]) -> None:
        self._heard = time.monotonic()
        self._receipts.tell(line, receipt)
        self._moved(None)

    async def _until(self, true: Callable[[], bool]) -> bool:
        """Wait until something is true, Kafka is lost, or nothing was heard for too long; returns whether it is true."""
        while not (found := true()) and self._lost is None and time.monotonic() - self._heard < self._patience:  # noqa: ASYNC110 - a poll
            await asyncio.sleep(0.02)  # many small things may make it true
        return found


def _place(event: dict[str, Any]) -> tuple[str, bytes]:
    """Return the topic of an event, by its type, and its key: a case's actions stay in their order."""
    entry = EVENTS.get(event["type"]) if isinstance(event.get("type"), str) else None
    topic = entry.topic if entry is not None and entry.inbound else SUBMISSIONS
    data = event.get("data")
    named = data.get("case_id") if topic == ACTIONS and isinstance(data, dict) else None
    return topic, str(named or event.get("id") or "").encode()
