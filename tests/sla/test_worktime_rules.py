"""Each definition of contracts.md §7 and each decision of docs/contract.md, as lines and their answers."""

import json
from datetime import date, timedelta
from typing import Any

import orjson
import pytest

from services.sla.compute import LONGEST_LINE, Computer, lines

NINE = [["09:00", "17:00"]]
WEEK = {day: NINE for day in ("mon", "tue", "wed", "thu", "fri")}
ALWAYS = {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}


def ask(start: str, budget: dict[str, Any], weekly: Any = WEEK, zone: str = "UTC", **more: Any) -> dict[str, Any]:
    calendar = {"timezone": zone, "weekly": weekly, **{k: more.pop(k) for k in ("holidays", "exceptions") if k in more}}
    line = {"id": "x", "start": start, "budget": budget, "calendar": calendar, **more}
    answer: dict[str, Any] = orjson.loads(Computer().answer(orjson.dumps(line)))
    return answer


def due(start: str, budget: dict[str, Any], weekly: Any = WEEK, zone: str = "UTC", **more: Any) -> str:
    return str(ask(start, budget, weekly, zone, **more)["due_at"])


def days(n: int) -> dict[str, int]:
    return {"working_days": n}


def hours(n: float) -> dict[str, float]:
    return {"working_seconds": n * 3600}


MON, FRI, SAT = "2024-06-03T{}+00:00", "2024-06-07T{}+00:00", "2024-06-08T{}+00:00"

