"""Two replicas of pulse on stores of their own, under a fast clock, with hands to say what the speakers would and ears on salur.pulse."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest_asyncio

from chassis.kafka import Follower, Outgoing, Producer
from deploy.local.plan import Service
from deploy.local.settings import LocalSettings
from deploy.local.supervisor import Stack
from tests.pulse.slow import DAWDLES

SPEED = 600
"""Ten minutes of Salur's clock in a real second: a flood is over within a quarter of a minute."""
START = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
REPLICAS = 2


@dataclass
class Ear:
    """All records of salur.pulse, as they come."""

    follower: Follower
    records: list[Any] = field(default_factory=list)

    async def listen(self) -> None:
        while True:
            self.records += await self.follower.poll()

    def heard(self, what: str, **data: Any) -> list[dict[str, Any]]:
        """Different events of a type with these data; copies of one count once, as every reader does it."""
        events = {event["id"]: event for event in (orjson.loads(record.value) for record in self.records)}
        return [e for e in events.values() if e["type"] == f"salur.{what}.v1" and data.items() <= e["data"].items()]


@dataclass
class Town:
    stack: Stack
    producer: Producer
    ear: Ear
    anchor: tuple[datetime, float]
    first_page: str
    dawdles: Path
    """While this file is there, sums wait for long between being sent and being acknowledged."""

    def now(self) -> datetime:
        """Salur time, near enough: a probe of the anchor would cost a connection."""
        start, at = self.anchor
        return start + timedelta(seconds=(time.monotonic() - at) * SPEED)

    async def say(self, *records: Outgoing) -> None:
        await self.producer.publish(records)

    def url(self, replica: int = 1) -> str:
        return self.stack.process("pulse", replica).part.address

    async def get(self, path: str, replica: int = 1, **more: Any) -> httpx.Response:
        async with httpx.AsyncClient(timeout=10) as http:
            return await http.get(f"{self.url(replica)}{path}", **more)

    async def pulse(self, replica: int = 1, **asked: Any) -> dict[str, Any]:
        answer = await self.get("/v1/pulse", replica, params=asked)
        assert answer.status_code == 200
        return answer.json()


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def town(tmp_path_factory) -> AsyncIterator[Town]:
    kept = {name: os.environ.get(name) for name in ("SALUR_OPEN", "SALUR_CLOCK_START", "SALUR_CLOCK_SPEED", DAWDLES)}
    folder = tmp_path_factory.mktemp("pulse")
    dawdles = folder / "dawdles"
    os.environ |= {"SALUR_OPEN": "1", "SALUR_CLOCK_START": START.isoformat(), "SALUR_CLOCK_SPEED": str(SPEED), DAWDLES: str(dawdles)}
    settings = LocalSettings.with_free_ports(data=folder, partitions=3, replicas=REPLICAS)
    pulse = Service("pulse", (sys.executable, "-m", "tests.pulse.slow"), settings.pulse_port)
    stack = Stack(settings, parts={"kafka", "postgres", "prepare", "services"}, services=(pulse,))
    try:
        await stack.start()
        async with httpx.AsyncClient() as http:
            address = stack.process("pulse").part.address
            page = (await http.get(f"{address}/metrics")).text
            now = datetime.fromisoformat((await http.get(f"{address}/v1/pulse")).json()["as_of"])
        producer = Producer(stack.kafka_bootstrap, "town")
        await producer.start()
        ear = Ear(Follower(stack.kafka_bootstrap, "salur.pulse"))
        await ear.follower.start()
        listening = asyncio.create_task(ear.listen())
        yield Town(stack, producer, ear, (now, time.monotonic()), page, dawdles)
        listening.cancel()
        await ear.follower.stop()
        await producer.stop()
    finally:
        await stack.stop()
        for name, value in kept.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
