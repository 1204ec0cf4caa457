"""Reading a record batch as the broker reads it, where the driver's parser gives up. Slow, so only then.

The broker checks a batch before it stores it, but more loosely than the driver reads it: the name of a header may be any bytes, a
length may be written with bits that the broker drops, the attributes of a record may be any byte, and the places that a publisher
gave its records are not compared. Any of these is a publisher's doing, and would hold up its partition, or hide a neighbour, for
ever. The format: https://kafka.apache.org/documentation/#recordbatch
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from aiokafka.codec import lz4_decode, snappy_decode, zstd_decode

_FRAME: Final = struct.Struct(">qi")
"""Where the batch stands and how many bytes follow: also what is skipped by who looks for the next one."""
_HEAD: Final = struct.Struct(">qiibIhiqqqhii")
_CODEC, _BROKERS_TIME = 0x07, 0x08
_GZIP: Final = 31
"""zlib's word for data with gzip's frame."""
_HEADER = tuple[str, bytes]


class Found(NamedTuple):
    """One record of a batch."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[_HEADER]


class Head(NamedTuple):
    """What a batch says of itself before its records; `end` is the offset behind its last one."""

    base: int
    end: int
    attributes: int
    first_time: int
    last_time: int
    number: int
    """How many records it has."""


def at(data: bytes, number: int) -> bytes:
    """Return the batch with this number among those that follow one another in `data`."""
    start = 0
    for _ in range(number):
        start += _FRAME.size + _FRAME.unpack_from(data, start)[1]
    return data[start : start + _FRAME.size + _FRAME.unpack_from(data, start)[1]]


def head(batch: bytes) -> Head:
    """Return what a batch says of itself."""
    base, _, _, _, _, attributes, last, first_time, last_time, _, _, _, number = _HEAD.unpack_from(batch)
    return Head(base, base + last + 1, attributes, first_time, last_time, number)


def regular(offsets: Sequence[int], base: int, end: int) -> bool:
    """Tell whether records stand where they can: each at the next offset, or, where compaction took some away, in order."""
    if len(offsets) == end - base:
        return offsets == [*range(base, end)]
    return all(a < b for a, b in zip((base - 1, *offsets), (*offsets, end), strict=True))


def read(batch: bytes) -> list[Found]:
    """Return the records of a batch, each at a place of its own whatever it says; raises Exception when it cannot be opened.

    A batch that is full is counted through, as the broker did when it gave out the places.
    """
    told = head(batch)
    found = list(_records(_opened(batch, told), told))
    if regular([record.offset for record in found], told.base, told.end):
        return found
    return [record._replace(offset=told.base + n) for n, record in enumerate(found)]


def _opened(batch: bytes, told: Head) -> bytes:
    codec, data = told.attributes & _CODEC, batch[_HEAD.size :]
    return _CODECS[codec](data) if codec else data


def _gunzip(data: bytes) -> bytes:
    """Unpack gzip's members one after the other; what follows them and is none does not count, as for the broker."""
    opened = b""
    while data:
        member = zlib.decompressobj(_GZIP)
        try:
            opened += member.decompress(data)
        except zlib.error:
            if opened:
                break
            raise
        data = member.unused_data
    return opened


_CODECS: Final[Mapping[int, Callable[[bytes], bytes]]] = {1: _gunzip, 2: snappy_decode, 3: lz4_decode, 4: zstd_decode}


def _records(data: bytes, told: Head) -> Iterator[Found]:
    position = 0
    for _ in range(told.number):
        length, start = _varint(data, position)
        position = start + length
        if not start < position <= len(data):
            raise ValueError("a record ends outside its batch")
        yield _record(data[start:position], told)


def _record(data: bytes, told: Head) -> Found:
    later, at_ = _varlong(data, 1)  # behind the attributes, one byte of which no bit means anything
    timestamp = told.last_time if told.attributes & _BROKERS_TIME else _signed(told.first_time + later, 64)
    place, at_ = _varint(data, at_)
    key, at_ = _bytes(data, at_)
    value, at_ = _bytes(data, at_)
    count, at_ = _varint(data, at_)
    headers: list[_HEADER] = []
    for _ in range(count):
        name, at_ = _bytes(data, at_)
        content, at_ = _bytes(data, at_)
        headers.append(((name or b"").decode(errors="replace"), content))  # type: ignore[arg-type] # null, as the driver gives it
    return Found(told.base + place, timestamp, key, value, headers)


def _bytes(data: bytes, position: int) -> tuple[bytes | None, int]:
    length, position = _varint(data, position)
    if length < 0:
        return None, position
    if position + length > len(data):
        raise ValueError("a field ends outside its record")
    return data[position : position + length], position + length


def _varint(data: bytes, position: int) -> tuple[int, int]:
    """Read a number of 32 bits: bits beyond them are dropped, as the broker drops them."""
    raw, position = _raw(data, position, 5)
    return _signed((raw & 0xFFFFFFFF) >> 1 ^ -(raw & 1), 32), position


def _varlong(data: bytes, position: int) -> tuple[int, int]:
    raw, position = _raw(data, position, 10)
    return _signed((raw & 0xFFFFFFFF_FFFFFFFF) >> 1 ^ -(raw & 1), 64), position


def _raw(data: bytes, position: int, most: int) -> tuple[int, int]:
    raw = 0
    for n in range(most):
        byte = data[position + n]
        raw |= (byte & 0x7F) << 7 * n
        if byte < 0x80:
            return raw, position + n + 1
    raise ValueError("a number has too many bytes")


def _signed(number: int, bits: int) -> int:
    """Return a number as the one that so many bits hold of it."""
    half = 1 << bits - 1
    return (number + half) % (2 * half) - half
