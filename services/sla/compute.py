"""The line protocol of `salur sla compute`: one JSON object in, one out; no server, no state but a few calendars."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from traceback import extract_tb
from typing import Any, Final, TypeVar

import orjson

from services.sla.because import explain
from services.sla.calendars import Calendar, CalendarError, escaped, read_calendar, rfc3339
from services.sla.daytable import NeverOpensError, OutOfRangeError
from services.sla.reference_data import NATIONAL, national_calendar
from services.sla.worktime import AtClosing, Budget, DayZero, Due, Options, checked, due_at, elapsed_working_seconds

LONGEST_LINE: Final = 1 << 20  # bytes: a calendar with thirty years of holidays takes a twentieth of it
_CALENDARS_KEPT: Final = 16  # inline calendars remembered by their text, so that a stream with one calendar reads it once
_MARK: Final = b"\xef\xbb\xbf"  # the byte order mark that some editors write
_MOST: Final = 10**10  # days or seconds: beyond the last year by far, and safe in every sum

_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)", re.ASCII)

Choice = TypeVar("Choice", Due, DayZero, AtClosing)


class LineError(ValueError):
    """A line without an answer: closed `code`, JSON Pointer `path`, a message that never repeats the input's values."""

    def __init__(self, code: str, path: str, message: str) -> None:
        super().__init__(message)
        self.code, self.path, self.message = code, path, message


class Computer:
    """Answers lines; `failed` counts those that got an error."""

    def __init__(self) -> None:
        self.failed = 0
        self._calendars: dict[bytes, Calendar] = {}

    def answer(self, line: bytes) -> bytes:
        """Return the answer to one line, ending in a newline; raises MemoryError only, so that no line takes another's answer with it."""
        members: dict[str, Any] = {}
        try:
            members = _parse(line)
            return _written(self._compute(members))
        except LineError as error:
            failure = error
        except MemoryError:
            raise
        except Exception as bug:  # noqa: BLE001
            # The border of the protocol: whatever a line holds, it is answered and the others go on. No input is known to come
            # here, so there is no narrower class to name; nothing is kept of a failed line, and the caller exits with 1.
            failure = LineError("internal_error", "", f"met a bug of salur: {_place(bug)}")
        self.failed += 1
        told = {"code": failure.code, "path": failure.path, "message": failure.message}
        return _written({"id": _id_of(members), "error": told})

    def _compute(self, members: dict[str, Any]) -> dict[str, Any]:
        if _id_of(members) is None:
            raise LineError("schema_violation", "/id", "must be a string or a whole number")
        start = _instant(members.get("start"), "/start")
        budget = _budget(members.get("budget"))
        calendar = self._calendar(members.get("calendar"))
        options = Options(_choice(Due, members, "due"), _choice(DayZero, members, "day_zero"), _choice(AtClosing, members, "at_closing"))
        pauses = _pauses(members.get("pauses"))
        until = members.get("until")
        ending = None if until is None else _instant(until, "/until")
        answer: dict[str, Any] = {"id": members["id"]}
        try:
            due = due_at(start, budget, calendar, options, pauses)
            answer["due_at"] = rfc3339(due)
            if ending is not None:
                answer["elapsed_working_seconds"] = elapsed_working_seconds(start, ending, calendar, pauses)
            steps = explain(start, due, budget, calendar, options=options, pauses=pauses)
            answer["because"] = [step.sentence() for step in steps]
        except NeverOpensError:
            raise LineError("never_due", "/calendar", "does not open long enough for this budget") from None
        except OutOfRangeError:
            raise LineError("out_of_range", "/budget", "runs out outside the years 1970 to 2499") from None
        return answer

    def _calendar(self, value: object) -> Calendar:
        if isinstance(value, str):
            if value != NATIONAL:
                raise LineError("unknown_calendar", "/calendar", "is not the name of a calendar")
            return national_calendar()
        try:
            key = orjson.dumps(value)
        except orjson.JSONEncodeError:  # an unknown member nested deeper than orjson writes (254; it reads 1024): not remembered
            return _read(value)
        calendar = self._calendars.get(key)
        if calendar is None:
            calendar = _read(value)
            if len(self._calendars) >= _CALENDARS_KEPT:
                self._calendars.pop(next(iter(self._calendars)))
            self._calendars[key] = calendar
        return calendar