RULES: list[tuple[str, dict[str, Any], str]] = [
    # days
    ("the day of receipt is day 0", {"start": MON.format("09:00:00"), "budget": days(1)}, "2024-06-04T23:59:59"),
    ("even before opening", {"start": MON.format("00:00:00"), "budget": days(1)}, "2024-06-04T23:59:59"),
    ("even when it is closed", {"start": SAT.format("10:00:00"), "budget": days(1)}, "2024-06-10T23:59:59"),
    ("or the next opening's day is", {"start": SAT.format("10:00:00"), "budget": days(1), "day_zero": "next_working_day"}, "2024-06-11T23:59:59"),
    ("an open day after closing stays day 0", {"start": FRI.format("18:00:00"), "budget": days(1), "day_zero": "next_working_day"}, "2024-06-10T23:59:59"),
    ("no days end today", {"start": MON.format("09:00:00"), "budget": days(0)}, "2024-06-03T23:59:59"),
    ("no days end today also on a closed day", {"start": SAT.format("10:00:00"), "budget": days(0)}, "2024-06-08T23:59:59"),
    ("no days from a closed day moved", {"start": SAT.format("10:00:00"), "budget": days(0), "day_zero": "next_working_day"}, "2024-06-10T23:59:59"),
    ("closing is the last window's end", {"start": MON.format("10:00:00"), "budget": days(1), "due": "closing", "weekly": {"tue": [["13:00", "18:00"], ["08:00", "12:00"]]}}, "2024-06-04T18:00:00"),
    ("no days after closing end at the next closing", {"start": MON.format("18:00:00"), "budget": days(0), "due": "closing"}, "2024-06-04T17:00:00"),
    ("same time keeps the time of day", {"start": MON.format("10:30:15"), "budget": days(2), "due": "same_time"}, "2024-06-05T10:30:15"),
    ("same time rolls over lunch", {"start": MON.format("12:30:00"), "budget": days(1), "due": "same_time", "weekly": {"tue": [["08:00", "12:00"], ["13:00", "17:00"]]}}, "2024-06-04T13:00:00"),
    ("same time after hours rolls to the next opening", {"start": FRI.format("19:00:00"), "budget": days(1), "due": "same_time"}, "2024-06-11T09:00:00"),
    ("closing time itself is outside", {"start": MON.format("17:00:00"), "budget": days(1), "due": "same_time"}, "2024-06-05T09:00:00"),
    ("a moved start counts from its opening", {"start": SAT.format("15:00:00"), "budget": days(2), "due": "same_time", "day_zero": "next_working_day"}, "2024-06-12T09:00:00"),
    ("a leap day is a day", {"start": "2024-02-28T10:00:00+00:00", "budget": days(1)}, "2024-02-29T23:59:59"),
    ("the year is crossed", {"start": "2024-12-31T10:00:00+00:00", "budget": days(1), "holidays": ["2025-01-01"]}, "2025-01-02T23:59:59"),
    # calendar days
    ("calendar days count all days", {"start": FRI.format("10:00:00"), "budget": {"calendar_days": 2}}, "2024-06-09T23:59:59"),
    ("calendar days at closing wait for an open day", {"start": FRI.format("10:00:00"), "budget": {"calendar_days": 2}, "due": "closing"}, "2024-06-10T17:00:00"),
    ("calendar days at closing on an open day", {"start": FRI.format("10:00:00"), "budget": {"calendar_days": 3}, "due": "closing"}, "2024-06-10T17:00:00"),
    ("calendar days at the same time roll forward", {"start": FRI.format("10:00:00"), "budget": {"calendar_days": 1}, "due": "same_time"}, "2024-06-10T09:00:00"),
    ("calendar days need no opening", {"start": FRI.format("10:00:00"), "budget": {"calendar_days": 1}, "weekly": {}}, "2024-06-08T23:59:59"),
    ("a pause over midnight costs a calendar day", {"start": FRI.format("10:00:00"), "budget": {"calendar_days": 2}, "pauses": [[FRI.format("20:00:00"), SAT.format("01:00:00")], [SAT.format("20:00:00"), "2024-06-09T01:00:00Z"]]}, "2024-06-10T23:59:59"),
    # seconds
    ("seconds run in windows only", {"start": FRI.format("16:30:00"), "budget": hours(1)}, "2024-06-10T09:30:00"),
    ("a start before opening waits", {"start": MON.format("06:00:00"), "budget": hours(1)}, "2024-06-03T10:00:00"),
    ("a start on closing waits", {"start": MON.format("17:00:00"), "budget": hours(1)}, "2024-06-04T10:00:00"),
    ("a whole day ends at closing", {"start": MON.format("09:00:00"), "budget": hours(8)}, "2024-06-03T17:00:00"),
    ("or at the next opening", {"start": FRI.format("09:00:00"), "budget": hours(8), "at_closing": "next_opening"}, "2024-06-10T09:00:00"),
    ("which is after lunch", {"start": MON.format("08:00:00"), "budget": hours(4), "at_closing": "next_opening", "weekly": {"mon": [["08:00", "12:00"], ["13:00", "17:00"]]}}, "2024-06-03T13:00:00"),
    ("the next opening changes nothing inside", {"start": MON.format("09:00:00"), "budget": hours(7), "at_closing": "next_opening"}, "2024-06-03T16:00:00"),
    ("the next opening waits for the pause to end", {"start": MON.format("09:00:00"), "budget": hours(8), "at_closing": "next_opening", "pauses": [[MON.format("20:00:00"), "2024-06-04T11:00:00Z"]]}, "2024-06-04T11:00:00"),
    ("no seconds are due at once", {"start": SAT.format("10:00:00"), "budget": hours(0)}, "2024-06-08T10:00:00"),
    ("or at the next opening if closed", {"start": SAT.format("10:00:00"), "budget": hours(0), "at_closing": "next_opening"}, "2024-06-10T09:00:00"),
    ("seconds and microseconds are kept", {"start": MON.format("16:59:59.250001"), "budget": {"working_seconds": 1}}, "2024-06-04T09:00:00.250001"),
    ("parts of seconds count", {"start": MON.format("10:00:00"), "budget": {"working_seconds": 0.5}}, "2024-06-03T10:00:00.500000"),
    ("midnight joins two days", {"start": MON.format("23:30:00"), "budget": hours(1), "weekly": ALWAYS}, "2024-06-04T00:30:00"),
    ("24:00 is the next midnight", {"start": MON.format("23:00:00"), "budget": hours(1), "weekly": {"mon": [["22:00", "24:00"]]}}, "2024-06-04T00:00:00"),
    ("windows are merged", {"start": MON.format("08:00:00"), "budget": hours(8), "weekly": {"mon": [["12:00", "17:00"], ["09:00", "12:00"], ["10:00", "11:00"]]}}, "2024-06-03T17:00:00"),
    ("touching windows have no closing between", {"start": MON.format("09:00:00"), "budget": hours(3), "at_closing": "next_opening", "weekly": {"mon": [["12:00", "17:00"], ["09:00", "12:00"]]}}, "2024-06-03T12:00:00"),
    # both
    ("days first, then seconds, at the time of day", {"start": MON.format("10:00:00"), "budget": {"working_days": 1, "working_seconds": 7200}}, "2024-06-04T12:00:00"),
    ("days then seconds into the next day", {"start": MON.format("16:00:00"), "budget": {"working_days": 1, "working_seconds": 7200}}, "2024-06-05T10:00:00"),
    ("days with no seconds are days only", {"start": MON.format("10:00:00"), "budget": {"working_days": 1, "working_seconds": 0}}, "2024-06-04T23:59:59"),
    ("no days with seconds are seconds only", {"start": MON.format("10:00:00"), "budget": {"working_days": 0, "working_seconds": 3600}}, "2024-06-03T11:00:00"),
    # holidays and exceptions
    ("a holiday is closed", {"start": MON.format("10:00:00"), "budget": days(1), "holidays": ["2024-06-04"]}, "2024-06-05T23:59:59"),
    ("a holiday may have a name", {"start": MON.format("10:00:00"), "budget": days(1), "holidays": [{"date": "2024-06-04", "name": "N"}]}, "2024-06-05T23:59:59"),
    ("an exception opens a Sunday", {"start": SAT.format("10:00:00"), "budget": hours(1), "exceptions": {"2024-06-09": [["10:00", "12:00"]]}}, "2024-06-09T11:00:00"),
    ("an exception opens a holiday", {"start": MON.format("10:00:00"), "budget": days(1), "holidays": ["2024-06-04"], "exceptions": {"2024-06-04": [["10:00", "11:00"]]}, "due": "closing"}, "2024-06-04T11:00:00"),
    ("an empty exception closes", {"start": MON.format("10:00:00"), "budget": days(1), "exceptions": {"2024-06-04": []}}, "2024-06-05T23:59:59"),
    ("an exception shortens", {"start": MON.format("16:00:00"), "budget": hours(3), "exceptions": {"2024-06-04": [["09:00", "10:00"]]}}, "2024-06-05T10:00:00"),
    ("only exceptions open", {"start": MON.format("10:00:00"), "budget": hours(2), "weekly": {}, "exceptions": {"2030-01-01": [["09:00", "12:00"]]}}, "2030-01-01T11:00:00"),
    # pauses
    ("a pause moves the end", {"start": MON.format("09:00:00"), "budget": hours(2), "pauses": [[MON.format("10:00:00"), MON.format("12:00:00")]]}, "2024-06-03T13:00:00"),
    ("overlapping pauses count once, in any order", {"start": MON.format("09:00:00"), "budget": hours(2), "pauses": [[MON.format("11:00:00"), MON.format("13:00:00")], [MON.format("10:00:00"), MON.format("12:00:00")]]}, "2024-06-03T14:00:00"),
    ("a pause before the start is nothing", {"start": MON.format("12:00:00"), "budget": hours(2), "pauses": [[MON.format("09:00:00"), MON.format("12:00:00")]]}, "2024-06-03T14:00:00"),
    ("a pause that holds the start", {"start": MON.format("10:00:00"), "budget": hours(2), "pauses": [[MON.format("09:00:00"), MON.format("12:00:00")]]}, "2024-06-03T14:00:00"),
    ("a pause that begins at the end is nothing", {"start": MON.format("09:00:00"), "budget": hours(2), "pauses": [[MON.format("11:00:00"), MON.format("12:00:00")]]}, "2024-06-03T11:00:00"),
    ("a pause outside hours is nothing", {"start": MON.format("16:00:00"), "budget": hours(2), "pauses": [[MON.format("17:00:00"), "2024-06-04T09:00:00Z"]]}, "2024-06-04T10:00:00"),
    ("an empty pause is nothing", {"start": MON.format("09:00:00"), "budget": hours(2), "pauses": [[MON.format("10:00:00"), MON.format("10:00:00")]]}, "2024-06-03T11:00:00"),
    ("a pause inside a day costs no day", {"start": MON.format("09:00:00"), "budget": days(1), "pauses": [["2024-06-04T09:00:00Z", "2024-06-04T17:00:00Z"]]}, "2024-06-04T23:59:59"),
    ("a pause over the end of a day costs it", {"start": MON.format("09:00:00"), "budget": days(1), "pauses": [["2024-06-04T20:00:00Z", "2024-06-05T06:00:00Z"]]}, "2024-06-05T23:59:59"),
    ("a pause of exactly one date costs it", {"start": MON.format("09:00:00"), "budget": days(1), "pauses": [["2024-06-04T00:00:00Z", "2024-06-05T00:00:00Z"]]}, "2024-06-05T23:59:59"),
    ("a pause over the end of day 0 costs none", {"start": MON.format("09:00:00"), "budget": days(1), "pauses": [[MON.format("20:00:00"), "2024-06-04T06:00:00Z"]]}, "2024-06-04T23:59:59"),
    ("a pause of days costs those that open", {"start": FRI.format("09:00:00"), "budget": days(1), "pauses": [[SAT.format("10:00:00"), "2024-06-12T10:00:00Z"]]}, "2024-06-12T23:59:59"),
    ("two pauses over one end cost one day", {"start": MON.format("09:00:00"), "budget": days(2), "pauses": [["2024-06-04T10:00:00Z", "2024-06-05T01:00:00Z"], ["2024-06-04T22:00:00Z", "2024-06-05T02:00:00Z"]]}, "2024-06-06T23:59:59"),
    ("at closing the end of a day is its closing", {"start": MON.format("09:00:00"), "budget": days(1), "due": "closing", "pauses": [["2024-06-04T16:00:00Z", "2024-06-04T18:00:00Z"]]}, "2024-06-05T17:00:00"),
    ("at closing a pause of the whole opening costs it", {"start": MON.format("09:00:00"), "budget": days(1), "due": "closing", "pauses": [["2024-06-04T09:00:00Z", "2024-06-04T17:00:00Z"]]}, "2024-06-05T17:00:00"),
    ("at closing a pause after hours costs nothing", {"start": MON.format("09:00:00"), "budget": days(1), "due": "closing", "pauses": [["2024-06-04T17:00:00Z", "2024-06-05T09:00:00Z"]]}, "2024-06-04T17:00:00"),
    ("at the same time a paused moment rolls to its end", {"start": MON.format("10:00:00"), "budget": days(1), "due": "same_time", "pauses": [["2024-06-04T09:00:00Z", "2024-06-04T12:00:00Z"]]}, "2024-06-04T12:00:00"),
    ("no days paused at their end wait for a day that runs", {"start": MON.format("10:00:00"), "budget": days(0), "pauses": [[MON.format("20:00:00"), "2024-06-04T12:00:00Z"]]}, "2024-06-04T23:59:59"),
]


