"""Reading: a member of a group that commits what was done, and readers of one topic that belong to none.

Members of a group are static (service and replica): a process that comes back within the session timeout takes its partitions
up without a rebalance, and a second process of the same name fences the first. Offsets are committed after the work and
lazily; whatever a crash repeats, the inbox absorbs (docs/adr/0003).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Final

from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError, UnknownTopicOrPartitionError

from chassis.kafka.producer import RETRY_BACKOFF_MS, close
from chassis.kafka.reader import Reader
from chassis.kafka.records import Place, Record

log = logging.getLogger(__name__)

SESSION_TIMEOUT_MS: Final = 10_000
FETCH_WAIT_MS: Final = 50
GATHER_BYTES: Final = 64 * 1024
"""What counts as a batch worth fetching at once; the broker lets less gather for a while (docs/adr/0014)."""
COMMIT_EVERY_SECONDS: Final = 0.25
"""Committing each batch costs more than the batch at 200 events a second; four times a second costs nothing (docs/adr/0003)."""


class Consumer(ConsumerRebalanceListener):  # type: ignore[misc] # aiokafka is untyped
    """A static member of a group that reads batches and commits what was done, lazily.

    The broker lets records gather for at most `gather_ms` milliseconds while there are few of them.
    """

    def __init__(self, bootstrap: str, *, group: str, member: str, topics: Sequence[str], gather_ms: int) -> None:
        self._topics = topics
        self._done: dict[TopicPartition, int] = {}
        self._committed_at = 0.0
        self._settle: Callable[[], Awaitable[None]] | None = None
        self.joined = asyncio.Event()
        self._consumer = Reader(
            bootstrap_servers=bootstrap,
            client_id=member,
            group_id=group,
            group_instance_id=member,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=SESSION_TIMEOUT_MS,
            heartbeat_interval_ms=SESSION_TIMEOUT_MS // 5,
            fetch_max_wait_ms=gather_ms,
            fetch_min_bytes=GATHER_BYTES,
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
        await close(self._consumer)

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
        last = {(record.topic, record.partition): record.offset for record in records}
        self._done |= {TopicPartition(*place): offset + 1 for place, offset in last.items()}

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
    """Reads topics, belonging to no group; `wait_ms` is how long a poll waits at most."""

    def __init__(self, bootstrap: str, topics: Sequence[str], *, fetch_wait_ms: int, wait_ms: int, **more: Any) -> None:
        self._wait_ms = wait_ms
        self._consumer = Reader(*topics, bootstrap_servers=bootstrap, enable_auto_commit=False, fetch_max_wait_ms=fetch_wait_ms, **more)

    async def poll(self) -> list[Record]:
        """Return what has come."""
        found = await self._consumer.getmany(timeout_ms=self._wait_ms, max_records=5000)
        return [record for records in found.values() for record in records]

    async def stop(self) -> None:
        """Close without waiting for a broker that is away."""
        await close(self._consumer)


class Follower(_Alone):
    """Reads whole topics from their beginning; a fetch waits at most `fetch_wait_ms` for `fetch_bytes` to gather."""

    def __init__(self, bootstrap: str, *topics: str, fetch_bytes: int = 1, fetch_wait_ms: int = 250) -> None:
        super().__init__(bootstrap, topics, fetch_wait_ms=fetch_wait_ms, wait_ms=1000, auto_offset_reset="earliest", fetch_min_bytes=fetch_bytes)

    async def start(self) -> None:
        """Connect and begin at the beginning."""
        await self._consumer.start()

    async def at_end(self) -> bool:
        """Tell whether everything that is there now was read."""
        ends = await self._consumer.end_offsets(list(self._consumer.assignment()))
        return all([await self._consumer.position(place) >= end for place, end in ends.items()])


class Tail(_Alone):
    """Reads a topic from now on."""

    def __init__(self, bootstrap: str, topic: str) -> None:
        super().__init__(bootstrap, (topic,), fetch_wait_ms=FETCH_WAIT_MS, wait_ms=250)

    async def start(self) -> bool:
        """Connect and stand at the end of the topic; returns False when there is no such topic, raises KafkaError when no broker answers."""
        try:
            await self._consumer.start()
        except UnknownTopicOrPartitionError:
            return False
        await self._consumer.seek_to_end()
        return True
