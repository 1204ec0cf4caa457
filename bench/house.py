"""The four services on stores of their own, fed and read from outside."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition

from bench.meters import Meters
from bench.stage import OUT
from bench.week import Sent, week
from chassis.kafka import Producer
from deploy.local.plan import find_services
from deploy.local.settings import LocalSettings
from deploy.local.supervisor import Stack
from schemas.topics import INTAKE, NOTIFY, RESTRICTED, ROUTING, SLA

SERVICES: Final = ("intake", "routing", "sla", "notify")
WARM: Final = 400


@dataclass(slots=True)
class House:
    """The four services on stores of their own, and the hands to feed and to read them from outside."""

    stack: Stack
    owner: asyncpg.Connection[asyncpg.Record]
    producer: Producer
    eye: AIOKafkaConsumer
    partitions: int
    services: tuple[str, ...] = SERVICES
    number: int = 0

    def next(self, count: int) -> list[Sent]:
        """Return submissions that were not sent before."""
        self.number += count
        return week(self.number - count, count)

    async def publish(self, sent: Sequence[Sent]) -> None:
        """Publish submissions; all are acknowledged when it returns."""
        for start in range(0, len(sent), 2_000):
            await self.producer.publish([one.outgoing() for one in sent[start : start + 2_000]])

    async def ends(self, *topics: str) -> dict[TopicPartition, int]:
        """Return where topics end now."""
        return dict(await self.eye.end_offsets([TopicPartition(topic, n) for topic in topics for n in range(self.partitions)]))

    async def until_through(self, since: dict[TopicPartition, int], cases: int, seconds: float) -> bool:
        """Wait until as many notices were queued as there are cases (some have more than one), or nothing moves any more."""
        end, last, still = time.monotonic() + seconds, -1, 0
        while time.monotonic() < end:
            now = await self.ends(NOTIFY, RESTRICTED, ROUTING, SLA)
            moved = sum(now.values())
            routed = sum(end - since[place] for place, end in now.items() if place.topic in (ROUTING, RESTRICTED))
            still = still + 1 if moved == last else 0
            if routed >= cases and still >= 10:
                return True
            last = moved
            await asyncio.sleep(0.2)
        return False

    async def read(self, since: dict[TopicPartition, int]) -> list[Any]:
        """Return all records of the speakers' topics from there on."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.stack.kafka_bootstrap, max_partition_fetch_bytes=4 * 1024 * 1024)
        await consumer.start()
        try:
            consumer.assign(list(since))
            for place, offset in since.items():
                consumer.seek(place, offset)
            ends = await self.ends(*{place.topic for place in since})
            wanted = sum(ends[place] - offset for place, offset in since.items())
            records: list[Any] = []
            while len(records) < wanted:
                for found in (await consumer.getmany(timeout_ms=500)).values():
                    records += found
            return records
        finally:
            await consumer.stop()

    async def warm(self) -> None:
        """Let a few cases through: connections and prepared statements are there as in a house that has been up."""
        since = await self.ends(INTAKE, ROUTING, SLA, NOTIFY, RESTRICTED)
        await self.publish(self.next(WARM))
        await self.until_through(since, WARM, 60)

    def pids(self) -> dict[str, int]:
        """Return the services' process ids."""
        found = {name: self.stack.process(name).pid for name in self.services}
        return {name: pid for name, pid in found.items() if pid is not None}

    def meters(self) -> Meters:
        """Return what reads the CPU of stores and services."""
        kafka, postgres = self.stack.process("kafka").pid, self.stack.process("postgres").pid
        assert kafka is not None
        assert postgres is not None
        return Meters(kafka, postgres)


@asynccontextmanager
async def raised(partitions: int, data: Path | None, also: Collection[str] = ()) -> AsyncIterator[House]:
    """Start the four services, and those of `also`, in a folder of its own and take it away at the end."""
    parent = (data or OUT).resolve()
    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="house-", dir=parent))
    folder.chmod(0o711)
    os.environ |= {"SALUR_OPEN": "1", "SALUR_LOG_LEVEL": "WARNING"}
    logging.getLogger("aiokafka.cluster").setLevel(logging.CRITICAL)
    settings = LocalSettings.with_free_ports(data=folder, partitions=partitions)
    names = (*SERVICES, *also)
    services = tuple(service for service in find_services(settings) if service.name in names)
    stack = Stack(settings, parts={"kafka", "postgres", "prepare", "services"}, services=services)
    try:
        await stack.start()
        owner = await asyncpg.connect(stack.postgres_owner_url)
        producer, eye = Producer(stack.kafka_bootstrap, "bench"), AIOKafkaConsumer(bootstrap_servers=stack.kafka_bootstrap)
        await producer.start()
        await eye.start()
        try:
            yield House(stack, owner, producer, eye, partitions, names)
        finally:
            await eye.stop()
            await producer.stop()
            await owner.close(timeout=5)
    finally:
        await stack.stop()
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
