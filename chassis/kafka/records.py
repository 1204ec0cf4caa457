"""What comes and goes: one record as a consumer hands it over, and one as it is published."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

Place = tuple[str, int]
"""A topic's partition."""


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


class Taken(NamedTuple):
    """A record as our own consumers hand it over.

    Bytes of a header's name that are no UTF-8 are U+FFFD, as they become at a broker that unpacks a batch.
    """

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


UNREADABLE: Final = (("salur_unreadable", b""),)
"""The headers (told by identity) of records whose batch cannot be opened here: the first has the batch's bytes for a value, the rest none."""


class Outgoing(NamedTuple):
    """One record to publish; `hash` is `key_hash(key)`, from which its partition follows."""

    topic: str
    key: bytes
    hash: int
    value: bytes | None
    headers: list[tuple[str, bytes]]
