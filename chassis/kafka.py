"""The only file that knows Kafka: reading in batches, publishing in order, topics.

Members of a group are static (service and replica): a process that comes back within the session timeout takes its partitions
up without a rebalance, and a second process of the same name fences the first. Offsets are committed after the work and
lazily; whatever a crash repeats, the inbox absorbs (docs/adr/0003).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Protocol

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import (
    CommitFailedError,
    IllegalStateError,
    KafkaError,
    TopicAlreadyExistsError,
    UnknownTopicOrPartitionError,
    for_code,
)

log = logging.getLogger(__name__)

SESSION_TIMEOUT_MS: Final = 10_000
FETCH_WAIT_MS: Final = 50
RETRY_BACKOFF_MS: Final = 250
"""Every client that knocks ten times a second starves a broker that is coming back on a small machine."""
SENDER_TIMEOUT_MS: Final = 15_000
"""Somebody at a terminal waits: less than the driver's 40 s."""
COMMIT_EVERY_SECONDS: Final = 0.25
"""Committing each batch costs more than the batch at 200 events a second; four times a second costs nothing (docs/adr/0003)."""


class Record(Protocol):
    """What a consumer hands over: one record of a topic, as the broker keeps it."""

    @property
    def topic(self) -> str:
        """Its topic."""

    @property
    def partition(self) -> int:
        """Its partition."""

    @property
    def offset(self) -> int:
        """Its place in the partition."""

    @property
    def timestamp(self) -> int:
        """Milliseconds from the Unix epoch, as its producer or broker set them."""

    @property
    def key(self) -> bytes | None:
        """Its key."""

    @property
    def value(self) -> bytes | None:
        """Its value."""

    @property
    def headers(self) -> Sequence[tuple[str, bytes]]:
        """Its headers, in order."""


Place = tuple[str, int]
"""A topic's partition."""


class Outgoing(NamedTuple):
    """One record to publish; `hash` is `key_hash(key)`, from which its partition follows."""

    topic: str
    key: bytes
    hash: int
    value: bytes | None
    headers: list[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class TopicSettings:
    """How a topic is made: partitions, copies, and the broker's own settings."""

    name: str
    partitions: int
    replication: int
    config: Mapping[str, str]


async def _close(client: Any) -> None:
    """Close without waiting for a broker that is away."""
    with contextlib.suppress(TimeoutError, KafkaError):
        await asyncio.wait_for(client.stop(), 5)


class PublishError(Exception):
    """The broker did not acknowledge; what was sent may or may not be there."""


class Producer:
    """An idempotent producer that waits for every acknowledgement of a run before it returns."""

    def __init__(self, bootstrap: str, client: str) -> None:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap,
            client_id=client,
            enable_idempotence=True,
            acks="all",
            linger_ms=0,
            max_batch_size=512 * 1024,
            retry_backoff_ms=RETRY_BACKOFF_MS,
        )
        self._partitions: dict[str, int] = {}

    async def start(self) -> None:
        """Connect; raises KafkaError when no broker answers."""
        await self._producer.start()

    async def stop(self) -> None:
        """Close without waiting for a broker that is away."""
        await _close(self._producer)

    async def publish(self, run: Iterable[Outgoing]) -> None:
        """Publish a run and return when all of it is acknowledged; per partition in the order given.

        Raises PublishError: then some of the run may be on its topics, and the whole run has to be published again.
        """
        try:
            waiting = [await self._enqueue(place, records) for place, records in (await self._by_place(run)).items()]
            await asyncio.gather(*(future for futures in waiting for future in futures))
        except (KafkaError, ValueError) as error:
            raise PublishError(type(error).__name__) from error

    async def _by_place(self, run: Iterable[Outgoing]) -> dict[tuple[str, int], list[Outgoing]]:
        places: dict[tuple[str, int], list[Outgoing]] = {}
        for record in run:
            count = self._partitions.get(record.topic)
            if count is None:
                count = self._partitions[record.topic] = len(await self._producer.partitions_for(record.topic))
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


