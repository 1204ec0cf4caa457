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


class Witness:
    """Keeps every record; `listeners` hear of each fact once, though a topic may hold it twice."""

    def __init__(self, bootstrap: str) -> None:
        self.facts: list[Fact] = []
        self.inbound: list[Place] = []
        self.raw: dict[str, list[bytes]] = {topic: [] for topic in topics.TOPICS}
        self.listeners: list[Callable[[Fact], None]] = []
        self._followers = {topic: Follower(bootstrap, topic) for topic in topics.TOPICS}
        self._seen: set[str] = set()

    async def start(self) -> None:
        """Connect to every topic; raises KafkaError."""
        await asyncio.gather(*(follower.start() for follower in self._followers.values()))

    async def follow(self) -> None:
        """Read on until cancelled."""
        async with asyncio.TaskGroup() as group:
            for follower in self._followers.values():
                group.create_task(self._follow(follower))

    async def caught_up(self) -> bool:
        """Tell whether everything that is on the topics now has been read."""
        async with asyncio.timeout(END_SECONDS):
            return all(await asyncio.gather(*(follower.at_end() for follower in self._followers.values())))

    async def stop(self) -> None:
        """Let go of the topics."""
        await asyncio.gather(*(follower.stop() for follower in self._followers.values()))

    async def _follow(self, follower: Follower) -> None:
        while True:
            for record in await follower.poll():
                self._take(record)

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
