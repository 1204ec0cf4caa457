"""Kafka's own hash of a key, from which a record's partition follows; pure."""

from __future__ import annotations

from functools import lru_cache
from struct import Struct
from typing import Final

REMEMBERED: Final = 50_000
_M: Final = 0x5BD1E995
_hashes: dict[bytes, int] = {}


def key_hash(key: bytes) -> int:
    """Return Kafka's own hash (murmur2) of a key, positive: modulo the number of partitions it is the partition.

    The same as aiokafka's, which goes byte by byte, at less than half of its cost; a test holds them together. The hashes of
    recent keys are remembered: a case is spoken of several times.
    """
    found = _hashes.get(key)
    if found is None:
        if len(_hashes) >= REMEMBERED:
            _hashes.clear()
        found = _hashes[key] = _murmur2(key)
    return found


def _murmur2(key: bytes) -> int:
    """Return murmur2 of a key: its words are mixed all at once, each in a lane of 64 bits of one large number."""
    length = len(key)
    count = length >> 2
    h = 0x9747B28C ^ length
    if count:
        narrow, wide, low, top = _lanes(count)
        mixed = int.from_bytes(wide.pack(*narrow.unpack_from(key)), "little") * _M & low
        mixed = (mixed ^ mixed >> 24 & top) * _M & low
        for word in wide.unpack(mixed.to_bytes(8 * count, "little")):
            h = h * _M ^ word  # only the lowest 32 bits count, and nothing flows down into them
    if rest := key[count << 2 :]:
        h = (h ^ int.from_bytes(rest, "little")) * _M
    h &= 0xFFFFFFFF
    h = (h ^ h >> 13) * _M & 0xFFFFFFFF
    return (h ^ h >> 15) & 0x7FFFFFFF


@lru_cache(maxsize=256)
def _lanes(count: int) -> tuple[Struct, Struct, int, int]:
    """Return for so many words: their packing close and in lanes, and the lowest 32 and 8 bits of all lanes."""
    low = int.from_bytes(b"\xff\xff\xff\xff\0\0\0\0" * count, "little")
    return Struct(f"<{count}I"), Struct(f"<{count}Q"), low, int.from_bytes(b"\xff\0\0\0\0\0\0\0" * count, "little")
