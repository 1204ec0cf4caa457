"""What a calendar is: a zone, weekly windows, holidays and exceptions, and how it is read from a document.

Pure. A document is what JSON gives: `{"timezone", "weekly", "holidays"?, "exceptions"?, "version"?, "covers"?}`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

from services.sla.daytable import DayTable, Windows, merged
from services.sla.localdays import SECOND, from_micros

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_TIME: Final = re.compile(r"(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?", re.ASCII)
_NO_PLACE: Final = {"localtime", "posixrules", "Factory"}  # files beside the zones that mean the machine's own, or none
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class CalendarError(ValueError):
    """A document that is no calendar. `path` is a JSON Pointer into it; the message never repeats a value."""

    def __init__(self, path: str, message: str, code: str = "schema_violation") -> None:
        super().__init__(message)
        self.path, self.message, self.code = path, message, code


@dataclass(frozen=True, slots=True)
class Holiday:
    """A closed date and why. `estimated`: the decree or the sighting of the moon may still move it."""

    name: str
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Calendar:
    """Opening times; immutable. Days are `date.toordinal` numbers, windows microseconds of the wall-clock day."""

    timezone: str
    weekly: tuple[Windows, ...]  # Monday first
    holidays: Mapping[int, Holiday]
    exceptions: Mapping[int, Windows]
    version: str = "unversioned"
    covers: tuple[int, int] | None = None  # first and last year whose holidays are known; None: not said
    table: DayTable = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        opens = [day for day, windows in self.exceptions.items() if windows]
        last = None if any(self.weekly) else max(opens, default=0)
        object.__setattr__(self, "table", DayTable(ZoneInfo(self.timezone), self.windows_on, last))

    def windows_on(self, day: int) -> Windows:
        """Return the windows of a day; an exception stands before a holiday, a holiday before the week."""
        windows = self.exceptions.get(day)
        if windows is not None:
            return windows
        return () if day in self.holidays else self.weekly[(day - 1) % 7]

    def in_zone(self, timezone: str) -> "Calendar":
        """Return the same calendar by the wall clock of another zone (WITA: Asia/Makassar, WIT: Asia/Jayapura)."""
        return replace(self, timezone=timezone)


def read_calendar(document: object) -> Calendar:
    """Return the calendar a JSON document describes; unknown members are ignored.

    Raises:
        CalendarError: with the JSON Pointer of what is wrong.
    """
    members = _object(document, "")
    timezone = members.get("timezone")
    if not isinstance(timezone, str):
        raise CalendarError("/timezone", "must be the name of an IANA time zone")
    if timezone not in _zones():
        raise CalendarError("/timezone", "is not a known IANA time zone", "unknown_timezone")
    version = members.get("version")
    return Calendar(
        timezone=timezone,
        weekly=_weekly(members.get("weekly")),
        holidays=_holidays(members.get("holidays")),
        exceptions=_exceptions(members.get("exceptions")),
        version=version if isinstance(version, str) else "unversioned",
        covers=_covers(members.get("covers")),
    )


def moment(at: int, calendar: Calendar) -> datetime:
    """Return microseconds as a datetime with the calendar's offset at that moment.

    A plain offset, not the zone: Python compares two times of one zone by the wall clock, which is wrong where an hour comes twice.
    """
    local = from_micros(at).astimezone(calendar.table.zone)
    return local.replace(tzinfo=timezone(local.utcoffset() or timedelta()), fold=0)


def rfc3339(at: datetime) -> str:
    """Return an instant as text with its offset; in UTC where that is not whole minutes (Africa/Monrovia until 1972)."""
    if (at.utcoffset() or timedelta()) % timedelta(minutes=1):
        return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return at.isoformat()


@cache
def _zones() -> frozenset[str]:
    """Return the names of all zones; it opens 600 files (25 ms), so it is asked once a process."""
    return frozenset(available_timezones() - _NO_PLACE)


def _weekly(value: object) -> tuple[Windows, ...]:
    members = _object(value, "/weekly")
    for name in members:
        if name not in WEEKDAYS:
            raise CalendarError("/weekly/" + escaped(name), "must be one of mon, tue, wed, thu, fri, sat, sun")
    return tuple(_windows(members.get(name), f"/weekly/{name}") for name in WEEKDAYS)


def _windows(value: object, path: str) -> Windows:
    """Read [[from, to), …], merged: unsorted, overlapping and touching windows are one opening."""
    if value is None:
        return ()
    if not isinstance(value, list):
        raise CalendarError(path, "must be a list of windows")
    spans = []
    for i, window in enumerate(value):
        if not isinstance(window, list) or len(window) != 2:
            raise CalendarError(f"{path}/{i}", "must be a pair of times, from and to")
        start, end = (_time(part, f"{path}/{i}/{j}") for j, part in enumerate(window))
        if start >= end:
            raise CalendarError(f"{path}/{i}", "must end after it begins; a window over midnight is written as two")
        spans.append((start, end))
    return tuple(merged(spans))


def _time(value: object, path: str) -> int:
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise CalendarError(path, "must be a time of day, HH:MM or HH:MM:SS")
    hour, minute, second = (int(part or 0) for part in match.groups()[:3])
    micro = int((match[4] or "")[:6].ljust(6, "0"))
    at = (hour * 3600 + minute * 60 + second) * SECOND + micro
    if minute > 59 or second > 59 or at > 86_400 * SECOND:
        raise CalendarError(path, "must be a time of day from 00:00 to 24:00")
    return at


def _holidays(value: object) -> dict[int, Holiday]:
    if value is None:
        return {}
    if not isinstance(value, list):
        raise CalendarError("/holidays", "must be a list of dates")
    days = {}
    for i, entry in enumerate(value):
        path = f"/holidays/{i}"
        if isinstance(entry, dict):
            name = entry.get("name")
            holiday = Holiday(name if isinstance(name, str) else "holiday", estimated=entry.get("estimated") is True)
            days[_day(entry.get("date"), path + "/date")] = holiday
        else:
            days[_day(entry, path)] = Holiday("holiday")
    return days


def _exceptions(value: object) -> dict[int, Windows]:
    if value is None:
        return {}
    members = _object(value, "/exceptions")
    days = {}
    for text, windows in members.items():
        path = "/exceptions/" + escaped(text)
        if windows is None:
            raise CalendarError(path, "must be a list of windows; an empty list closes the day")
        days[_day(text, path)] = _windows(windows, path)
    return days


def _covers(value: object) -> tuple[int, int] | None:
    if value is None:
        return None
    if not isinstance(value, list) or len(value) != 2 or not all(type(year) is int for year in value):
        raise CalendarError("/covers", "must be the first and the last year")
    return value[0], value[1]


def _day(value: object, path: str) -> int:
    try:
        if isinstance(value, str) and _DATE.fullmatch(value):
            return date.fromisoformat(value).toordinal()
    except ValueError:
        pass
    raise CalendarError(path, "must be a date, YYYY-MM-DD")


def _object(value: object, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise CalendarError(path, "must be an object")
    return value


def escaped(name: str) -> str:
    """Return a member name as one step of a JSON Pointer (RFC 6901 §3)."""
    return name.replace("~", "~0").replace("/", "~1")
