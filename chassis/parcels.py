"""What a batch says, packed for the outbox: one parcel for each topic and shard, its records in order. Pure.

A row of the outbox for each record cost PostgreSQL twelve microseconds of an event, and the relay ten (docs/adr/0013).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from struct import Struct
from typing import Final
from uuid import UUID

from chassis.kafka import Outgoing
from chassis.leases import SHARDS

_REFERENCE: Final = Struct("!16si")
_LENGTH: Final = Struct("!i")
_NONE: Final = -1
"""The length of a value that is none: a tombstone of a compacted topic."""


@dataclass(slots=True, eq=False)
class Parcel:
    """Records of one topic and shard, published together; `content` is what the outbox keeps of them.

    Of events it keeps references (16 bytes of case, 4 of sequence), for the history has them; of records that are `whole` it keeps
    key and value, each after its length.
    """

    topic: str
    shard: int
    whole: bool
    mark: int = field(default_factory=lambda: int.from_bytes(os.urandom(8)) >> 1)
    """By this a relay finds in memory what a row stands for: 63 random bits."""
    records: list[Outgoing] = field(default_factory=list)
    pieces: list[bytes] = field(default_factory=list)

    @property
    def content(self) -> bytes:
        """Return the parcel packed."""
        return b"".join(self.pieces)


class Parcels:
    """Collects what is to be published, in order per key: a key has one shard."""

    def __init__(self) -> None:
        self._parcels: dict[tuple[str, int], Parcel] = {}

    def __iter__(self) -> Iterator[Parcel]:
        """Return the parcels."""
        return iter(self._parcels.values())

    def __bool__(self) -> bool:
        """Tell whether there is anything to publish."""
        return bool(self._parcels)

    def add_event(self, case_id: UUID, sequence: int, record: Outgoing) -> None:
        """Add an event of the history."""
        parcel = self._parcel(record, whole=False)
        parcel.records.append(record)
        parcel.pieces.append(_REFERENCE.pack(case_id.bytes, sequence))

    def add(self, record: Outgoing) -> None:
        """Add a record that is in no history."""
        parcel = self._parcel(record, whole=True)
        parcel.records.append(record)
        value = record.value
        length = _LENGTH.pack(_NONE if value is None else len(value))
        parcel.pieces.append(b"%b%b%b%b" % (_LENGTH.pack(len(record.key)), record.key, length, value or b""))

    def _parcel(self, record: Outgoing, *, whole: bool) -> Parcel:
        place = (record.topic, record.hash % SHARDS)
        found = self._parcels.get(place)
        if found is None:
            found = self._parcels[place] = Parcel(*place, whole)
        return found


def references(content: bytes) -> list[tuple[UUID, int]]:
    """Return the events that a parcel refers to: case and sequence."""
    return [(UUID(bytes=case_id), sequence) for case_id, sequence in _REFERENCE.iter_unpack(content)]


def unpack(content: bytes) -> list[tuple[bytes, bytes | None]]:
    """Return keys and values of a parcel of whole records."""
    found: list[tuple[bytes, bytes | None]] = []
    at = 0
    while at < len(content):
        key, at = _piece(content, at)
        value, at = _piece(content, at)
        found.append((key or b"", value))
    return found


def _piece(content: bytes, at: int) -> tuple[bytes | None, int]:
    (length,) = _LENGTH.unpack_from(content, at)
    at += _LENGTH.size
    return (None, at) if length == _NONE else (content[at : at + length], at + length)
