"""Shares of a budget: when a warning is sent, and how much is used."""

from datetime import UTC, datetime, timedelta

from services.sla.calendars import read_calendar
from services.sla.worktime import Budget, consumed_percent, due_at, moment_of_percent


def test_warnings_of_three_days_fall_into_office_hours() -> None:
    week = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
    calendar = read_calendar({"timezone": "UTC", "weekly": week})
    start = datetime(2024, 6, 3, 13, tzinfo=UTC)  # 4 and three times 8 working hours to the end of Thursday
    due = due_at(start, Budget(working_days=3), calendar)
    warned = [moment_of_percent(p, start, due, calendar).isoformat() for p in (50, 75, 90)]
    assert warned == ["2024-06-05T11:00:00+00:00", "2024-06-06T10:00:00+00:00", "2024-06-06T14:12:00+00:00"]
    assert consumed_percent(start, due, due, calendar) == 100
    assert consumed_percent(start, datetime(2024, 6, 7, 16, tzinfo=UTC), due, calendar) == 125


def test_a_share_of_closed_time_is_measured_by_the_wall_clock() -> None:
    calendar = read_calendar({"timezone": "UTC", "weekly": {"wed": [["08:00", "12:00"]]}})
    start, due = datetime(2024, 6, 7, tzinfo=UTC), datetime(2024, 6, 8, tzinfo=UTC)
    pause = [(start + timedelta(hours=2), start + timedelta(hours=6))]
    assert moment_of_percent(50, start, due, calendar) == start + timedelta(hours=12)
    assert moment_of_percent(50, start, due, calendar, pause) == start + timedelta(hours=14)
    assert consumed_percent(start, start + timedelta(hours=6), due, calendar) == 25
