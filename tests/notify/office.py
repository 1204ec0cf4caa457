"""The surroundings of one notify that runs as a process, seen from outside."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from deploy.local.supervisor import Stack
from schemas.base import Data
from schemas.topics import NOTIFY
from services.notify.app import main
from tests.forked import Forked
from tests.notify import facts
from tests.notify.smtp import Post
from tests.waiting import until


@dataclass
class Office:
    """The surroundings of one notify, seen from outside."""

    stack: Stack
    folder: Path
    producer: AIOKafkaProducer
    owner: asyncpg.Connection
    post: Post
    port: int
    processes: list[Forked] = field(default_factory=list)

    async def start(self, replica: int = 1, **environment: str) -> Forked:
        variables = {
            "PATH": os.environ["PATH"],
            "SALUR_KAFKA_BOOTSTRAP": self.stack.kafka_bootstrap,
            "SALUR_POSTGRES_URL": (self.folder / "postgres-notify.url").read_text(),
            "SALUR_SECRETS": str(self.folder),
            "SALUR_REPLICA": str(replica),
            "SALUR_OPEN": "1",
            "SALUR_NOTIFY_ALLOW_LOOPBACK": "1",
            "SALUR_NOTIFY_WEBHOOK_SECRET": facts.SECRET,
            "SALUR_NOTIFY_PORT": str(self.port),
            "SALUR_SMTP_PORT": str(self.post.port),
            "SALUR_SMTP_SECONDS": "3",
            "SALUR_NOTIFY_WEBHOOK_SECONDS": "3",
            "SALUR_NOTIFY_LEASE_SECONDS": "5",
            **environment,
        }
        process = Forked(main, environment=variables, out=self.folder / "service.log")
        self.processes.append(process)
        await until(lambda: self._ready(replica), 60)
        return process

    async def _ready(self, replica: int) -> bool:
        assert self.processes[-1].returncode is None, (self.folder / "service.log").read_text()[-2000:]
        return (await self.get("/readyz", replica)).status_code == 200

    async def get(self, path: str, replica: int = 1, **more: Any) -> httpx.Response:
        async with httpx.AsyncClient() as client:
            try:
                return await client.get(f"http://127.0.0.1:{self.port + 100 * (replica - 1)}{path}", **more)
            except httpx.TransportError:
                return httpx.Response(503)

    async def tell(self, topic: str, *told: Data, sequence: int = 1) -> list[dict[str, Any]]:
        """Say so on a topic, in sequence; return the events as they were said."""
        documents = []
        for place, data in enumerate(told):
            event = facts.event(data)
            key = str(event.subject)
            document = {
                "specversion": "1.0",
                "id": event.id,
                "source": event.source,
                "type": event.type,
                "time": event.time.isoformat(),
                "subject": key,
                "sequence": sequence + place,
                "data": json.loads(data.to_json()),
                **({"tracking": event.tracking} if event.tracking else {}),
            }
            documents.append(document)
            await self.producer.send_and_wait(topic, json.dumps(document).encode(), key=key.encode(), headers=[("salur_type", event.type.encode())])
        return documents

    async def said(self, case_id: UUID, topic: str = NOTIFY) -> list[dict[str, Any]]:
        """Return what was said of a case, in order; a copy of an event counts once, as with every reader."""
        consumer = AIOKafkaConsumer(topic, bootstrap_servers=self.stack.kafka_bootstrap, auto_offset_reset="earliest")
        await consumer.start()
        try:
            records: list[Any] = []
            ends = await consumer.end_offsets(list(consumer.assignment()))
            while any([await consumer.position(place) < end for place, end in ends.items()]):
                for found in (await consumer.getmany(timeout_ms=200)).values():
                    records += [json.loads(record.value) for record in found]
        finally:
            await consumer.stop()
        return list({record["id"]: record for record in records if record["subject"] == str(case_id)}.values())

    async def told(self, case_id: UUID, types: list[str]) -> bool:
        """Tell whether so much was said of a case, in whatever order of its two ways."""
        return sorted(record["type"].split(".")[2] for record in await self.said(case_id)) == sorted(types)

    async def saw(self, case_id: UUID, types: list[str], topic: str = NOTIFY) -> bool:
        return [record["type"].split(".")[2] for record in await self.said(case_id, topic)] == types
