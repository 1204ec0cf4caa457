"""Record batches written byte by byte, as no client library writes them, and put on a topic as they are.

The format: https://kafka.apache.org/documentation/#recordbatch
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable, Sequence

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.record.util import calc_crc32c

from tests.poison.test_broker import snappy

FINE = 0
GZIP, SNAPPY, LZ4 = 1, 2, 3
NOT_THE_LEADER = 6
"""Kafka's code for a leader that is not there yet."""
LONG = b"\x80\x80\x80\x70"
"""Follows a byte of a length with its highest bit set: bits that the broker drops, as they are beyond a length's 32."""


def varint(number: int, bits: int = 64) -> bytes:
    raw = (number << 1 ^ number >> 63) & (1 << bits) - 1
    out = bytearray()
    while raw > 127:
        out.append(raw & 127 | 128)
        raw >>= 7
    return bytes([*out, raw])


def beyond(length: int) -> bytes:
    """Return a length below 64 with bits beyond its 32."""
    return bytes([length << 1 | 128]) + LONG


def field(content: bytes | None) -> bytes:
    return varint(-1) if content is None else varint(len(content)) + content


def record(
    value: bytes | None,
    place: int = 0,
    *,
    key: bytes | None = None,
    headers: Sequence[tuple[bytes | None, bytes | None]] = (),
    attributes: bytes = b"\0",
    later: bytes = b"\0",
    fields: bytes | None = None,
    count: bytes | None = None,
    tail: bytes = b"",
    length: Callable[[int], bytes] = varint,
) -> bytes:
    """Return one record; `fields` stands for its key and value, `later` for its time, `count` for the number of its headers."""
    body = attributes + later + varint(place) + (field(key) + field(value) if fields is None else fields)
    body += (varint(len(headers)) if count is None else count) + b"".join(field(name) + field(content) for name, content in headers) + tail
    return length(len(body)) + body


def batch(
    *records: bytes,
    codec: int = 0,
    pack: Callable[[bytes], bytes] = bytes,
    number: int | None = None,
    last: int | None = None,
    attributes: int = 0,
    magic: int = 2,
    crc: int | None = None,
) -> bytes:
    """Return a batch that says `number` of its records, and `last` of the place of the last one."""
    number = len(records) if number is None else number
    numbers = (codec | attributes, number - 1 if last is None else last, 1_772_420_000_000, 1_772_420_000_000, -1, -1, -1, number)
    checked = struct.pack(">hiqqqhii", *numbers) + pack(b"".join(records))
    return struct.pack(">qiibI", 0, 9 + len(checked), -1, magic, calc_crc32c(checked) if crc is None else crc) + checked


async def put(producer: AIOKafkaProducer, topic: str, partition: int, data: bytes) -> tuple[int, int]:
    """Send bytes for a partition to its leader; return Kafka's error code and the place of the first record."""
    for _ in range(100):
        await producer.partitions_for(topic)
        leader = producer.client.cluster.leader_for_partition(TopicPartition(topic, partition))
        answer = await producer.client.send(leader, ProduceRequest(None, -1, 10_000, [(topic, [(partition, data)])]))
        _, code, first, *_ = answer.topics[0][1][0]
        if code != NOT_THE_LEADER:
            break
        await asyncio.sleep(0.1)
    return code, first


__all__ = ["FINE", "GZIP", "LONG", "LZ4", "SNAPPY", "batch", "beyond", "field", "put", "record", "snappy", "varint"]
