"""Instants as others write them, read alike wherever they stand."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

LONGEST: Final = 300
"""Characters of a time; RFC 3339 bounds its fraction by nothing."""
LAST: Final = datetime.max.replace(tzinfo=UTC)
_RFC3339: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])",
)


def read_time(value: object) -> datetime | None:
    """Return an RFC 3339 time with offset in UTC, cut to microseconds, None when it is none; what lies beyond the calendar is its last instant."""
    if not isinstance(value, str) or len(value) > LONGEST or not _RFC3339.fullmatch(value):
        return None
    try:
        time = datetime.fromisoformat(value.upper())
    except ValueError:
        return None
    try:
        return time.astimezone(UTC)
    except OverflowError:
        return LAST if time.year == LAST.year else None
