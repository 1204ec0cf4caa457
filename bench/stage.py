"""Where the runs happen: one Kafka and one PostgreSQL of the benchmark's own, and what a run needs made in them."""

from __future__ import annotations

import asyncio
import logging
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError

from bench.meters import Meters
from chassis.kafka import Outgoing, Producer, TopicSettings, create_topics
from deploy.local.settings import PORTS, LocalSettings
from deploy.local.supervisor import Report, Stack
from deploy.prepare import CHASSIS, PrepareSettings, prepare

HERE: Final = Path(__file__).parent
OUT: Final = Path("out/bench")
_FETCH_BYTES: Final = 4 * 1024 * 1024


@dataclass(slots=True)
class Stage:
    """The stores, up, and the hands to work with them."""

    stack: Stack
    owner: asyncpg.Connection[asyncpg.Record]
    producer: Producer
    admin: AIOKafkaAdminClient
    eye: AIOKafkaConsumer
    meters: Meters
    partitions: int
    folder: Path

    @property
    def kafka(self) -> str:
        """Kafka's address."""
        return self.stack.kafka_bootstrap

    @property
    def port(self) -> int:
        """A free port; further replicas take those 100 higher."""
        return self.stack.settings.intake_port

    async def make_topics(self, inward: str, outward: str) -> None:
        """Make a run's two topics; the broker stamps what is said as it appends it, which is how every run is timed."""
        stamped = {"message.timestamp.type": "LogAppendTime"}
        await create_topics(self.kafka, [TopicSettings(inward, self.partitions, 1, {}), TopicSettings(outward, self.partitions, 1, stamped)])

    async def make_service(self, name: str) -> str:
        """Prepare the database for a service on the chassis; returns the URL of its role."""
        settings = PrepareSettings(
            postgres_owner_url=self.stack.postgres_owner_url, kafka_bootstrap=self.kafka, secrets=self.folder, partitions=self.partitions
        )
        await prepare(settings, {name: [CHASSIS, HERE / "migrations"]}, [])
        return (self.folder / f"postgres-{name}.url").read_text()

    async def make_peer(self, name: str) -> str:
        """Prepare the database for a peer; returns the URL of its role."""
        await self.owner.execute(f'CREATE SCHEMA "{name}"')
        await self.owner.execute(f'SET search_path TO "{name}"')
        await self.owner.execute((HERE / "peers" / "tables.sql").read_text())
        return self.stack.postgres_owner_url

    async def clear(self, name: str, topics: Iterable[str]) -> None:
        """Remove what a run left, so that each one finds the stores alike."""
        await self.owner.execute(f'DROP SCHEMA IF EXISTS "{name}" CASCADE')
        await self.admin.delete_topics(list(topics))

    async def publish(self, records: Sequence[Outgoing]) -> None:
        """Publish records, all acknowledged when it returns."""
        for start in range(0, len(records), 5_000):
            await self.producer.publish(records[start : start + 5_000])

    async def members(self, group: str) -> int:
        """Return how many members a group has, 0 while it is still being put together."""
        try:
            (answer,) = await self.admin.describe_consumer_groups([group])
        except GroupCoordinatorNotAvailableError:
            return 0  # the broker's first group: it is still making the topic that keeps offsets
        _, _, state, _, _, members, *_ = answer.groups[0]
        return len(members) if state == "Stable" else 0

    async def behind(self, group: str, topic: str) -> int:
        """Return how many records of a topic a group has not acknowledged."""
        done = await self.admin.list_consumer_group_offsets(group)
        ends = await self.ends(topic)
        return sum(end - max(0, done[place].offset if place in done else 0) for place, end in ends.items())

    async def ends(self, topic: str) -> dict[TopicPartition, int]:
        """Return the end offset of each of a topic's partitions."""
        return dict(await self.eye.end_offsets([TopicPartition(topic, number) for number in range(self.partitions)]))

    async def read(self, topic: str) -> list[Any]:
        """Return every record of a topic, in order per partition."""
        consumer = AIOKafkaConsumer(topic, bootstrap_servers=self.kafka, auto_offset_reset="earliest", max_partition_fetch_bytes=_FETCH_BYTES)
        await consumer.start()
        try:
            ends = await consumer.end_offsets([TopicPartition(topic, number) for number in range(self.partitions)])
            records: list[Any] = []
            while len(records) < sum(ends.values()):
                for found in (await consumer.getmany(timeout_ms=200)).values():
                    records += found
            return records
        finally:
            await consumer.stop()


@asynccontextmanager
async def raised(partitions: int, *, data: Path | None, first_port: int | None, report: Report) -> AsyncIterator[Stage]:
    """Start the stores in a folder of their own and take everything away at the end."""
    parent = (data or OUT).resolve()
    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="stores-", dir=parent))
    folder.chmod(0o711)
    ports = {name: first_port + number for number, name in enumerate(PORTS)} if first_port else {}
    settings = LocalSettings.with_free_ports(data=folder, partitions=partitions, replicas=2, **ports)
    logging.getLogger("aiokafka.cluster").setLevel(logging.CRITICAL)  # it complains of each topic that a run has deleted
    stack = Stack(settings, parts={"kafka", "postgres"}, services=(), report=report)
    try:
        await stack.start()
        try:
            async with _hands(stack, folder / "secrets") as stage:
                yield stage
        finally:
            await stack.stop()
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


@asynccontextmanager
async def _hands(stack: Stack, secrets: Path) -> AsyncIterator[Stage]:
    owner = await asyncpg.connect(stack.postgres_owner_url)
    producer = Producer(stack.kafka_bootstrap, "bench")
    admin = AIOKafkaAdminClient(bootstrap_servers=stack.kafka_bootstrap)
    eye = AIOKafkaConsumer(bootstrap_servers=stack.kafka_bootstrap)
    await producer.start()
    await admin.start()
    await eye.start()
    kafka, postgres = stack.process("kafka").pid, stack.process("postgres").pid
    assert kafka is not None
    assert postgres is not None
    try:
        yield Stage(stack, owner, producer, admin, eye, Meters(kafka, postgres), stack.settings.partitions, secrets)
    finally:
        await eye.stop()
        await admin.close()
        await producer.stop()
        await owner.close(timeout=5)