@pytest.mark.parametrize(("line", "expected"), [rule[1:] for rule in RULES], ids=[rule[0] for rule in RULES])
def test_rule(line: dict[str, Any], expected: str) -> None:
    assert due(**line) == expected + "+00:00"


ZONED: list[tuple[str, dict[str, Any], str]] = [
    ("in spring an hour is missing", {"zone": "Europe/Berlin", "start": "2024-03-31T00:00:00+01:00", "budget": hours(4), "weekly": ALWAYS}, "2024-03-31T05:00:00+02:00"),
    ("in autumn an hour comes twice", {"zone": "Europe/Berlin", "start": "2024-10-27T00:00:00+02:00", "budget": hours(4), "weekly": ALWAYS}, "2024-10-27T03:00:00+01:00"),
    ("the second of two equal hours has its offset", {"zone": "America/New_York", "start": "2024-11-03T00:00:00-04:00", "budget": hours(2.5), "weekly": ALWAYS}, "2024-11-03T01:30:00-05:00"),
    ("office hours follow the wall clock", {"zone": "Europe/Berlin", "start": "2024-03-29T09:00:00+01:00", "budget": hours(9)}, "2024-04-01T10:00:00+02:00"),
    ("a window in the gap is as if clocks had not changed", {"zone": "America/Los_Angeles", "start": "2006-04-02T00:00:00-08:00", "budget": hours(1), "weekly": {"sun": [["02:30", "03:15"]], "mon": NINE}}, "2006-04-03T10:00:00-07:00"),
    ("an ambiguous opening is the first", {"zone": "America/Los_Angeles", "start": "2014-11-02T00:00:00-07:00", "budget": hours(1), "weekly": {"sun": [["01:30", "03:00"]]}}, "2014-11-02T01:30:00-08:00"),
    ("a day that begins in a gap", {"zone": "America/Sao_Paulo", "start": "2015-10-17T22:00:00-03:00", "budget": hours(7), "weekly": ALWAYS}, "2015-10-18T06:00:00-02:00"),
    ("a day that ends twice", {"zone": "America/Sao_Paulo", "start": "2015-02-21T22:00:00-02:00", "budget": hours(5), "weekly": ALWAYS}, "2015-02-22T02:00:00-03:00"),
    ("and its end is the second", {"zone": "America/Sao_Paulo", "start": "2015-02-20T22:00:00-02:00", "budget": days(1), "weekly": ALWAYS}, "2015-02-21T23:59:59-03:00"),
    ("half-hour zones", {"zone": "Asia/Kolkata", "start": "2024-06-03T16:30:00+05:30", "budget": hours(1)}, "2024-06-04T09:30:00+05:30"),
    ("half-hour summer time", {"zone": "Australia/Lord_Howe", "start": "2024-10-06T00:00:00+10:30", "budget": hours(3), "weekly": ALWAYS}, "2024-10-06T03:30:00+11:00"),
    ("Tehran's spring at midnight", {"zone": "Asia/Tehran", "start": "2015-03-21T12:00:00+03:30", "budget": hours(17), "weekly": ALWAYS}, "2015-03-22T06:00:00+04:30"),
    ("the start may have another offset", {"zone": "Asia/Jakarta", "start": "2024-06-03T23:30:00-05:00", "budget": days(1)}, "2024-06-05T23:59:59+07:00"),
    ("a date the zone skipped does not open", {"zone": "Pacific/Apia", "start": "2011-12-29T12:00:00-10:00", "budget": days(1), "weekly": ALWAYS}, "2011-12-31T23:59:59+14:00"),
    ("and gives no working time", {"zone": "Pacific/Apia", "start": "2011-12-29T23:00:00-10:00", "budget": hours(2), "weekly": ALWAYS}, "2011-12-31T01:00:00+14:00"),
    ("the same time in a gap", {"zone": "Europe/Berlin", "start": "2024-03-30T02:30:00+01:00", "budget": days(1), "due": "same_time", "weekly": ALWAYS}, "2024-03-31T03:30:00+02:00"),
]


