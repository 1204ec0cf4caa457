"""Batches read as the broker reads them: the same as the driver reads healthy ones, and something for every other."""

from __future__ import annotations

import gzip
import random
from datetime import UTC, datetime
from typing import Any

import pytest
from aiokafka.consumer.fetcher import PartitionRecords
from aiokafka.errors import CorruptRecordException
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.structs import TopicPartition
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.decode import Decoder
from chassis.item import Origin, Unreadable
from chassis.kafka import UNREADABLE, Record, batches, reader
from tests.chassis import counting
from tests.poison.wire import GZIP, LZ4, batch, record, varint

TOPIC = TopicPartition("letters", 2)
ALIEN = (b"\xff", b"x")
TEXTS = st.none() | st.binary(max_size=300)
HEADERS = st.lists(st.tuples(st.text(max_size=20).map(lambda text: text.encode(errors="replace")), TEXTS), max_size=5)
RECORDS = st.lists(st.tuples(TEXTS, TEXTS, HEADERS, st.integers(-(2**40), 2**40)), min_size=1, max_size=8)


def ours(data: bytes, at: int = 0) -> list[Record]:
    return [*reader._Records(TOPIC, reader._Fetched(data), None, at, None, None, True, 0)]


def drivers(data: bytes) -> list[Any]:
    return [*PartitionRecords(TOPIC, MemoryRecords(data), None, 0, None, None, True, 0)]


def shape(found: Any) -> tuple[Any, ...]:
    return found.offset, found.timestamp, found.key, found.value, [*found.headers]


def moved(data: bytes, base: int) -> bytes:
    """Return a batch where the broker put it."""
    return base.to_bytes(8, "big") + data[8:]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(RECORDS, st.booleans())
def test_a_healthy_batch_is_read_as_the_driver_reads_it(records: list[Any], packed: bool) -> None:
    written = [record(value, n, key=key, headers=headers, later=varint(later)) for n, (key, value, headers, later) in enumerate(records)]
    data = batch(*written, codec=GZIP, pack=gzip.compress) if packed else batch(*written)
    expected = [shape(found) for found in drivers(data)]
    assert [shape(found) for found in ours(data)] == expected
    assert [shape(found) for found in batches.read(data)] == expected


def test_neighbours_of_an_odd_batch_and_within_it_are_read_once_from_any_place_on() -> None:
    odd = batch(record(b"b"), record(b"c", 1, headers=[ALIEN]), record(b"d", 2))
    data = batch(record(b"a")) + moved(odd, 1) + moved(batch(record(b"e")), 4)
    whole = [(found.offset, found.value) for found in ours(data)]
    assert whole == [*enumerate([b"a", b"b", b"c", b"d", b"e"])]
    for at in range(6):
        assert [(found.offset, found.value) for found in ours(data, at)] == whole[at:]


def test_what_compaction_left_keeps_its_places() -> None:
    data = moved(batch(record(b"a", 1), record(b"b", 4, headers=[ALIEN]), last=6), 10)
    assert [found.offset for found in ours(data)] == [11, 14]
    assert [found.offset for found in ours(moved(batch(record(b"a", 1), record(b"b", 4), last=6), 10))] == [11, 14]


@pytest.mark.parametrize("places", [(0, 9), (1, 0), (0, 0), (-1, 0), (5, 6)])
def test_a_record_stands_where_the_broker_counted_it(places: tuple[int, int]) -> None:
    data = moved(batch(*(record(b"x", place) for place in places)), 7)
    assert [found.offset for found in ours(data)] == [7, 8]


def test_a_batch_that_cannot_be_opened_is_kept_whole_in_its_first_record() -> None:
    data = moved(batch(record(b"a"), record(b"b", 1), codec=LZ4), 3) + moved(batch(record(b"c")), 5)
    first, second, third = ours(data)
    assert (first.offset, first.value, first.headers is UNREADABLE) == (3, moved(batch(record(b"a"), record(b"b", 1), codec=LZ4), 3), True)
    assert (second.offset, second.value, second.headers is UNREADABLE) == (4, None, True)
    assert (third.offset, third.value) == (5, b"c")


def test_such_a_record_is_parked_as_a_fault_of_ours_and_nobody_can_pretend_it() -> None:
    service = counting.service("count")
    feed, orders, _ = counting.topics("count")
    now = datetime.now(UTC)
    for topic, code, origin in ((orders, "internal_error", Origin.INBOUND), (feed, "undecodable", Origin.OWN)):
        (found,) = (each._replace(topic=topic) for each in ours(batch(record(b"a"), codec=LZ4)))
        read = Decoder(service)(found, now)
        assert isinstance(read, Unreadable)
        assert (read.answer.outcome, read.answer.code, read.origin) == ("parked", code, origin)
    (pretended,) = (each._replace(topic=orders) for each in ours(batch(record(b"a", headers=[(b"salur_unreadable", b"")]))))
    read = Decoder(service)(pretended, now)
    assert isinstance(read, Unreadable)
    assert (read.answer.outcome, read.answer.code) == ("rejected", "malformed_json")


def test_bytes_that_the_broker_has_damaged_are_no_publishers_doing_and_raise() -> None:
    with pytest.raises(CorruptRecordException, match="letters, partition 2, from offset 1 on"):
        ours(batch(record(b"a")) + moved(batch(record(b"b"), crc=1), 1))


def test_no_bytes_of_a_record_let_a_neighbour_down() -> None:
    noise = random.Random(1)
    for _ in range(3_000):
        broken = bytearray(record(b"value", 1, key=b"key", headers=[(b"name", b"value")]))
        for _ in range(noise.randint(1, 4)):
            broken[noise.randrange(len(broken))] = noise.randrange(256)
        data = batch(record(b"a")) + moved(batch(record(b"b"), bytes(broken)), 1) + moved(batch(record(b"c")), 3)
        found = ours(data)
        assert [each.offset for each in found] == [0, 1, 2, 3]
        assert (found[0].value, found[-1].value) == (b"a", b"c")