def lines(chunks: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Return for each chunk the lines it completes, without blank ones; a line over LONGEST_LINE comes cut just above it."""
    rest, first = b"", True
    for chunk in chunks:
        *whole, tail = chunk.split(b"\n")
        if whole:
            whole[0] = rest + whole[0]
            rest = b""
        rest = (rest + tail)[: LONGEST_LINE + 1]
        if whole and first:
            whole[0], first = whole[0].removeprefix(_MARK), False
        yield [line for line in whole if line.strip()]
    rest = rest.removeprefix(_MARK) if first else rest
    yield [rest] if rest.strip() else []


def _written(answer: dict[str, Any]) -> bytes:
    return orjson.dumps(answer, option=orjson.OPT_APPEND_NEWLINE)


def _place(bug: Exception) -> str:
    """Return what was raised and where; not its message, which may repeat a value."""
    frame = extract_tb(bug.__traceback__)[-1]
    return f"{type(bug).__name__} at {Path(frame.filename).name}:{frame.lineno}"


def _read(value: object) -> Calendar:
    try:
        return read_calendar(value)
    except CalendarError as error:
        raise LineError(error.code, "/calendar" + error.path, error.message) from None


def _parse(line: bytes) -> dict[str, Any]:
    if len(line) > LONGEST_LINE:
        raise LineError("too_large", "", f"must not be longer than {LONGEST_LINE} bytes")
    try:
        members = orjson.loads(line)
    except orjson.JSONDecodeError:
        raise LineError("malformed_json", "", "is not JSON") from None
    if not isinstance(members, dict):
        raise LineError("schema_violation", "", "must be an object")
    return members


def _id_of(members: dict[str, Any]) -> str | int | None:
    value = members.get("id")
    return value if isinstance(value, str) or type(value) is int else None


def _instant(value: object, path: str) -> datetime:
    try:
        if isinstance(value, str) and _INSTANT.fullmatch(value):
            at = datetime.fromisoformat(value.upper())
            checked(at)
            return at
    except OutOfRangeError:
        raise LineError("out_of_range", path, "must lie in the years 1970 to 2499") from None
    except ValueError:
        pass
    raise LineError("schema_violation", path, "must be a time with offset as in RFC 3339")


def _budget(value: object) -> Budget:
    if not isinstance(value, dict):
        raise LineError("schema_violation", "/budget", "must be an object")
    given = {name: part for name, part in value.items() if part is not None}
    for name in value:
        if name not in ("working_days", "working_seconds", "calendar_days"):
            raise LineError("schema_violation", "/budget/" + escaped(name), "is not a known unit")
    if not given or ("calendar_days" in given and len(given) > 1):
        raise LineError("schema_violation", "/budget", "must be working_days, working_seconds, both, or calendar_days")
    return Budget(
        working_days=_days(given, "working_days"),
        working_time=_seconds(given["working_seconds"]) if "working_seconds" in given else None,
        calendar_days=_days(given, "calendar_days"),
    )


def _days(budget: dict[str, Any], name: str) -> int | None:
    if name not in budget:
        return None
    value = budget[name]
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if type(value) is not int or value < 0:
        raise LineError("schema_violation", f"/budget/{name}", "must be a whole number, 0 or more")
    return min(value, _MOST)


def _seconds(value: object) -> timedelta:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise LineError("schema_violation", "/budget/working_seconds", "must be a number, 0 or more")
    return timedelta(seconds=min(value, _MOST * 10))


def _choice(kind: type[Choice], members: dict[str, Any], name: str) -> Choice:
    value = members.get(name)
    if value is None:
        return next(iter(kind))
    try:
        return kind(value)
    except ValueError:
        raise LineError("schema_violation", f"/{name}", "must be one of " + ", ".join(kind)) from None


def _pauses(value: object) -> list[tuple[datetime, datetime]]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise LineError("schema_violation", "/pauses", "must be a list of pairs, from and until")
    pauses = []
    for i, pause in enumerate(value):
        if not isinstance(pause, list) or len(pause) != 2:
            raise LineError("schema_violation", f"/pauses/{i}", "must be a pair, from and until")
        start, end = (_instant(part, f"/pauses/{i}/{j}") for j, part in enumerate(pause))
        if end < start:
            raise LineError("schema_violation", f"/pauses/{i}", "must not end before it begins")
        pauses.append((start, end))
    return pauses