@pytest.mark.parametrize(("line", "expected"), [rule[1:] for rule in ZONED], ids=[rule[0] for rule in ZONED])
def test_zone(line: dict[str, Any], expected: str) -> None:
    assert due(**line) == expected


@pytest.mark.parametrize(
    ("until", "pauses", "expected"),
    [
        ("2024-06-03T12:00:00Z", [], 7200),
        ("2024-06-03T09:00:00Z", [], 0),
        ("2024-06-03T10:00:00Z", [], 0),
        ("2024-06-10T10:00:00Z", [], 40 * 3600),
        ("2024-06-03T10:00:00.5Z", [], 0.5),
        ("2024-06-03T12:00:00Z", [["2024-06-03T11:00:00Z", "2024-06-03T18:00:00Z"], ["2024-06-03T08:00:00Z", "2024-06-03T10:30:00Z"]], 1800),
        ("2024-06-03T12:00:00Z", [["2024-06-02T11:00:00Z", "2024-06-13T18:00:00Z"]], 0),
    ],
)
def test_elapsed_seconds_leave_out_closed_time_and_pauses(until: str, pauses: list[list[str]], expected: float) -> None:
    start = "2024-06-03T10:00:00+00:00"
    weekly = {day: [["09:00", "17:00"]] for day in WEEK}
    if until.startswith("2024-06-03T09"):
        start = "2024-06-04T10:00:00+00:00"  # until lies before the start
    assert ask(start, days(1), weekly, until=until, pauses=pauses)["elapsed_working_seconds"] == expected


