"""Identifiers: deterministic for events, time-ordered for cases, checkable for people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Final
from uuid import UUID

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES: Final = {letter: value for value, letter in enumerate(ALPHABET)} | {"O": 0, "I": 1, "L": 1}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _stamped(milliseconds: int, noise: str) -> str:
    """Return a UUID version 8 as text from 48 bits of time and 18 hexadecimal digits of noise."""
    stamp = f"{milliseconds & 0xFFFF_FFFF_FFFF:012x}"
    return f"{stamp[:8]}-{stamp[8:]}-8{noise[:3]}-8{noise[3:6]}-{noise[6:18]}"


def milliseconds(time: datetime) -> int:
    """Return the milliseconds from the Unix epoch to `time`, rounded down."""
    delta = time - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000 + delta.microseconds // 1_000


def caused_text(cause: str, effect: str, time: datetime) -> str:
    """Return `caused_id` as its text: an event's id is written far more often than it is compared."""
    return _stamped(milliseconds(time), blake2b(f"{cause}\n{effect}".encode(), digest_size=9).hexdigest())


def caused_id(cause: str, effect: str, time: datetime) -> UUID:
    """Return the id of what follows from `cause` as `effect` at `time`: equal for equal arguments, ordered by time.

    A UUID version 8 (RFC 9562): 48 bits of milliseconds, then a hash; neighbours in time are neighbours in an index.
    """
    return UUID(caused_text(cause, effect, time))


def new_case_text(time: datetime, noise: bytes) -> str:
    """Return a case's id, as its text, from the time it was drawn and 9 random bytes; ordered by time like `caused_id`."""
    return _stamped(milliseconds(time), noise[:9].hex())


def new_tracking_id(noise: bytes) -> str:
    """Return a tracking id from 8 random bytes: eleven random Crockford letters and a check letter, `XXXX-XXXX-XXXX`."""
    number = int.from_bytes(noise[:8])
    values = [number >> place & 31 for place in range(0, 55, 5)]
    a, b, c, d, e, f, g, h, i, j, k = [ALPHABET[value] for value in values]
    return f"{a}{b}{c}{d}-{e}{f}{g}{h}-{i}{j}{k}{_check(values)}"


def read_tracking_id(given: str) -> str | None:
    """Return the canonical form of a tracking id as a person typed it, or None when its check letter says that it is wrong."""
    letters = given.upper().replace("-", "").replace(" ", "")
    if len(letters) != 12 or any(letter not in _VALUES for letter in letters):
        return None
    values = [_VALUES[letter] for letter in letters]
    canonical = "".join([ALPHABET[value] for value in values])
    if _check(values[:11]) != canonical[11]:
        return None
    return f"{canonical[:4]}-{canonical[4:8]}-{canonical[8:]}"


def _double(value: int) -> int:
    doubled = value << 1
    return doubled ^ 0b100101 if doubled & 32 else doubled


_DOUBLED: Final = bytes(_double(value) for value in range(32))


def _check(values: Sequence[int]) -> str:
    """Return the letter that catches every single wrong letter and every swap of neighbours.

    A weighted sum modulo the prime 31 would lose a letter of the alphabet; powers of a generator of GF(32) lose none.
    """
    total = 0
    for value in values:
        total = _DOUBLED[total] ^ value
    return ALPHABET[_DOUBLED[total]]
