"""Times as people say them: in local time, with the spans between them."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cli.common import WRONG_USE, Failure

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_UNITS: Final = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def zone_of(name: str) -> tzinfo:
    """Return a zone of the IANA database; raises Failure when there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Failure("--zone wants a name like Asia/Jakarta, Asia/Makassar or Asia/Jayapura.", WRONG_USE) from None


def read_time(text: str) -> datetime:
    """Return a time as the services write it."""
    return datetime.fromisoformat(text)


def day(at: datetime, zone: tzinfo) -> str:
    """Return a local date: `Mon 2 Mar 2026`."""
    local = at.astimezone(zone)
    return f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]} {local.year}"


def clock(at: datetime, zone: tzinfo) -> str:
    """Return a local time of day: `08:00:00`."""
    return f"{at.astimezone(zone):%H:%M:%S}"


def moment(at: datetime, zone: tzinfo) -> str:
    """Return an instant in local time: `Mon 2 Mar 2026 23:59 WIB`."""
    return f"{day(at, zone)} {at.astimezone(zone):%H:%M %Z}"


def span(length: timedelta) -> str:
    """Return how long, in its two largest units: `3 d 4 h`, `12 s`, `0.4 s`."""
    seconds = abs(length.total_seconds())
    if seconds < 10:
        return f"{seconds:.1f} s".replace(".0 s", " s")
    whole = round(seconds) if seconds < 60 else int(seconds)
    for place, (size, unit) in enumerate(_UNITS):
        if whole >= size:
            rest = whole % size // _UNITS[place + 1][0] if place + 1 < len(_UNITS) else 0
            return f"{whole // size} {unit}" + (f" {rest} {_UNITS[place + 1][1]}" if rest else "")
    return "0 s"