class Consumer(ConsumerRebalanceListener):  # type: ignore[misc] # aiokafka is untyped
    """A static member of a group that reads batches and commits what was done, lazily."""

    def __init__(self, bootstrap: str, *, group: str, member: str, topics: Sequence[str]) -> None:
        self._topics = topics
        self._done: dict[TopicPartition, int] = {}
        self._committed_at = 0.0
        self._settle: Callable[[], Awaitable[None]] | None = None
        self.joined = asyncio.Event()
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap,
            client_id=member,
            group_id=group,
            group_instance_id=member,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=SESSION_TIMEOUT_MS,
            heartbeat_interval_ms=SESSION_TIMEOUT_MS // 5,
            fetch_max_wait_ms=FETCH_WAIT_MS,
            retry_backoff_ms=RETRY_BACKOFF_MS,
            partition_assignment_strategy=[RangePartitionAssignor],
            max_partition_fetch_bytes=1024 * 1024,
        )

    async def start(self, settle: Callable[[], Awaitable[None]]) -> None:
        """Join the group; `settle` is awaited before partitions are given away, so that work on its way can end."""
        self._settle = settle
        self._consumer.subscribe(topics=list(self._topics), listener=self)
        await self._consumer.start()

    async def stop(self) -> None:
        """Commit what was done and leave."""
        await self.commit()
        await _close(self._consumer)

    async def poll(self, *, max_records: int, timeout_ms: int, without: Iterable[Place] = ()) -> list[Record]:
        """Return what has come, in order per partition, waiting at most `timeout_ms` for a first record.

        `without` names partitions to leave alone for now.
        """
        wanted: list[TopicPartition] = []
        if without := frozenset(without):
            wanted = [place for place in self._consumer.assignment() if place not in without]
            if not wanted:
                return []
        found = await self._consumer.getmany(*wanted, timeout_ms=timeout_ms, max_records=max_records)
        return [record for records in found.values() for record in records]

    def done(self, records: Sequence[Record]) -> None:
        """Note that these records have been dealt with for good."""
        for record in records:
            self._done[TopicPartition(record.topic, record.partition)] = record.offset + 1

    async def commit_lazily(self) -> None:
        """Commit if the last commit is a quarter of a second old."""
        if self._done and time.monotonic() - self._committed_at >= COMMIT_EVERY_SECONDS:
            await self.commit()

    async def commit(self) -> None:
        """Commit what was done on the partitions that are still ours; failing is harmless, the inbox absorbs what comes again."""
        self._committed_at = time.monotonic()
        mine = self._consumer.assignment()
        offsets = {place: offset for place, offset in self._done.items() if place in mine}
        self._done = {}
        if not offsets:
            return
        try:
            await asyncio.wait_for(self._consumer.commit(offsets), 5)
        except (CommitFailedError, IllegalStateError) as error:
            log.info("offsets not committed", extra={"reason": type(error).__name__})
        except (KafkaError, TimeoutError) as error:
            self._done = offsets | self._done
            log.warning("offsets not committed yet", extra={"reason": type(error).__name__})

    def pause(self) -> None:
        """Stop fetching while polling goes on, so that membership lives."""
        self._consumer.pause(*self._consumer.assignment())

    def resume(self) -> None:
        """Fetch again."""
        self._consumer.resume(*self._consumer.paused())

    def lag(self) -> dict[str, int]:
        """Return per topic how many records wait on this member's partitions, as far as the last fetch knew."""
        waiting: dict[str, int] = dict.fromkeys(self._topics, 0)
        for place in self._consumer.assignment():
            end, done = self._consumer.highwater(place), self._done.get(place)
            state = self._consumer._subscription.subscription.assignment.state_value(place)  # noqa: SLF001 - no public non-blocking position
            position = done if done is not None else (state.position if state is not None and state.has_valid_position else None)
            if end is not None and position is not None:
                waiting[place.topic] += max(0, end - position)
        return waiting

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:  # noqa: ARG002 - aiokafka's signature
        """Let the batch on its way end and commit it before the partitions go."""
        if self._settle is not None:
            await self._settle()
        await self.commit()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Say what came; a member of a group larger than its partitions has joined with none."""
        self.joined.set()
        log.info("partitions assigned", extra={"count": len(list(assigned))})


class _Alone:
    """Reads a topic, belonging to no group; `wait_ms` is how long a poll waits at most."""

    def __init__(self, bootstrap: str, topic: str, *, fetch_wait_ms: int, wait_ms: int, **more: Any) -> None:
        self._wait_ms = wait_ms
        self._consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, enable_auto_commit=False, fetch_max_wait_ms=fetch_wait_ms, **more)

    async def poll(self) -> list[Record]:
        """Return what has come."""
        found = await self._consumer.getmany(timeout_ms=self._wait_ms, max_records=5000)
        return [record for records in found.values() for record in records]

    async def stop(self) -> None:
        """Close without waiting for a broker that is away."""
        await _close(self._consumer)


class Follower(_Alone):
    """Reads a whole topic from its beginning."""

    def __init__(self, bootstrap: str, topic: str) -> None:
        super().__init__(bootstrap, topic, fetch_wait_ms=250, wait_ms=1000, auto_offset_reset="earliest")

    async def start(self) -> None:
        """Connect and begin at the beginning."""
        await self._consumer.start()

    async def at_end(self) -> bool:
        """Tell whether everything that is there now was read."""
        ends = await self._consumer.end_offsets(list(self._consumer.assignment()))
        return all([await self._consumer.position(place) >= end for place, end in ends.items()])


async def wait_until_ready(bootstrap: str, timeout_seconds: float) -> None:
    """Return once a broker answers an admin request; raises TimeoutError."""
    end = time.monotonic() + timeout_seconds
    while True:
        try:
            await asyncio.wait_for(_describe(bootstrap), max(0.5, end - time.monotonic()))
        except (KafkaError, OSError, TimeoutError):
            if time.monotonic() >= end:
                raise TimeoutError(f"no Kafka broker answered at {bootstrap} within {timeout_seconds:g} seconds") from None
            await asyncio.sleep(0.1)
        else:
            return


async def _describe(bootstrap: str) -> None:
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=5_000)
    try:
        await admin.start()
        await admin.describe_cluster()
    finally:
        logging.getLogger("aiokafka").setLevel(logging.WARNING)
        await admin.close()


async def create_topics(bootstrap: str, topics: Sequence[TopicSettings]) -> None:
    """Create the topics that are not there yet and wait until each partition has a leader; raises KafkaError or TimeoutError."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=20_000)
    await admin.start()
    try:
        there = set(await admin.list_topics())
        new = [
            NewTopic(topic.name, topic.partitions, topic.replication, topic_configs=dict(topic.config)) for topic in topics if topic.name not in there
        ]
        if new:
            for name, code, *_ in (await admin.create_topics(new)).topic_errors:
                if code and for_code(code) is not TopicAlreadyExistsError:
                    raise for_code(code)(name)
        await _wait_for_leaders(admin, {topic.name for topic in topics})
    finally:
        await admin.close()


