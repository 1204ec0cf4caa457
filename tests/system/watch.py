"""Reads what Salur says while it says it, as any outside reader would: from all partitions, in no group."""

from __future__ import annotations

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from tests.system.evidence import TABLES, Record

POLL_SECONDS = 0.02


class Watcher:
    """Notes when each case was first said to have an owner, a clock and a queued notice, and every event by what caused it."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._task: asyncio.Task[None] | None = None
        self.submission: dict[str, str] = {}
        """Case → the submission that it came from."""
        self.case: dict[str, str] = {}
        """The other way round; the first one, should there be several."""
        self.seen: dict[str, dict[str, float]] = defaultdict(dict)
        """Case → type → when it was first seen (monotonic seconds)."""
        self.caused: dict[str, dict[str, Any]] = {}
        """Cause → the event it led to, on routing's side."""
        self.receipts: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.queued: set[str] = set()
        self.ended: set[str] = set()
        self.last = time.monotonic()
        self.on_routed: Callable[[str, dict[str, Any]], None] = lambda _submission, _event: None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def there(self, submission: str, *types: str) -> float | None:
        """Return when the last of these types was first seen of a submission's case; None while one is missing."""
        if self._task is not None and self._task.done():
            self._task.result()  # nobody watches any more: say why
        times = [self.seen[self.case.get(submission, "")].get(f"salur.{name}.v1") for name in types]
        return None if None in times else max(times)

    async def _run(self) -> None:
        consumer = AIOKafkaConsumer(bootstrap_servers=self._bootstrap, auto_offset_reset="earliest", retry_backoff_ms=200, fetch_max_wait_ms=50)
        await consumer.start()
        try:
            await assign_all(consumer, self._bootstrap)
            while True:
                try:
                    for records in (await consumer.getmany(timeout_ms=100)).values():
                        for record in records:
                            self._hear(json.loads(record.value))
                except KafkaError:
                    await asyncio.sleep(0.2)
                await asyncio.sleep(POLL_SECONDS)
        finally:
            await consumer.stop()

    def _hear(self, event: dict[str, Any]) -> None:
        type_, case_id, cause = event["type"], event.get("subject"), event.get("causationid")
        self.last = time.monotonic()
        if type_ == "salur.receipt.v1":
            self.receipts[str(event["data"]["received_id"])].append(event["data"])
            return
        if case_id is not None:
            self.seen[case_id].setdefault(type_, time.monotonic())
        if type_ == "salur.complaint.accepted.v1":
            self.submission.setdefault(case_id, cause)
            self.case.setdefault(cause, case_id)
        elif event["source"] == "urn:salur:routing" and cause not in self.caused:
            self.caused[cause] = event
            if type_ == "salur.case.routed.v1":
                self.on_routed(event["correlationid"], event)
        elif event["source"] == "urn:salur:notify":
            (self.queued if type_.endswith("queued.v1") else self.ended).add(event["data"]["notice_id"])


async def until(holds: Any, seconds: float) -> bool:
    """Wait until `holds()`; returns whether it does within the time."""
    end = time.monotonic() + seconds
    while not (there := holds()) and time.monotonic() < end:
        await asyncio.sleep(0.05)
    return bool(there)


async def assign_all(consumer: AIOKafkaConsumer, bootstrap: str, *, inbound: bool = False) -> list[TopicPartition]:
    """Give a consumer every partition of what Salur says (and is told, when `inbound`); returns them."""
    left_out = {"salur.reference"} if inbound else {"salur.reference", "salur.submissions", "salur.actions"}
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        said = [topic for topic in await admin.list_topics() if topic.startswith("salur.") and topic not in left_out]
        topics = [topic for topic in said if inbound or not topic.startswith(TABLES)]
        described = await admin.describe_topics(topics)
    finally:
        await admin.close()
    places = [TopicPartition(topic["topic"], part["partition"]) for topic in described for part in topic["partitions"]]
    consumer.assign(places)
    await consumer.seek_to_beginning(*places)
    return places


async def dump(bootstrap: str) -> list[Record]:
    """Return every record of every topic of Salur, inbound ones too; bounded by the ends at the call."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    records: list[Record] = []
    try:
        places = await assign_all(consumer, bootstrap, inbound=True)
        ends = await consumer.end_offsets(places)
        async with asyncio.timeout(120):
            while any([await consumer.position(place) < end for place, end in ends.items()]):
                for found in (await consumer.getmany(timeout_ms=200)).values():
                    records += [_record(record) for record in found]
    finally:
        await consumer.stop()
    return records


def _record(record: ConsumerRecord) -> Record:
    headers = tuple((name, bytes(value)) for name, value in record.headers)
    return Record(record.topic, record.partition, record.offset, record.timestamp, record.key, record.value, headers)
