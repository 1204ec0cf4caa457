"""How pulse reads: the driver's consumer, which hands a whole fetch of a partition to Faust as one message.

Faust spends about 100 µs on each message before an agent sees it, several times what counting it costs. So what nobody wants is left out
here by its header, and what is left of a fetch travels as one `Bundle`. Its offset is that of the fetch's last record: acknowledging it
is acknowledging all of them, those left out too (docs/adr/0012).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import faust
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, AppT, ConsumerMessage

from chassis.kafka import Record
from chassis.kafka.reader import Reader

FETCH_EVERY_SECONDS: Final = 0.2
"""Small fetches are held so far apart: each costs as much as counting a hundred records, and nobody waits for a statistic."""
LARGE: Final = 500
"""Records from which on a fetch is no small one: there is a backlog, and the next follows at once."""


class Bundle:
    """What one fetch brought of a partition: its wanted records, how many there were, and the event time of the last one."""

    __slots__ = ("last", "records", "seen", "until")

    def __init__(self, records: Sequence[Record], last: Record, seen: int, until: bytes | None) -> None:
        self.records = records
        self.last = last
        self.seen = seen
        self.until = until


class Bare(faust.Schema[Any, Any]):
    """Hands key and value on as they are: what they hold is read in a batch, where a record that cannot be read harms no other."""

    def loads_key(self, app: AppT, message: Any, **_: Any) -> Any:  # noqa: ARG002 - the rest is about codecs
        """Return the key."""
        return message.key

    def loads_value(self, app: AppT, message: Any, **_: Any) -> Any:  # noqa: ARG002 - the rest is about codecs
        """Return the value."""
        return message.value


class Sieve:
    """Which records of a topic are wanted: those of these types, and those whose header does not say."""

    def __init__(self, wanted: Mapping[str, Iterable[str]]) -> None:
        self._wanted = {topic: frozenset(name.encode() for name in names) for topic, names in wanted.items()}

    def __contains__(self, topic: str) -> bool:
        return topic in self._wanted

    def bundle(self, topic: str, records: Sequence[Record]) -> Bundle:
        """Return the records of one fetch as one; there is at least one."""
        wanted, last = self._wanted[topic], records[-1]
        kept = [record for record in records if (said := _header(record, "salur_type")) is None or said in wanted] if wanted else records
        return Bundle(kept, last, len(records), _header(last, "salur_time"))


def _header(record: Record, wanted: str) -> bytes | None:
    for name, value in record.headers:
        if name == wanted:
            return value
    return None


class _Thread(driver.AIOKafkaConsumerThread):
    """The driver's thread, with the consumer that no record can bring to a halt."""

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer.__class__ = Reader  # it only reads otherwise, and Faust asks for no other class
        return consumer


class BundlingConsumer(driver.Consumer):
    """Faust's consumer, but that what it hands over are bundles. One agent reads a topic, in order, and acknowledges in order."""

    sieve: Sieve
    settled: Callable[[], Awaitable[None]]
    """Awaited before partitions are given away, so that work on its way can end."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ahead: frozenset[TP] = frozenset()
        """Partitions to leave alone for now: what they hold lies too far ahead of the others in event time."""
        self.handed: dict[TP, int] = {}
        """The last offset of each partition that was handed over."""
        self._next_at = 0.0

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Let what is being worked on be acknowledged before its partitions go."""
        await self.settled()
        await super().on_partitions_revoked(revoked)

    async def _getmany(self, active_partitions: set[TP] | None, timeout: float) -> Mapping[TP, list[Any]]:  # noqa: ASYNC109 - the driver's
        if self.app.in_recovery:
            return await super()._getmany(active_partitions, timeout)
        await asyncio.sleep(max(0.0, self._next_at - time.monotonic()))
        wanted = active_partitions - self.ahead if active_partitions else active_partitions
        if not wanted:
            await asyncio.sleep(FETCH_EVERY_SECONDS)
            return {}
        found = await super()._getmany(wanted, timeout)
        small = sum(map(len, found.values())) < LARGE
        self._next_at = time.monotonic() + FETCH_EVERY_SECONDS if small else 0.0
        sieve = self.sieve
        self.handed.update({tp: records[-1].offset for tp, records in found.items() if records})
        return {tp: [sieve.bundle(tp.topic, records)] if tp.topic in sieve else records for tp, records in found.items() if records}

    async def perform_seek(self) -> None:
        """Go back to what is committed: what was handed over and not acknowledged comes again."""
        self.handed.clear()
        await super().perform_seek()

    def lag(self) -> int:
        """Return how many records wait on our partitions, as far as the last fetch knew."""
        return sum(max(0, state.highwater - state.position) for tp in self.assignment() if (state := self._state(tp)) is not None)

    def caught_up(self, tp: TP, done: int | None) -> bool:
        """Tell whether nothing of a partition waits: not at the broker as of the last fetch, nor handed over beyond offset `done`."""
        state, handed = self._state(tp), self.handed.get(tp)
        return state is not None and state.position >= state.highwater and (handed is None or handed == done)

    def _state(self, tp: TP) -> Any:
        """Return what the driver knows of a partition without asking anybody, None while it knows too little."""
        assignment = self._thread._ensure_consumer()._subscription.subscription.assignment  # noqa: SLF001 - no public position without I/O
        state = assignment.state_value(tp) if assignment is not None else None
        return state if state is not None and state.highwater is not None and state.has_valid_position else None

    def _new_consumer_thread(self) -> _Thread:
        return _Thread(self, loop=self.loop, beacon=self.beacon)

    def _to_message(self, tp: TP, record: Any) -> Any:
        bundle = record if isinstance(record, Bundle) else None
        last, unused = bundle.last if bundle else record, (None, 0, 0)
        told = ((), None, bundle) if bundle else (record.headers, record.key, record.value)
        seen = (tp.topic, tp.partition, last.offset, last.timestamp / 1000.0, 0, *told, *unused, tp)
        return ConsumerMessage(*seen, generation_id=self.app.consumer_generation_id)  # type: ignore[misc] # its fields are inherited

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Keep no book of the offsets between bundles: the bundle stands for them."""

    def _new_offset(self, tp: TP) -> int | None:
        """Return the offset after what was acknowledged last: acknowledgements come in order."""
        acked = self._acked[tp]
        if not acked:
            return None
        last = max(acked)
        acked.clear()
        self._acked_index[tp].clear()
        return int(last) + 1