async def _wait_for_leaders(admin: AIOKafkaAdminClient, names: set[str]) -> None:
    for _ in range(200):
        described = await admin.describe_topics(sorted(names))
        if all(topic["partitions"] and all(p["leader"] >= 0 for p in topic["partitions"]) for topic in described):
            return
        await asyncio.sleep(0.05)
    raise TimeoutError("a topic has no leader after ten seconds")


class Sender:
    """Publishes records one by one, many on their way at once, and tells the place that each was given: for who waits for receipts."""

    def __init__(self, bootstrap: str, client: str) -> None:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap,
            client_id=client,
            enable_idempotence=True,
            acks="all",
            linger_ms=5,
            request_timeout_ms=SENDER_TIMEOUT_MS,
            retry_backoff_ms=RETRY_BACKOFF_MS,
        )

    async def start(self) -> None:
        """Connect; raises KafkaError when no broker answers."""
        await self._producer.start()

    async def send(self, topic: str, key: bytes, value: bytes, headers: Sequence[tuple[str, bytes]] = ()) -> asyncio.Future[Any]:
        """Put a record on its way, waiting while too many are; the future gives `topic`, `partition` and `offset`, or a KafkaError."""
        future: asyncio.Future[Any] = await self._producer.send(topic, value=value, key=key, headers=list(headers))
        return future

    async def stop(self) -> None:
        """Close without waiting for a broker that is away."""
        await _close(self._producer)


class Tail(_Alone):
    """Reads a topic from now on."""

    def __init__(self, bootstrap: str, topic: str) -> None:
        super().__init__(bootstrap, topic, fetch_wait_ms=FETCH_WAIT_MS, wait_ms=250)

    async def start(self) -> bool:
        """Connect and stand at the end of the topic; returns False when there is no such topic, raises KafkaError when no broker answers."""
        try:
            await self._consumer.start()
        except UnknownTopicOrPartitionError:
            return False
        await self._consumer.seek_to_end()
        return True


__all__ = ["Consumer", "Follower", "KafkaError", "Outgoing", "Place", "Producer", "PublishError", "Record", "Sender", "Tail", "TopicSettings"]
