"""Two running replicas of routing for tests: their neighbours speak over Kafka, offices act over both doors."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from chassis.link import Link, links_of
from deploy.local.plan import Service
from deploy.local.settings import LocalSettings
from deploy.local.supervisor import Stack

ROOT = Path(__file__).parents[2]
OWNER = "35.22"
SAID = ("salur.routing", "salur.restricted", "salur.receipts")


@dataclass
class Running:
    """Two replicas of routing, `closed` with authentication on, and what is said around them."""

    stack: Stack
    open: httpx.AsyncClient
    closed: httpx.AsyncClient
    producer: AIOKafkaProducer
    records: dict[str, list[Any]] = field(default_factory=dict)

    async def accept(self, **facts: Any) -> str:
        """Let intake say that a complaint was accepted; returns its case once it has an owner."""
        case_id = str(uuid4())
        now = datetime.now(UTC).isoformat()
        given: dict[str, Any] = {
            "kind": "complaint",
            "category": "other",
            "category_given": None,
            "region": None,
            "addressed_to": OWNER,
            "channel": "web",
        }
        given |= {"submitted_at": now, "accepted_at": now, "anonymous": False, "confidential": False, "publisher": "urn:test", "external_ref": None}
        await self.say("salur.intake", "salur.complaint.accepted.v1", case_id, **(given | facts))
        await self.heard(case_id, "routed")
        return case_id

    async def say(self, topic: str, type_: str, case_id: str, **data: Any) -> None:
        """Say something as a neighbour does."""
        event = {"specversion": "1.0", "id": str(uuid4()), "source": "urn:salur:neighbour", "type": type_, "time": datetime.now(UTC).isoformat()}
        value = orjson.dumps(event | {"subject": case_id, "data": {"case_id": case_id, "tracking_id": tracking(case_id), **data}})
        headers = [("salur_type", type_.encode()), ("salur_subject", case_id.encode())]
        await self.producer.send_and_wait(topic, value, key=case_id.encode(), headers=headers)

    async def order(self, action: str, case_id: str, *, agency: str | None = OWNER, role: str = "coordinator", **data: Any) -> dict[str, Any]:
        """Send an action over Kafka and return its receipt."""
        event = {"specversion": "1.0", "id": str(uuid4()), "source": "urn:test:agency", "type": f"salur.case.{action}.v1"}
        value = orjson.dumps(event | {"data": {"case_id": case_id, "by": {"agency": agency, "role": role}, **data}})
        await self.producer.send_and_wait("salur.actions", value, key=case_id.encode())
        found = lambda: [data for data in self.data("salur.receipts") if data["received_id"] == event["id"]]  # noqa: E731
        return dict((await eventually(found))[0])

    async def act(
        self, action: str, case_id: str, *, key: str | None = None, agency: str | None = OWNER, role: str = "coordinator", **body: Any
    ) -> httpx.Response:
        """Act over HTTP where everybody is believed."""
        by = {"agency": agency, "role": role} if agency else {"role": role}
        order = {"action": action, "by": by, **body}
        return await self.open.post(f"/v1/cases/{case_id}/actions", json=order, headers={"Idempotency-Key": key or str(uuid4())})

    def token(self, case_id: str, agency: str = OWNER, role: str = "coordinator", *, days: int = 1) -> dict[str, str]:
        """Return the header that a link in a notice leads to."""
        link = Link(UUID(case_id), agency, role, datetime.now(UTC) + timedelta(days=days))
        return {"Authorization": f"Bearer {links_of(self.stack.settings.secrets_folder).sign(link)}"}

    def data(self, topic: str) -> list[dict[str, Any]]:
        return [orjson.loads(record.value)["data"] for record in self.records.get(topic, ())]

    def said(self, case_id: str, *topics: str) -> list[dict[str, Any]]:
        """Return what routing said of a case, in its order, each event once."""
        found = [orjson.loads(record.value) for topic in topics or SAID[:2] for record in self.records.get(topic, ())]
        return sorted({event["id"]: event for event in found if event["subject"] == case_id}.values(), key=lambda event: event["sequence"])

    async def heard(self, case_id: str, name: str) -> dict[str, Any]:
        """Wait for what routing says of a case."""
        found = await eventually(lambda: [event for event in self.said(case_id) if event["type"] == f"salur.case.{name}.v1"])
        return dict(found[-1]["data"])


def tracking(case_id: str) -> str:
    return f"{case_id[:4]}-{case_id[4:8]}-{case_id[9:13]}".upper()


async def eventually(true: Callable[[], Any], seconds: float = 30.0) -> Any:
    end = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < end, "it did not happen in time"
        await asyncio.sleep(0.02)
    return found


async def ready(client: httpx.AsyncClient) -> None:
    end = time.monotonic() + 60
    while True:
        with contextlib.suppress(httpx.TransportError):
            if (await client.get("/readyz")).status_code == 200:
                return
        assert time.monotonic() < end, "it was not ready in time"
        await asyncio.sleep(0.1)


async def collect(consumer: AIOKafkaConsumer, records: dict[str, list[Any]]) -> None:
    while True:
        for place, found in (await consumer.getmany(timeout_ms=200)).items():
            records.setdefault(place.topic, []).extend(found)


@contextlib.asynccontextmanager
async def started(folder: Path) -> AsyncIterator[Running]:
    """Start stores and both replicas, and end them."""
    settings = LocalSettings.with_free_ports(data=folder, cache=ROOT / ".salur" / "cache", replicas=2)
    settings = settings.model_copy(update={"replicas": 1})
    service = Service("routing", (sys.executable, "-m", "services.routing"), settings.routing_port)
    stack = Stack(settings, parts={"kafka", "postgres", "prepare", "services"}, services=(service,))
    await stack.start()
    variables = {
        "PATH": os.environ["PATH"],
        "SALUR_KAFKA_BOOTSTRAP": stack.kafka_bootstrap,
        "SALUR_POSTGRES_URL": (settings.secrets_folder / "postgres-routing.url").read_text(),
        "SALUR_SECRETS": str(settings.secrets_folder),
        "SALUR_ROUTING_PORT": str(settings.routing_port),
        "SALUR_REPLICA": "2",
    }
    pipe = asyncio.subprocess.DEVNULL
    second = await asyncio.create_subprocess_exec(sys.executable, "-m", "services.routing", cwd=ROOT, env=variables, stdout=pipe, stderr=pipe)
    producer = AIOKafkaProducer(bootstrap_servers=stack.kafka_bootstrap, linger_ms=1)
    consumer = AIOKafkaConsumer(bootstrap_servers=stack.kafka_bootstrap, auto_offset_reset="earliest", enable_auto_commit=False)
    open_, closed = (httpx.AsyncClient(base_url=f"http://127.0.0.1:{settings.routing_port + step}", timeout=20) for step in (0, 100))
    made = Running(stack, open_, closed, producer)
    await producer.start()
    await consumer.start()
    consumer.assign([TopicPartition(topic, number) for topic in SAID for number in range(settings.partitions)])
    reading = asyncio.create_task(collect(consumer, made.records))
    try:
        await ready(closed)
        yield made
    finally:
        reading.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await reading
        for client in (open_, closed):
            await client.aclose()
        await consumer.stop()
        await producer.stop()
        second.terminate()
        await asyncio.wait_for(second.wait(), 25)
        await stack.stop()
