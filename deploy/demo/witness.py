"""Reads all topics from their beginning, as any stranger could, and tells those who listen of each fact as it comes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from chassis.kafka import Follower, Record
from deploy.demo.evidence import Fact, Place, read_fact
from schemas import topics

INBOUND: Final = (topics.SUBMISSIONS, topics.ACTIONS)
END_SECONDS: Final = 20.0
GATHER_BYTES: Final = 256 * 1024
GATHER_MS: Final = 100
"""A watcher is in no hurry: many small fetches would cost the broker, and itself, more than all else that it does."""


class Witness:
    """Keeps every record; `listeners` hear of each fact once, though a topic may hold it twice."""

    def __init__(self, bootstrap: str) -> None:
        self.facts: list[Fact] = []
        self.inbound: list[Place] = []
        self.raw: dict[str, list[bytes]] = {topic: [] for topic in topics.TOPICS}
        self.listeners: list[Callable[[Fact], None]] = []
        self._follower = Follower(bootstrap, *topics.TOPICS, fetch_bytes=GATHER_BYTES, fetch_wait_ms=GATHER_MS)
        self._seen: set[str] = set()

    async def start(self) -> None:
        """Connect to every topic; raises KafkaError."""
        await self._follower.start()

    async def follow(self) -> None:
        """Read on until cancelled."""
        while True:
            for record in await self._follower.poll():
                self._take(record)

    async def caught_up(self) -> bool:
        """Tell whether everything that is on the topics now has been read."""
        async with asyncio.timeout(END_SECONDS):
            return await self._follower.at_end()

    async def stop(self) -> None:
        """Let go of the topics."""
        await self._follower.stop()

    def _take(self, record: Record) -> None:
        headers = b" ".join(name.encode() + b"=" + value for name, value in record.headers)
        self.raw[record.topic].append(b" ".join((record.key or b"", headers, record.value or b"")))
        if record.topic in INBOUND:
            self.inbound.append(Place(record.topic, record.partition, record.offset))
            return
        fact = read_fact(record)
        if fact is None:
            return
        self.facts.append(fact)
        if fact.id not in self._seen:
            self._seen.add(fact.id)
            for listener in self.listeners:
                listener(fact)
