"""Publishing: runs of our own in order and acknowledged as a whole, and single records of somebody who waits for receipts."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Iterable, Sequence
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from chassis.kafka.records import Outgoing

RETRY_BACKOFF_MS: Final = 250
"""Every client that knocks ten times a second starves a broker that is coming back on a small machine."""
SENDER_TIMEOUT_MS: Final = 15_000
"""Somebody at a terminal waits: less than the driver's 40 s."""


async def close(client: Any) -> None:
    """Close without waiting for a broker that is away."""
    with contextlib.suppress(TimeoutError, KafkaError):
        await asyncio.wait_for(client.stop(), 5)


def _driver(bootstrap: str, client: str, **more: Any) -> AIOKafkaProducer:
    """Return a driver whose every record is acknowledged by all copies, and written once however often it was sent."""
    return AIOKafkaProducer(
        bootstrap_servers=bootstrap, client_id=client, enable_idempotence=True, acks="all", retry_backoff_ms=RETRY_BACKOFF_MS, **more
    )


class PublishError(Exception):
    """The broker did not acknowledge; what was sent may or may not be there."""


class Producer:
    """An idempotent producer that waits for every acknowledgement of a run before it returns."""

    def __init__(self, bootstrap: str, client: str) -> None:
        self._producer = _driver(bootstrap, client, linger_ms=0, max_batch_size=512 * 1024)
        self._partitions: dict[str, int] = {}

    async def start(self) -> None:
        """Connect; raises KafkaError when no broker answers."""
        await self._producer.start()

    async def stop(self) -> None:
        """Close without waiting for a broker that is away."""
        await close(self._producer)

    async def publish(self, run: Iterable[Outgoing]) -> None:
        """Publish a run and return when all of it is acknowledged; per partition in the order given.

        Raises PublishError: then some of the run may be on its topics, and the whole run has to be published again.
        """
        try:
            waiting = [await self._enqueue(place, records) for place, records in (await self._by_place(run)).items()]
            await asyncio.gather(*(future for futures in waiting for future in futures))
        except (KafkaError, ValueError) as error:
            raise PublishError(type(error).__name__) from error

    async def partitions(self, topic: str) -> int:
        """Return how many partitions a topic has; raises KafkaError."""
        count = self._partitions.get(topic)
        if count is None:
            count = self._partitions[topic] = len(await self._producer.partitions_for(topic))
        return count

    async def _by_place(self, run: Iterable[Outgoing]) -> dict[tuple[str, int], list[Outgoing]]:
        places: dict[tuple[str, int], list[Outgoing]] = {}
        for record in run:
            count = self._partitions.get(record.topic) or await self.partitions(record.topic)
            places.setdefault((record.topic, record.hash % count), []).append(record)
        return places

    async def _enqueue(self, place: tuple[str, int], records: Sequence[Outgoing]) -> list[Awaitable[Any]]:
        futures = []
        batch = self._producer.create_batch()
        for record in records:
            if batch.append(key=record.key, value=record.value, timestamp=None, headers=record.headers) is None:
                futures.append(await self._producer.send_batch(batch, place[0], partition=place[1]))
                batch = self._producer.create_batch()
                batch.append(key=record.key, value=record.value, timestamp=None, headers=record.headers)
        futures.append(await self._producer.send_batch(batch, place[0], partition=place[1]))
        return futures


class Sender:
    """Publishes records one by one, many on their way at once, and tells the place that each was given: for who waits for receipts."""

    def __init__(self, bootstrap: str, client: str) -> None:
        self._producer = _driver(bootstrap, client, linger_ms=5, request_timeout_ms=SENDER_TIMEOUT_MS)

    async def start(self) -> None:
        """Connect; raises KafkaError when no broker answers."""
        await self._producer.start()

    async def send(self, topic: str, key: bytes, value: bytes, headers: Sequence[tuple[str, bytes]] = ()) -> asyncio.Future[Any]:
        """Put a record on its way, waiting while too many are; the future gives `topic`, `partition` and `offset`, or a KafkaError."""
        future: asyncio.Future[Any] = await self._producer.send(topic, value=value, key=key, headers=list(headers))
        return future

    async def stop(self) -> None:
        """Close without waiting for a broker that is away."""
        await close(self._producer)
