"""Intake and routing with a real Kafka and PostgreSQL, started once; a publisher that sends anything, a reader that misses nothing."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import orjson
import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from deploy.local.plan import Service
from deploy.local.settings import LocalSettings
from deploy.local.supervisor import Stack
from tests.poison.actions import Cases, Known
from tests.poison.record import Poison

ROOT = Path(__file__).parent.parent.parent
SAID = ("salur.receipts", "salur.intake", "salur.routing", "salur.restricted")
Place = tuple[str, int, int]


@dataclass
class Salur:
    """The running services as their neighbours see them."""

    stack: Stack
    intake: httpx.AsyncClient
    routing: httpx.AsyncClient
    producer: AIOKafkaProducer
    owner: asyncpg.Connection
    records: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    receipts: dict[Place, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    came: dict[Place, float] = field(default_factory=dict)

    async def publish(self, records: Sequence[Poison], key: bytes = b"poison") -> list[Place]:
        """Publish in this order, to one partition of each topic, and return the places."""
        sent = [await self.producer.send(record.topic, record.value, key=key, headers=list(record.headers)) for record in records]
        return [(place.topic, place.partition, place.offset) for place in await asyncio.gather(*sent)]

    async def answered(self, places: Sequence[Place], seconds: float = 30) -> list[list[dict[str, Any]]]:
        """Return each place's receipts once every one has some, or when the time is over."""
        limit = time.monotonic() + seconds
        while time.monotonic() < limit and not all(place in self.receipts for place in places):
            await asyncio.sleep(0.02)
        return [list(self.receipts.get(place, ())) for place in places]

    async def case(self) -> Known:
        """Hand a complaint in and return its case once it has an owner."""
        body = {"text": "Jalan berlubang di depan pasar.", "region": "35.22", "category": "pekerjaan-umum.jalan-berlubang"}
        told = (await self.intake.post("/v1/complaints", json=body, headers={"Idempotency-Key": uuid4().hex})).json()
        limit = time.monotonic() + 20
        while (found := await self.routing.get(f"/v1/cases/{told['case_id']}")).status_code != 200:
            assert time.monotonic() < limit
            await asyncio.sleep(0.05)
        return Known(told["case_id"], told["tracking_id"], found.json()["owner"])

    async def act(self, case: Known, action: str, **data: Any) -> None:
        """Take an action that must be allowed."""
        body = {"action": action, "by": case.by(), "data": data}
        answer = await self.routing.post(f"/v1/cases/{case.case_id}/actions", json=body, headers={"Idempotency-Key": uuid4().hex})
        assert answer.status_code == 200, answer.text

    def logs(self) -> str:
        """Return all that the services wrote down."""
        return "\n".join((self.stack.settings.logs_folder / f"{name}.log").read_text() for name in ("intake", "routing"))

    async def hear(self, consumer: AIOKafkaConsumer) -> None:
        """Read what the services say, for ever."""
        while True:
            for place, found in (await consumer.getmany(timeout_ms=100)).items():
                self.records[place.topic] += found
                for record in found if place.topic == "salur.receipts" else ():
                    data = orjson.loads(record.value)["data"]
                    of = (data["topic"], data["partition"], data["offset"])
                    self.receipts[of].append(data)
                    self.came.setdefault(of, time.monotonic())


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def salur(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Salur]:
    settings = LocalSettings.with_free_ports(data=tmp_path_factory.mktemp("poison"), cache=ROOT / ".salur" / "cache", partitions=3)
    ports = {"intake": settings.intake_port, "routing": settings.routing_port}
    services = tuple(Service(name, (sys.executable, "-m", f"services.{name}"), port) for name, port in ports.items())
    stack = Stack(settings, parts={"kafka", "postgres", "prepare", "services"}, services=services)
    await stack.start()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    producer = AIOKafkaProducer(bootstrap_servers=stack.kafka_bootstrap, linger_ms=1, enable_idempotence=True, max_request_size=2**20)
    consumer = AIOKafkaConsumer(bootstrap_servers=stack.kafka_bootstrap, auto_offset_reset="earliest", enable_auto_commit=False, fetch_max_wait_ms=50)
    await producer.start()
    await consumer.start()
    consumer.assign([TopicPartition(topic, number) for topic in SAID for number in range(settings.partitions)])
    clients = {name: httpx.AsyncClient(base_url=stack.addresses[name], timeout=30) for name in ports}
    running = Salur(stack, clients["intake"], clients["routing"], producer, await asyncpg.connect(stack.postgres_owner_url))
    hearing = asyncio.create_task(running.hear(consumer))
    try:
        yield running
    finally:
        hearing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await hearing
        for client in clients.values():
            await client.aclose()
        await consumer.stop()
        await producer.stop()
        await running.owner.close()
        await stack.stop()


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def cases(salur: Salur) -> Cases:
    fresh, working, over = [await salur.case() for _ in range(3)]
    await salur.act(working, "verify")
    await salur.act(over, "archive", reason="unclear")
    return Cases(fresh, working, over)


@pytest.fixture
def until() -> Callable[..., Any]:
    async def wait(true: Callable[[], Any], seconds: float = 20) -> None:
        limit = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < limit, "it did not happen in time"
            await asyncio.sleep(0.02)

    return wait