def test_very_large_budgets_are_answered() -> None:
    last = date(2024, 6, 3) + timedelta(weeks=10_000 // 5)
    assert due("2024-06-03T10:00:00+00:00", days(10_000)) == f"{last}T23:59:59+00:00"
    assert due("2024-01-01T00:00:00+00:00", {"working_seconds": 3653 * 86400}, ALWAYS) == "2034-01-01T00:00:00+00:00"


BROKEN: list[tuple[dict[str, Any], str, str]] = [
    ({"id": None}, "schema_violation", "/id"),
    ({"start": None}, "schema_violation", "/start"),
    ({"start": "2024-06-03T10:00:00"}, "schema_violation", "/start"),
    ({"start": "2024-02-30T10:00:00Z"}, "schema_violation", "/start"),
    ({"start": "2024-06-03"}, "schema_violation", "/start"),
    ({"start": 5}, "schema_violation", "/start"),
    ({"start": "1066-06-03T10:00:00Z"}, "out_of_range", "/start"),
    ({"budget": None}, "schema_violation", "/budget"),
    ({"budget": {}}, "schema_violation", "/budget"),
    ({"budget": {"working_days": -1}}, "schema_violation", "/budget/working_days"),
    ({"budget": {"working_days": 1.5}}, "schema_violation", "/budget/working_days"),
    ({"budget": {"working_days": True}}, "schema_violation", "/budget/working_days"),
    ({"budget": {"working_days": "3"}}, "schema_violation", "/budget/working_days"),
    ({"budget": {"working_seconds": -0.1}}, "schema_violation", "/budget/working_seconds"),
    ({"budget": {"working_days": 1, "calendar_days": 1}}, "schema_violation", "/budget"),
    ({"budget": {"working_hours": 3}}, "schema_violation", "/budget/working_hours"),
    ({"budget": {"working_days": 10**9}}, "out_of_range", "/budget"),
    ({"budget": {"working_days": 10**30}}, "out_of_range", "/budget"),
    ({"budget": {"calendar_days": 10**15}}, "out_of_range", "/budget"),
    ({"budget": {"working_seconds": 1e300}}, "out_of_range", "/budget"),
    ({"calendar": "atlantis"}, "unknown_calendar", "/calendar"),
    ({"calendar": None}, "schema_violation", "/calendar"),
    ({"calendar": {}}, "schema_violation", "/calendar/timezone"),
    ({"calendar": {"timezone": "UTC"}}, "schema_violation", "/calendar/weekly"),
    ({"calendar": {"timezone": "Mars/Base", "weekly": {}}}, "unknown_timezone", "/calendar/timezone"),
    ({"calendar": {"timezone": "../UTC", "weekly": {}}}, "unknown_timezone", "/calendar/timezone"),
    ({"calendar": {"timezone": "Asia", "weekly": {}}}, "unknown_timezone", "/calendar/timezone"),
    ({"calendar": {"timezone": "", "weekly": {}}}, "unknown_timezone", "/calendar/timezone"),
    ({"calendar": {"timezone": "UTC", "weekly": {}}}, "never_due", "/calendar"),
    ({"calendar": {"timezone": "UTC", "weekly": {"mon": []}, "exceptions": {"2020-01-01": NINE}}}, "never_due", "/calendar"),
    ({"calendar": {"timezone": "UTC", "weekly": {"monday": NINE}}}, "schema_violation", "/calendar/weekly/monday"),
    ({"calendar": {"timezone": "UTC", "weekly": {"mon": [["17:00", "09:00"]]}}}, "schema_violation", "/calendar/weekly/mon/0"),
    ({"calendar": {"timezone": "UTC", "weekly": {"mon": [["09:00", "09:00"]]}}}, "schema_violation", "/calendar/weekly/mon/0"),
    ({"calendar": {"timezone": "UTC", "weekly": {"mon": [["09:00"]]}}}, "schema_violation", "/calendar/weekly/mon/0"),
    ({"calendar": {"timezone": "UTC", "weekly": {"mon": [["09:00", "24:01"]]}}}, "schema_violation", "/calendar/weekly/mon/0/1"),
    ({"calendar": {"timezone": "UTC", "weekly": {"mon": [["09:60", "10:00"]]}}}, "schema_violation", "/calendar/weekly/mon/0/0"),
    ({"calendar": {"timezone": "UTC", "weekly": {}, "holidays": ["2024-02-30"]}}, "schema_violation", "/calendar/holidays/0"),
    ({"calendar": {"timezone": "UTC", "weekly": {}, "exceptions": {"a/b": []}}}, "schema_violation", "/calendar/exceptions/a~1b"),
    ({"due": "noon"}, "schema_violation", "/due"),
    ({"due": ["closing"]}, "schema_violation", "/due"),
    ({"day_zero": 0}, "schema_violation", "/day_zero"),
    ({"at_closing": "never"}, "schema_violation", "/at_closing"),
    ({"until": "soon"}, "schema_violation", "/until"),
    ({"pauses": {}}, "schema_violation", "/pauses"),
    ({"pauses": [["2024-06-03T10:00:00Z"]]}, "schema_violation", "/pauses/0"),
    ({"pauses": [["2024-06-03T10:00:00Z", None]]}, "schema_violation", "/pauses/0/1"),
    ({"pauses": [["2024-06-03T10:00:00Z", "2024-06-03T09:00:00Z"]]}, "schema_violation", "/pauses/0"),
]


@pytest.mark.parametrize(("change", "code", "path"), BROKEN, ids=[f"{c}-{p}-{i}" for i, (_, c, p) in enumerate(BROKEN)])
def test_a_line_that_cannot_be_read_is_answered_with_its_reason(change: dict[str, Any], code: str, path: str) -> None:
    line = {"id": 7, "start": "2024-06-03T10:00:00Z", "budget": days(1), "calendar": {"timezone": "UTC", "weekly": WEEK}} | change
    computer = Computer()
    answer = orjson.loads(computer.answer(json.dumps(line).encode()))
    assert list(answer) == ["id", "error"]
    assert (answer["error"]["code"], answer["error"]["path"]) == (code, path)
    assert answer["id"] == (None if path == "/id" else 7)
    assert computer.failed == 1


@pytest.mark.parametrize("line", [b"{", b"\xff", b'{"id":"x","a":NaN}', b'{"id":"\\ud800"}', b"[" * 100_000, b"nul"])
def test_what_is_not_json_is_answered(line: bytes) -> None:
    answer = orjson.loads(Computer().answer(line))
    assert answer == {"id": None, "error": {"code": "malformed_json", "path": "", "message": "is not JSON"}}


@pytest.mark.parametrize("line", [b"[]", b"5", b"null", b'"x"'])
def test_json_that_is_no_object_is_answered(line: bytes) -> None:
    assert orjson.loads(Computer().answer(line))["error"]["code"] == "schema_violation"


def test_the_message_never_repeats_a_value() -> None:
    secret = "3578012345670001"
    for change in ({"start": secret}, {"due": secret}, {"calendar": secret}, {"calendar": {"timezone": secret}}, {"until": secret}):
        line = {"id": 1, "start": "2024-06-03T10:00:00Z", "budget": days(1), "calendar": "id-national"} | change
        assert secret not in Computer().answer(orjson.dumps(line)).decode()


def test_lines_are_cut_out_of_chunks_of_any_size() -> None:
    text = b"\xef\xbb\xbfone\r\n\n  \ntwo\nthree"
    for size in (1, 2, 3, 7, 100):
        chunks = [text[i : i + size] for i in range(0, len(text), size)]
        assert [line for batch in lines(chunks) for line in batch] == [b"one\r", b"two", b"three"]


def test_a_line_too_long_is_answered_without_being_kept() -> None:
    found = [line for batch in lines([b"x" * LONGEST_LINE] * 5 + [b"\nnext\n"]) for line in batch]
    assert [len(line) <= LONGEST_LINE + 1 for line in found] == [True, True]
    assert orjson.loads(Computer().answer(found[0]))["error"]["code"] == "too_large"


def test_because_names_each_skipped_day_each_pause_and_what_is_not_decreed() -> None:
    line = {"id": "x", "start": "2027-12-30T10:00:00+07:00", "budget": days(2), "calendar": "id-national"}
    line["pauses"] = [["2027-12-31T10:00:00+07:00", "2028-01-01T10:00:00+07:00"]]
    assert orjson.loads(Computer().answer(orjson.dumps(line)))["because"] == [
        "calendar id-national-1 in Asia/Jakarta",
        "2027-12-30 is day 0",
        "paused from 2027-12-31T10:00:00+07:00 until 2028-01-01T10:00:00+07:00",
        "2027-12-31 does not count: paused at its end",
        "2028-01-01 does not count: Saturday",
        "2028-01-02 does not count: Sunday",
        "2028-01-03 is day 1",
        "2028-01-04 is day 2",
        "holidays of 2028 are not decreed in this calendar version",
        "due 2028-01-04T23:59:59+07:00",
    ]
