"""The driver's consumer with a parser that nothing stops: what its own cannot read is read as the broker reads it (`batches`).

A batch costs what it costs with the driver alone, less the parts of a record that nobody asks for. The driver raises out of a poll
instead, on every poll, and loses what it had read from other partitions by then.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any, Final

from aiokafka import AIOKafkaConsumer
from aiokafka.consumer.fetcher import Fetcher, PartitionRecords
from aiokafka.errors import CorruptRecordException
from aiokafka.record.memory_records import MemoryRecords

from chassis.kafka import batches
from chassis.kafka.records import UNREADABLE, Taken

log = logging.getLogger(__name__)


class _Fetched:
    """The batches that one fetch brought for a partition, parsed by the driver, with the bytes that they were made from."""

    __slots__ = ("data", "has_next", "next_batch", "size_in_bytes")

    def __init__(self, data: bytes) -> None:
        records = MemoryRecords(data)
        self.data: Final = data
        self.has_next: Final[Callable[[], bool]] = records.has_next
        self.next_batch: Final[Callable[[], Any]] = records.next_batch
        self.size_in_bytes: Final[Callable[[], int]] = records.size_in_bytes


class _Records(PartitionRecords):  # type: ignore[misc] # aiokafka is untyped
    """Hands out the records of a fetch, batch by batch."""

    _records: _Fetched
    next_fetch_offset: int

    def _unpack_records(self) -> Iterator[Taken]:
        """Yield each record that was not handed out yet; raises CorruptRecordException for bytes that the broker's disk has damaged.

        No publisher can bring that about, for the broker compares the sum of what it is sent.
        """
        topic, partition = self._tp
        number = 0
        while self._records.has_next():
            batch = self._records.next_batch()
            if not batch.validate_crc():
                raise CorruptRecordException(f"the broker has damaged bytes in {topic}, partition {partition}, from offset {batch.base_offset} on")
            for found in () if batch.is_control_batch else self._read(batch, number):
                offset = found.offset
                if offset >= self.next_fetch_offset:
                    self.next_fetch_offset = offset + 1
                    yield Taken(topic, partition, offset, found.timestamp, found.key, found.value, found.headers)
            self.next_fetch_offset = max(self.next_fetch_offset, batch.next_offset)
            number += 1

    def _read(self, batch: Any, number: int) -> list[Any]:
        """Return the records of a batch, the one with this number of its fetch."""
        reason = "misplaced"
        try:
            found = list(batch)
        except Exception as error:  # noqa: BLE001 - whatever the driver stumbles over, its neighbours go on
            reason = type(error).__name__
        else:
            if batches.regular([record.offset for record in found], batch.base_offset, batch.next_offset):
                return found
        return self._read_again(batches.at(self._records.data, number), reason)

    def _read_again(self, batch: bytes, reason: str) -> list[batches.Found]:
        told = batches.head(batch)
        where = {"topic": self._tp.topic, "partition": self._tp.partition, "offset": told.base, "count": told.number, "reason": reason}
        try:
            found = batches.read(batch)
        except Exception as error:  # noqa: BLE001 - a codec that is not installed, or what no broker should have stored
            log.warning("a batch cannot be opened, its records are kept as they are", extra={**where, "reason": type(error).__name__})
            return [batches.Found(told.base + n, told.last_time, None, None if n else batch, UNREADABLE) for n in range(told.number)]
        log.info("a batch of odd bytes was read as the broker reads it", extra=where)
        return found


def _naming(method: Callable[..., Any], **names: Any) -> Any:
    """Return a method of the driver that finds other classes under some names of its module: it has no other door for them."""
    assert isinstance(method, FunctionType)
    assert names.keys() <= {*method.__code__.co_names}, "another version of the driver"
    return FunctionType(method.__code__, {**method.__globals__, **names}, method.__name__, method.__defaults__, method.__closure__)


class _Fetcher(Fetcher):  # type: ignore[misc] # aiokafka is untyped
    _proc_fetch_request = _naming(Fetcher._proc_fetch_request, MemoryRecords=_Fetched, PartitionRecords=_Records)  # noqa: SLF001 - see `_naming`


class Reader(AIOKafkaConsumer):  # type: ignore[misc] # aiokafka is untyped
    """A consumer whose `getmany` gives `Taken` records. It reads transactions as they come: one that its publisher leaves open delays nobody."""

    start = _naming(AIOKafkaConsumer.start, Fetcher=_Fetcher)
