"""What must hold for every calendar, start, budget and pause; and a slow, simple second opinion that shares no code with the engine."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from services.sla.calendars import read_calendar
from services.sla.worktime import (
    AtClosing,
    Budget,
    DayZero,
    Due,
    Options,
    consumed_percent,
    due_at,
    elapsed_working_seconds,
    moment_of_percent,
)

ZONES = ("UTC", "Asia/Jakarta", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Kolkata")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTE, MICROSECOND = timedelta(minutes=1), timedelta(microseconds=1)
Pauses = list[tuple[datetime, datetime]]


def clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


windows = st.lists(st.tuples(st.integers(0, 95), st.integers(1, 40)).map(lambda w: [clock(w[0] * 15), clock(min(96, w[0] + w[1]) * 15)]), max_size=3)
# around the changes of clocks of 2015 to 2018, where the zones above have some
near = st.sampled_from([date(2015, 10, 16), date(2016, 2, 19), date(2017, 3, 24), date(2017, 10, 27), date(2017, 11, 3), date(2018, 3, 9)])
dates = st.builds(lambda day, n: day + timedelta(days=n), near, st.integers(-3, 12))
moments = st.builds(lambda day, n: datetime.combine(day, time(), UTC) + n * MINUTE, dates, st.integers(0, 1439))
pauses = st.lists(st.tuples(moments, st.integers(0, 4000)).map(lambda p: (p[0], p[0] + p[1] * MINUTE)), max_size=3)
documents = st.fixed_dictionaries(
    {
        "timezone": st.sampled_from(ZONES),
        "weekly": st.dictionaries(st.sampled_from(WEEKDAYS), windows, min_size=2).map(lambda w: {**w, "wed": [["08:00", "12:00"]]}),
        "holidays": st.lists(dates.map(str), max_size=3),
        "exceptions": st.dictionaries(dates.map(str), windows, max_size=3),
    }
)
options = st.builds(Options, st.sampled_from(Due), st.sampled_from(DayZero), st.sampled_from(AtClosing))
day_budgets = st.builds(lambda n: Budget(working_days=n), st.integers(0, 12)) | st.builds(lambda n: Budget(calendar_days=n), st.integers(0, 12))
second_budgets = st.builds(lambda n: Budget(working_time=n * MINUTE), st.integers(0, 400))
both_budgets = st.builds(lambda d, n: Budget(working_days=d, working_time=n * MINUTE), st.integers(0, 6), st.integers(1, 300))
budgets = day_budgets | second_budgets | both_budgets


class Slow:
    """The definitions of contracts.md §7 taken word by word, minute after minute and date after date."""

    def __init__(self, document: dict[str, Any], pauses: Pauses) -> None:
        self.document, self.pauses, self.zone = document, pauses, ZoneInfo(document["timezone"])
        self.known: dict[date, Pauses] = {}

    def wall(self, day: date, text: str) -> datetime:
        hour, minute = map(int, text.split(":"))
        naive = datetime.combine(day, time()) + timedelta(hours=hour, minutes=minute)
        return naive.replace(tzinfo=self.zone).astimezone(UTC)

    def day_end(self, day: date) -> datetime:
        at = datetime.combine(day, time(21), self.zone).astimezone(UTC)
        while at.astimezone(self.zone).date() == day:
            at += 15 * MINUTE
        return at

    def openings(self, day: date) -> Pauses:
        if day not in self.known:
            self.known[day] = self.opened(day)
        return self.known[day]

    def opened(self, day: date) -> Pauses:
        windows = self.document["weekly"].get(WEEKDAYS[day.weekday()], [])
        if str(day) in self.document["holidays"]:
            windows = []
        windows = self.document["exceptions"].get(str(day), windows)
        begin, end = self.day_end(day - timedelta(days=1)), self.day_end(day)
        placed = [(max(begin, self.wall(day, a)), min(end, self.wall(day, b))) for a, b in windows]
        return [span for span in placed if span[0] < span[1]]

    def runs(self, at: datetime) -> bool:
        return not any(a <= at < b for a, b in self.pauses)

    def works(self, at: datetime) -> bool:
        return any(a <= at < b for a, b in self.openings(at.astimezone(self.zone).date()))

    def minutes(self, at: datetime) -> Iterator[datetime]:
        while True:
            yield at
            at += MINUTE

    def running_opening(self, at: datetime) -> datetime:
        return next(t for t in self.minutes(at) if self.works(t) and self.runs(t))

    def elapsed(self, start: datetime, until: datetime) -> int:
        count = 0
        for t in self.minutes(start):
            if t >= until:
                return count * 60
            count += self.works(t) and self.runs(t)
        raise AssertionError

    def seconds(self, at: datetime, budget: timedelta, how: Options) -> datetime:
        left = budget // MINUTE
        while left:
            left -= self.works(at) and self.runs(at)
            at += MINUTE
        if how.at_closing is AtClosing.NEXT_OPENING and not self.works(at):
            at = self.running_opening(at)
        return at

    def end_of(self, day: date, due: Due, *, every: bool) -> datetime:
        if due is Due.CLOSING and not every and self.openings(day):
            return max(b for _, b in self.openings(day))
        return self.day_end(day)

    def next_day(self, day: date, due: Due, *, every: bool) -> date:
        while True:
            day += timedelta(days=1)
            if (every or self.openings(day)) and self.runs(self.end_of(day, due, every=every) - MICROSECOND):
                return day

    def days(self, start: datetime, count: int, due: Due, *, every: bool) -> datetime:
        local = start.astimezone(self.zone)
        day = local.date()
        for _ in range(count):
            day = self.next_day(day, due, every=every)
        if due is Due.SAME_TIME:
            return self.running_opening(self.wall(day, f"{local.hour}:{local.minute}") if count else start)
        if due is Due.CLOSING:
            closing = max((b for _, b in self.openings(day)), default=None)
            if closing is None or closing < start or not self.runs(closing - MICROSECOND):
                day = self.next_day(day, due, every=False)
            return max(b for _, b in self.openings(day))
        if not count and not self.runs(self.day_end(day) - MICROSECOND):
            day = self.next_day(day, due, every=every)
        return max(start, self.day_end(day) - timedelta(seconds=1))

    def due(self, start: datetime, budget: Budget, how: Options) -> datetime:
        if how.day_zero is DayZero.NEXT_WORKING_DAY and not self.openings(start.astimezone(self.zone).date()):
            start = next(t for t in self.minutes(start) if self.works(t))
        if budget.calendar_days is not None:
            return self.days(start, budget.calendar_days, how.due, every=True)
        if budget.working_days is not None and not budget.working_time:
            return self.days(start, budget.working_days, how.due, every=False)
        if budget.working_days is not None:
            start = self.days(start, budget.working_days, Due.SAME_TIME, every=False)
        return self.seconds(start, budget.working_time or timedelta(), how)


@settings(max_examples=50, deadline=None)
@given(documents, moments, budgets, options, pauses)
def test_the_engine_agrees_with_stepping_through_every_minute(
    document: dict[str, Any], start: datetime, budget: Budget, how: Options, pauses: Pauses
) -> None:
    assert due_at(start, budget, read_calendar(document), how, pauses) == Slow(document, pauses).due(start, budget, how)


@settings(max_examples=60, deadline=None)
@given(documents, moments, moments, pauses)
def test_elapsed_time_agrees_with_counting_every_minute(document: dict[str, Any], start: datetime, until: datetime, pauses: Pauses) -> None:
    until = min(until, start + timedelta(days=4))
    assert elapsed_working_seconds(start, until, read_calendar(document), pauses) == Slow(document, pauses).elapsed(start, until)


@settings(max_examples=50, deadline=None)
@given(documents, moments, budgets, options, pauses)
def test_the_due_time_is_never_before_the_start_and_stands_in_the_calendars_zone(
    document: dict[str, Any], start: datetime, budget: Budget, how: Options, pauses: Pauses
) -> None:
    at = due_at(start, budget, read_calendar(document), how, pauses)
    assert at >= start
    assert at.isoformat() == at.astimezone(ZoneInfo(document["timezone"])).isoformat()


@settings(max_examples=50, deadline=None)
@given(documents, moments, st.integers(0, 3000), budgets, options, pauses)
def test_a_later_start_is_never_due_earlier(
    document: dict[str, Any], start: datetime, later: int, budget: Budget, how: Options, pauses: Pauses
) -> None:
    calendar = read_calendar(document)
    if (budget.working_time is not None and budget.working_days is not None) or how.due is Due.SAME_TIME:
        later = 0  # the time of day is carried over, and a pause or a gap may cut it
    assert due_at(start, budget, calendar, how, pauses) <= due_at(start + later * MINUTE, budget, calendar, how, pauses)


@settings(max_examples=50, deadline=None)
@given(documents, moments, st.integers(0, 12), st.integers(0, 12), options, pauses)
def test_more_days_are_never_due_earlier(document: dict[str, Any], start: datetime, some: int, more: int, how: Options, pauses: Pauses) -> None:
    calendar = read_calendar(document)
    first = due_at(start, Budget(working_days=some), calendar, how, pauses)
    assert first <= due_at(start, Budget(working_days=some + more), calendar, how, pauses)


@settings(max_examples=50, deadline=None)
@given(documents, moments, budgets, options, pauses, pauses)
def test_a_pause_never_makes_it_due_earlier(
    document: dict[str, Any], start: datetime, budget: Budget, how: Options, some: Pauses, more: Pauses
) -> None:
    calendar = read_calendar(document)
    assert due_at(start, budget, calendar, how, some) <= due_at(start, budget, calendar, how, some + more)


@settings(max_examples=50, deadline=None)
@given(documents, moments, st.integers(0, 10**9), pauses)
def test_the_working_time_between_start_and_due_is_the_budget(document: dict[str, Any], start: datetime, micros: int, pauses: Pauses) -> None:
    calendar, budget = read_calendar(document), timedelta(microseconds=micros)
    at = due_at(start, Budget(working_time=budget), calendar, Options(), pauses)
    assert elapsed_working_seconds(start, at, calendar, pauses) == budget.total_seconds()
    if micros:
        assert elapsed_working_seconds(start, at - MICROSECOND, calendar, pauses) < budget.total_seconds()


@settings(max_examples=50, deadline=None)
@given(documents, moments, st.integers(1, 900), st.integers(1, 900), pauses)
def test_a_budget_of_time_may_be_split_anywhere(document: dict[str, Any], start: datetime, one: int, two: int, pauses: Pauses) -> None:
    calendar = read_calendar(document)
    middle = due_at(start, Budget(working_time=one * MINUTE), calendar, Options(), pauses)
    whole = due_at(start, Budget(working_time=(one + two) * MINUTE), calendar, Options(), pauses)
    assert due_at(middle, Budget(working_time=two * MINUTE), calendar, Options(), pauses) == whole


@settings(max_examples=100, deadline=None)
@given(documents, moments, st.integers(1, 12), st.integers(0, 12), pauses)
def test_a_budget_of_days_may_be_split_at_the_end_of_any_counted_day(
    document: dict[str, Any], start: datetime, one: int, two: int, pauses: Pauses
) -> None:
    calendar = read_calendar(document)
    middle = due_at(start, Budget(working_days=one), calendar, Options(), pauses)
    whole = due_at(start, Budget(working_days=one + two), calendar, Options(), pauses)
    assert due_at(middle, Budget(working_days=two), calendar, Options(), pauses) == whole


@settings(max_examples=50, deadline=None)
@given(documents, moments, day_budgets | second_budgets, options, st.integers(0, 100), pauses)
def test_the_moment_of_a_share_is_the_first_at_which_so_much_is_used(
    document: dict[str, Any], start: datetime, budget: Budget, how: Options, percent: int, pauses: Pauses
) -> None:
    calendar = read_calendar(document)
    due = due_at(start, budget, calendar, how, pauses)
    at = moment_of_percent(percent, start, due, calendar, pauses)
    assert start <= at <= due
    if due > start:
        assert consumed_percent(start, at, due, calendar, pauses) >= percent - 1e-6
        if at > start:
            assert consumed_percent(start, at - timedelta(microseconds=2), due, calendar, pauses) < percent
