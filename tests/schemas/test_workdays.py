"""Which days are working days, held against the dates that are known."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from schemas.workdays import WorkdaysError, read_workdays

NATIONAL = Path(__file__).parents[2] / "data" / "calendars" / "id-national.json"


@pytest.mark.parametrize(("year", "days"), [(2020, 243), (2023, 239), (2024, 238), (2025, 237), (2026, 240), (2027, 242)])
def test_a_year_has_its_working_days(year: int, days: int) -> None:
    workdays = read_workdays(NATIONAL.read_text(encoding="utf-8"))
    start = date(year, 1, 1).toordinal()
    assert sum(date.fromordinal(day) in workdays for day in range(start, date(year + 1, 1, 1).toordinal())) == days


COUNTED = (
    ("2025-03-27", 3, "2025-04-10"),
    ("2026-03-17", 10, "2026-04-08"),
    ("2025-12-23", 10, "2026-01-09"),
    ("2026-03-01", 1, "2026-03-02"),
    ("2026-02-28", 0, "2026-02-28"),
)


@pytest.mark.parametrize(("start", "count", "end"), COUNTED)
def test_day_zero_is_the_first_and_closed_days_do_not_count(start: str, count: int, end: str) -> None:
    workdays = read_workdays(NATIONAL.read_text(encoding="utf-8"))
    assert workdays.after(date.fromisoformat(start), count) == date.fromisoformat(end)


def test_an_exception_stands_before_the_week_and_before_a_holiday() -> None:
    week = {"mon": [["08:00", "16:00"]]}
    exceptions: dict[str, Any] = {"2026-03-03": [["08:00", "12:00"]], "2026-03-09": [], "2026-03-16": [["08:00", "12:00"]]}
    workdays = read_workdays(json.dumps({"weekly": week, "holidays": [{"date": "2026-03-16"}], "exceptions": exceptions}))
    assert [day for day in range(1, 32) if date(2026, 3, day) in workdays] == [2, 3, 16, 23, 30]


NO_CALENDARS = (
    "",
    "[]",
    "{}",
    '{"weekly": {}}',
    '{"weekly": {"mon": [1]}, "holidays": [{}]}',
    '{"weekly": {"mon": [1]}, "exceptions": {"x": 1}}',
)


@pytest.mark.parametrize("text", NO_CALENDARS)
def test_what_is_no_calendar_is_refused_at_the_start(text: str) -> None:
    with pytest.raises(WorkdaysError):
        read_workdays(text)
