"""The national calendar against the due dates and counts that were worked out beforehand, and against the `holidays` package."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest

from services.sla.reference_data import ZONES, default_policies, national_calendar
from services.sla.worktime import Budget, Due, Options, due_at

VECTORS = {
    "2025-03-27": {3: "2025-04-10", 5: "2025-04-14", 10: "2025-04-22", 14: "2025-04-28", 17: "2025-05-02", 60: "2025-07-11"},
    "2024-04-05": {3: "2024-04-18", 5: "2024-04-22", 10: "2024-04-29", 14: "2024-05-06", 17: "2024-05-13", 60: "2024-07-17"},
    "2026-03-17": {3: "2026-03-27", 5: "2026-03-31", 10: "2026-04-08", 14: "2026-04-14", 17: "2026-04-17", 60: "2026-06-26"},
    "2025-12-23": {3: "2025-12-30", 5: "2026-01-02", 10: "2026-01-09", 14: "2026-01-15", 17: "2026-01-21", 60: "2026-04-01"},
    "2023-06-26": {3: "2023-07-04", 5: "2023-07-06", 10: "2023-07-13", 14: "2023-07-20", 17: "2023-07-25", 60: "2023-09-25"},
    "2025-08-15": {3: "2025-08-21", 5: "2025-08-25", 10: "2025-09-01", 14: "2025-09-08", 17: "2025-09-11", 60: "2025-11-11"},
    "2020-07-29": {3: "2020-08-04", 5: "2020-08-06", 10: "2020-08-13", 14: "2020-08-24", 17: "2020-08-27", 60: "2020-10-27"},
}
WORKING_DAYS = {2020: 243, 2023: 239, 2024: 238, 2025: 237, 2026: 240, 2027: 242}
CASES = [(received, days, due) for received, row in VECTORS.items() for days, due in row.items()]


@pytest.mark.parametrize(("received", "days", "due"), CASES)
@pytest.mark.parametrize("zone", ZONES)
def test_a_receipt_is_due_at_the_end_of_the_nth_working_day_in_each_zone(zone: str, received: str, days: int, due: str) -> None:
    start = datetime.fromisoformat(received + "T10:15:00").replace(tzinfo=ZoneInfo(zone))
    at = due_at(start, Budget(working_days=days), national_calendar(zone))
    assert at.replace(tzinfo=None).isoformat() == due + "T23:59:59"
    assert at.utcoffset() == start.utcoffset()


@pytest.mark.parametrize(("year", "count"), WORKING_DAYS.items())
def test_a_year_has_as_many_working_days_as_the_decrees_leave(year: int, count: int) -> None:
    table = national_calendar().table
    assert table.open_days_between(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()) == count


def test_every_date_opens_exactly_when_the_holidays_package_says_it_is_a_working_day() -> None:
    closed = holidays.country_holidays("ID", years=range(2020, 2028), categories=("public", "government"))
    table = national_calendar().table
    for day in range(date(2020, 1, 1).toordinal(), date(2028, 1, 1).toordinal()):
        on = date.fromordinal(day)
        assert (table.closing(day) is not None) == (on.weekday() < 5 and on not in closed), on


def test_counting_days_one_by_one_gives_the_same_due_date_for_every_receipt_of_eight_years() -> None:
    closed = holidays.country_holidays("ID", years=range(2020, 2029), categories=("public", "government"))
    calendar = national_calendar()
    for n in range(0, 8 * 365 - 120, 7):
        received = date(2020, 1, 1) + timedelta(days=n)
        on, left = received, n % 61
        while left:
            on += timedelta(days=1)
            left -= on.weekday() < 5 and on not in closed
        start = datetime(received.year, received.month, received.day, n % 24, 30, tzinfo=calendar.table.zone)
        assert due_at(start, Budget(working_days=n % 61), calendar).date() == on, received


def test_the_office_closes_at_1600_and_on_friday_at_1630() -> None:
    calendar, closing = national_calendar(), Options(due=Due.CLOSING)
    thursday, friday = (datetime(2025, 2, day, 9, tzinfo=calendar.table.zone) for day in (5, 6))
    assert due_at(thursday, Budget(working_days=1), calendar, closing).isoformat() == "2025-02-06T16:00:00+07:00"
    assert due_at(friday, Budget(working_days=1), calendar, closing).isoformat() == "2025-02-07T16:30:00+07:00"


def test_estimated_dates_are_marked_and_the_version_is_told() -> None:
    calendar = national_calendar()
    estimated = {date.fromordinal(day).isoformat() for day, holiday in calendar.holidays.items() if holiday.estimated}
    assert estimated == {"2027-03-10", "2027-03-11", "2027-05-17"}
    assert calendar.version == "id-national-1"
    assert calendar.covers == (2020, 2027)


def test_every_policy_row_has_a_budget_that_can_be_computed_and_a_citation() -> None:
    document = default_policies()
    start = datetime(2025, 3, 3, 9, tzinfo=ZoneInfo("Asia/Jakarta"))
    for row in document["clocks"]:
        assert due_at(start, Budget(**row["budget"]), national_calendar()) > start
        assert all(len(row["citation"][language]) > 20 for language in ("id", "en"))
    found = {(row["clock"], kind): row["budget"] for row in document["clocks"] for kind in row["kinds"]}
    assert found["verification", "complaint"] == {"working_days": 3}
    assert found["follow_up", "complaint"] == {"working_days": 5}
    assert [found["resolution", kind]["working_days"] for kind in ("information_request", "complaint", "oversight_complaint")] == [5, 14, 60]
    assert found["reply", "complaint"] == {"working_days": 10}
    assert found["completion", "complaint"] == {"calendar_days": 30}
    assert document["defaults"]["warn_percent"] == [50, 75, 90]
