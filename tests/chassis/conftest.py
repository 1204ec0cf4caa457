"""A counting service of its own for each test: schema, topics, and the means to run, feed and read it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from chassis.carry import Carrier
from chassis.clock import read_clock
from chassis.draft import Draft
from chassis.kafka import TopicSettings
from chassis.metrics import Metrics
from chassis.parcels import unpack
from chassis.postgres import connect
from chassis.seal import Seal
from deploy.local.settings import LocalSettings
from deploy.local.supervisor import Stack
from deploy.prepare import CHASSIS, PrepareSettings, prepare
from schemas.topics import RECEIPTS
from tests.chassis import counting
from tests.chassis.failing import failing
from tests.forked import Forked


@dataclass
class Bench:
    """One counting service's surroundings, seen from outside."""

    name: str
    stack: Stack
    folder: Path
    producer: AIOKafkaProducer
    owner: asyncpg.Connection
    processes: list[Forked] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return (self.folder / f"postgres-{self.name}.url").read_text()

    @property
    def log(self) -> Path:
        return self.folder / "service.log"

    async def feed(self, cases: Sequence[UUID], numbers: Sequence[int], **more: Any) -> list[str]:
        """Publish an `Added` for each pair, as one of our own speakers would; returns the event ids."""
        ids = []
        futures = []
        for case_id, number in zip(cases, numbers, strict=True):
            event = own_event(case_id, {"case_id": str(case_id), "number": number, **more})
            ids.append(event["id"])
            futures.append(await self.send_own(event))
        await asyncio.gather(*futures)
        return ids

    async def send_own(self, event: dict[str, Any]) -> asyncio.Future[Any]:
        headers = [("salur_type", event["type"].encode()), ("salur_subject", event["subject"].encode())]
        feed = counting.topics(self.name)[0]
        return await self.producer.send(feed, json.dumps(event).encode(), key=event["subject"].encode(), headers=headers)

    async def order(self, value: bytes, key: bytes = b"k") -> Any:
        return await self.producer.send_and_wait(counting.topics(self.name)[1], value, key=key)

    async def start(self, replica: int = 1, failpoint: str | None = None, **environment: str) -> Forked:
        """Start the service as a process of its own, with one of its failpoints armed."""
        variables = {
            "PATH": os.environ["PATH"],
            "SALUR_KAFKA_BOOTSTRAP": self.stack.kafka_bootstrap,
            "SALUR_POSTGRES_URL": self.url,
            "SALUR_SECRETS": str(self.folder),
            "SALUR_REPLICA": str(replica),
            "SALUR_OPEN": "1",
            "SALUR_COUNTING_PORT": str(self.port),
            "SALUR_TEST_BOOM": str(self.folder / "mended"),
            "COUNTING_NAME": self.name,
            **environment,
        }
        process = Forked(partial(failing, failpoint, counting.main), environment=variables, out=self.log)
        self.processes.append(process)
        return process

    async def stop(self, process: Forked, number: signal.Signals = signal.SIGTERM) -> int:
        if process.returncode is None:
            process.send_signal(number)
        return await asyncio.wait_for(process.wait(), 25)

    async def reconnect(self) -> None:
        self.owner = await asyncpg.connect(self.stack.postgres_owner_url)

    async def topic(self, name: str) -> list[Any]:
        """Return every record of a topic, partition by partition."""
        consumer = AIOKafkaConsumer(name, bootstrap_servers=self.stack.kafka_bootstrap, auto_offset_reset="earliest")
        await consumer.start()
        try:
            places = sorted(consumer.assignment())
            ends = await consumer.end_offsets(places)
            records: list[Any] = []
            while any([await consumer.position(place) < end for place, end in ends.items()]):
                for found in (await consumer.getmany(timeout_ms=200)).values():
                    records += found
            return records
        finally:
            await consumer.stop()

    async def said(self) -> list[dict[str, Any]]:
        return [json.loads(record.value) for record in await self.topic(counting.topics(self.name)[2])]

    async def receipts(self, count: int, seconds: float = 15) -> list[dict[str, Any]]:
        """Return this service's receipts once there are `count` of them (or the time is over)."""
        source = f"urn:salur:{self.name}"
        end = time.monotonic() + seconds
        while True:
            found = [document for record in await self.topic(RECEIPTS) if (document := json.loads(record.value))["source"] == source]
            if len(found) >= count or time.monotonic() > end:
                return found
            await asyncio.sleep(0.2)

    async def query(self, sql: str, *values: Any) -> list[asyncpg.Record]:
        await self.owner.execute(f'SET search_path TO "{self.name}"')
        return await self.owner.fetch(sql, *values)

    async def whole(self) -> list[bytes]:
        """Return the values that wait in the outbox and are in no history: receipts, in order per key."""
        rows = await self.query("SELECT content FROM outbox WHERE whole ORDER BY position")
        return [value for row in rows for _, value in unpack(row["content"]) if value is not None]

    async def until(self, sql: str, expected: Any, seconds: float = 20) -> Any:
        """Wait until a query's first value is the expected one; returns the last value seen."""
        end = time.monotonic() + seconds
        while True:
            value = (await self.query(sql))[0][0]
            if value == expected or time.monotonic() > end:
                return value
            await asyncio.sleep(0.05)

    async def carrier(self, committed: Any = lambda _draft: None, size: int = 4) -> Carrier:
        """Return a carrier in this process, without Kafka around it."""
        pool = await connect(self.url, name="test", schema=self.name, size=size)
        clock = await read_clock(pool)
        service = counting.service(self.name)
        mended = self.folder / "mended"
        return Carrier(
            service, pool=pool, clock=clock, seal=Seal(bytes(32)), metrics=Metrics(self.name), reference=lambda: mended, committed=committed
        )


def own_event(case_id: UUID, data: dict[str, Any], type_: str = counting.Added.TYPE) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": str(uuid4()),
        "source": "urn:salur:feeder",
        "type": type_,
        "time": "2026-03-02T03:04:05Z",
        "subject": str(case_id),
        "data": data,
    }


def order_event(case_id: UUID, number: int, id_: str | None = None, **more: Any) -> bytes:
    event = {"specversion": "1.0", "id": id_ or str(uuid4()), "source": "urn:test", "type": counting.Add.TYPE}
    return json.dumps({**event, "data": {"case_id": str(case_id), "number": number, **more}}).encode()


@pytest_asyncio.fixture(loop_scope="session")
async def bench(stores: Stack, tmp_path: Path) -> AsyncIterator[Bench]:
    """A counting service of its own: prepared, not started."""
    name = f"count{uuid4().hex[:8]}"
    settings = PrepareSettings(postgres_owner_url=stores.postgres_owner_url, kafka_bootstrap=stores.kafka_bootstrap, secrets=tmp_path, partitions=3)
    topics = [TopicSettings(topic, 3, 1, {}) for topic in (*counting.topics(name), RECEIPTS)]
    await prepare(settings, {name: [CHASSIS, counting.MIGRATIONS]}, topics)
    producer = AIOKafkaProducer(bootstrap_servers=stores.kafka_bootstrap, linger_ms=1)
    await producer.start()
    owner = await asyncpg.connect(stores.postgres_owner_url)
    port = LocalSettings.with_free_ports(replicas=3).intake_port
    made = Bench(name, stores, tmp_path, producer, owner, port=port)
    yield made
    if made.owner.is_closed():
        await made.reconnect()
    for process in made.processes:
        if process.returncode is None:
            process.kill()
            await process.wait()
    await producer.stop()
    await owner.close()


__all__ = ["Bench", "Draft", "order_event", "own_event"]
