"""Intake as its neighbours see it: one running service for all tests, publishers and readers that are foreign clients."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
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

ROOT = Path(__file__).parent.parent.parent
SUBMISSIONS = "salur.submissions"
TYPE = "salur.complaint.submitted.v1"
OPEN = "urn:salur:open"
SAID = ("salur.receipts", "salur.intake", "salur.routing", "salur.sla", "salur.notify", "salur.restricted")


@dataclass
class Running:
    """A running intake with everything around it."""

    stack: Stack
    http: httpx.AsyncClient
    producer: AIOKafkaProducer
    owner: asyncpg.Connection
    records: dict[str, list[Any]] = field(default_factory=dict)

    async def publish(self, value: bytes | None, *, headers: Mapping[str, str] | None = None, key: bytes = b"k", topic: str = SUBMISSIONS) -> Any:
        """Publish one record and return its place once the broker has it."""
        return await self.producer.send_and_wait(topic, value, key=key, headers=[(name, text.encode()) for name, text in (headers or {}).items()])

    async def submit(self, data: Mapping[str, Any], *, id_: str | None = None, source: str = "urn:test", **attributes: Any) -> str:
        """Publish a submission in structured mode and return its id."""
        event = event_of(data, id_=id_, source=source, **attributes)
        await self.publish(orjson.dumps(event))
        return str(event["id"])

    async def post(self, data: Any, key: str | None = None) -> httpx.Response:
        """Hand in bare data over HTTP."""
        return await self.http.post("/v1/complaints", json=data, headers={} if key is None else {"Idempotency-Key": key})

    def documents(self, topic: str) -> list[dict[str, Any]]:
        """Return the CloudEvents that were read of a topic until now."""
        return [orjson.loads(record.value) for record in self.records.get(topic, ())]

    def receipts(self, id_: str) -> list[dict[str, Any]]:
        """Return the data of the receipts of one id, in the order in which they were said."""
        return [event["data"] for event in self.documents("salur.receipts") if event["data"]["received_id"] == id_]

    def receipts_at(self, places: Iterable[Any]) -> list[dict[str, Any]]:
        """Return the data of the receipts of records by their place."""
        wanted = {(place.topic, place.partition, place.offset) for place in places}
        told = [event["data"] for event in self.documents("salur.receipts")]
        return [data for data in told if (data["topic"], data["partition"], data["offset"]) in wanted]

    async def receipt(self, id_: str) -> dict[str, Any]:
        """Wait for the receipt of one id."""
        return (await eventually(lambda: self.receipts(id_)))[0]

    async def said(self, case_id: str) -> dict[str, Any]:
        """Wait for what intake says of a case."""
        found = await eventually(lambda: [event for event in self.documents("salur.intake") if event["subject"] == case_id])
        return dict(found[0])

    async def later(self, what: str, data: Mapping[str, Any], *, id_: str | None = None, source: str = "urn:test") -> str:
        """Publish what a publisher says of its case later (`supplemented` …) and return its id."""
        return await self.submit(data, id_=id_, source=source, type=f"salur.complaint.{what}.v1")

    async def tell(self, speaker: str, what: str, sequence: int, data: Mapping[str, Any], time: str, topic: str | None = None) -> None:
        """Say an event as another of Salur's services would."""
        event = {
            "specversion": "1.0", "id": str(uuid4()), "source": f"urn:salur:{speaker}", "type": f"salur.{what}.v1", "time": time,
            "subject": data["case_id"], "sequence": sequence, "data": data,
        }  # fmt: skip
        key = str(data["case_id"]).encode()
        await self.publish(orjson.dumps(event), headers={"salur_type": str(event["type"])}, key=key, topic=topic or f"salur.{speaker}")

    async def view(self, tracking_id: str, true: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait until the tracking view shows what is wanted of it."""
        path = f"/v1/complaints/{tracking_id}"
        answer = await until(lambda: self.http.get(path), lambda answer: answer.status_code == 200 and true(answer.json()))
        return dict(answer.json())

    @asynccontextmanager
    async def another(self, **environment: str) -> AsyncIterator[httpx.AsyncClient]:
        """Lend a client of a further, ready process of intake, with some of its environment changed."""
        process = await self.process(**environment)
        try:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.stack.settings.intake_port + 100}", timeout=30) as http:
                for _ in range(300):
                    with contextlib.suppress(httpx.TransportError):
                        if (await http.get("/readyz")).status_code == 200:
                            break
                    await asyncio.sleep(0.1)
                yield http
        finally:
            process.terminate()
            await asyncio.wait_for(process.communicate(), 25)

    async def count(self, sql: str, *values: Any) -> int:
        """Return the one number that a query gives."""
        return int(await self.owner.fetchval(sql, *values))

    async def process(self, **environment: str) -> asyncio.subprocess.Process:
        """Start a further process of intake, with some of its environment changed."""
        settings = self.stack.settings
        variables = {
            "PATH": os.environ["PATH"],
            "SALUR_KAFKA_BOOTSTRAP": self.stack.kafka_bootstrap,
            "SALUR_POSTGRES_URL": (settings.secrets_folder / "postgres-intake.url").read_text(),
            "SALUR_SECRETS": str(settings.secrets_folder),
            "SALUR_INTAKE_PORT": str(settings.intake_port),
            "SALUR_REPLICA": "2",
            **environment,
        }
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(sys.executable, "-m", "services.intake", cwd=ROOT, env=variables, stdout=pipe, stderr=pipe)


def event_of(data: Any, *, id_: str | None = None, source: str = "urn:test", **attributes: Any) -> dict[str, Any]:
    return {"specversion": "1.0", "id": id_ or str(uuid4()), "source": source, "type": TYPE, "data": data, **attributes}


async def eventually(true: Callable[[], Any], seconds: float = 20.0) -> Any:
    limit = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < limit, "it did not happen in time"
        await asyncio.sleep(0.02)
    return found


async def until(ask: Callable[[], Awaitable[Any]], true: Callable[[Any], bool], seconds: float = 20.0) -> Any:
    """Ask again until the answer is as it is wanted, and return it; after a while return what there is, to be compared."""
    limit = time.monotonic() + seconds
    while not true(found := await ask()) and time.monotonic() < limit:
        await asyncio.sleep(0.05)
    return found


async def _collect(consumer: AIOKafkaConsumer, records: dict[str, list[Any]]) -> None:
    while True:
        for place, found in (await consumer.getmany(timeout_ms=200)).items():
            records.setdefault(place.topic, []).extend(found)


@pytest.fixture
def wait() -> Callable[..., Any]:
    return eventually


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    """Kafka, PostgreSQL and one intake; started once for all tests of this folder."""
    settings = LocalSettings.with_free_ports(data=tmp_path_factory.mktemp("intake"), cache=ROOT / ".salur" / "cache", replicas=2)
    settings = settings.model_copy(update={"replicas": 1})
    service = Service("intake", (sys.executable, "-m", "services.intake"), settings.intake_port)
    stack = Stack(settings, parts={"kafka", "postgres", "prepare", "services"}, services=(service,))
    await stack.start()
    producer = AIOKafkaProducer(bootstrap_servers=stack.kafka_bootstrap, linger_ms=1)
    consumer = AIOKafkaConsumer(bootstrap_servers=stack.kafka_bootstrap, auto_offset_reset="earliest", enable_auto_commit=False)
    owner = await asyncpg.connect(stack.postgres_owner_url)
    http = httpx.AsyncClient(base_url=stack.addresses["intake"], timeout=20)
    running = Running(stack, http, producer, owner)
    await producer.start()
    await consumer.start()
    consumer.assign([TopicPartition(topic, number) for topic in SAID for number in range(settings.partitions)])
    reading = asyncio.create_task(_collect(consumer, running.records))
    try:
        yield running
    finally:
        reading.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await reading
        await http.aclose()
        await consumer.stop()
        await producer.stop()
        await owner.close()
        await stack.stop()
