"""Why a deadline is when it is: every day and pause between start and due, as steps.

Pure. The steps are told from the answer backwards through the same calendar; they decide nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from services.sla.calendars import WEEKDAYS, Calendar, moment, rfc3339
from services.sla.localdays import SECOND
from services.sla.worktime import DEFAULT, Budget, Due, Options, Pauses, checked, covered, spans_of, zero

LONGEST: Final = 400  # days told one by one; an explanation is read by people

_NAMES: Final = dict(zip(WEEKDAYS, ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"), strict=True))


class StepKind(StrEnum):
    """What a step tells."""

    CALENDAR = "calendar"
    DAY_ZERO = "day_zero"
    MOVED = "moved"
    CLOSED = "closed"
    PAUSED = "paused"
    PAUSED_DAY = "paused_day"
    COUNTED = "counted"
    WORKED = "worked"
    UNKNOWN_YEAR = "unknown_year"
    ESTIMATED = "estimated"
    SHORTENED = "shortened"
    DUE = "due"


@dataclass(frozen=True, slots=True)
class Step:
    """One reason. `on` is a date or an instant (RFC 3339), `number` a count of days or seconds, `reason` a name."""

    kind: StepKind
    on: str
    number: float | None = None
    reason: str = ""

    def sentence(self) -> str:
        """Return the step in English words."""
        return SENTENCES[self.kind].format(on=self.on, number=self.number, reason=self.reason)


SENTENCES: Final = {
    StepKind.CALENDAR: "calendar {reason} in {on}",
    StepKind.DAY_ZERO: "{on} is day 0",
    StepKind.MOVED: "the start is on a closed day and moves to the next opening, {on}",
    StepKind.CLOSED: "{on} does not count: {reason}",
    StepKind.PAUSED: "paused from {on} until {reason}",
    StepKind.PAUSED_DAY: "{on} does not count: paused at its end",
    StepKind.COUNTED: "{on} is day {number}",
    StepKind.WORKED: "{on}: {number} working seconds",
    StepKind.UNKNOWN_YEAR: "holidays of {on} are not decreed in this calendar version",
    StepKind.ESTIMATED: "{on} ({reason}) is an estimate",
    StepKind.SHORTENED: "{number} more days up to {on}",
    StepKind.DUE: "due {on}",
}


def explain(start: datetime, due: datetime, budget: Budget, calendar: Calendar, *, options: Options = DEFAULT, pauses: Pauses = ()) -> Iterator[Step]:
    """Yield the steps from `start` to `due`, which `worktime.due_at` gave for the same arguments; days beyond LONGEST as one step."""
    table, spans = calendar.table, spans_of(pauses)
    at, end = checked(start), checked(due)
    yield Step(StepKind.CALENDAR, calendar.timezone, reason=calendar.version)
    counted_from = zero(table, at, options)
    if counted_from != at:
        yield Step(StepKind.MOVED, rfc3339(moment(counted_from, calendar)))
    first, last = table.local(counted_from)[0], table.local(end)[0]
    counter = _Counter(calendar, budget, options, spans=spans, start=counted_from, end=end)
    if counter.every and table.day_end(last + 1) == table.day_end(last):
        last += 1  # the zone skipped that date, which ends with the one before it
    if counter.by_days:
        yield Step(StepKind.DAY_ZERO, date.fromordinal(first).isoformat())
    yield from (Step(StepKind.PAUSED, *_pause(span, calendar)) for span in spans if span[1] > counted_from and span[0] < end)
    for day in range(first, min(last, first + LONGEST) + 1):
        yield from counter.tell(day, zero_day=day == first)
    if last > first + LONGEST:
        yield Step(StepKind.SHORTENED, date.fromordinal(last).isoformat(), number=last - first - LONGEST)
    yield from _years(calendar, first, last)
    yield Step(StepKind.DUE, rfc3339(due))


def _pause(span: tuple[int, int], calendar: Calendar) -> tuple[str, None, str]:
    return rfc3339(moment(span[0], calendar)), None, rfc3339(moment(span[1], calendar))


class _Counter:
    """Walks the days once: first counts days, then seconds, as the budget says."""

    def __init__(self, calendar: Calendar, budget: Budget, options: Options, *, spans: list[tuple[int, int]], start: int, end: int) -> None:
        self.calendar, self.spans, self.start, self.end = calendar, spans, start, end
        self.every = budget.calendar_days is not None
        self.wanted = budget.calendar_days or budget.working_days or 0
        self.by_days = self.every or budget.working_days is not None
        self.seconds = bool(budget.working_time)
        self.by_closing = options.due is Due.CLOSING and not self.every and not self.seconds
        self.number = 0
        self.time_of_day = calendar.table.local(start)[1]

    def tell(self, day: int, *, zero_day: bool) -> Iterator[Step]:
        table, on = self.calendar.table, date.fromordinal(day).isoformat()
        holiday = self.calendar.holidays.get(day)
        if holiday is not None and holiday.estimated:
            yield Step(StepKind.ESTIMATED, on, reason=holiday.name)
        closing = table.closing(day)
        if closing is None and not self.every:
            if not zero_day or not self.by_days:
                yield Step(StepKind.CLOSED, on, reason=_why_closed(self.calendar, day))
        elif self.number < self.wanted:
            if zero_day:
                return
            day_end = closing if self.by_closing and closing is not None else table.day_end(day)
            if covered(self.spans, day_end):
                yield Step(StepKind.PAUSED_DAY, on)
                return
            self.number += 1
            yield Step(StepKind.COUNTED, on, number=self.number)
            if self.seconds and self.number == self.wanted:
                self.start = max(self.start, table.instant(day, self.time_of_day))
        if self.seconds and self.number == self.wanted:
            yield from self._worked(day, on)

    def _worked(self, day: int, on: str) -> Iterator[Step]:
        table = self.calendar.table
        begin, stop = self.start, min(self.end, table.day_end(day))
        self.start = max(begin, stop)
        used = table.worked_on(day, begin, stop)
        used -= sum(table.worked_on(day, max(a, begin), min(b, stop)) for a, b in self.spans if a < stop and b > begin)
        if used:
            yield Step(StepKind.WORKED, on, number=used // SECOND if used % SECOND == 0 else used / SECOND)


def _why_closed(calendar: Calendar, day: int) -> str:
    if day in calendar.exceptions:
        return "closed by an exception"
    if day in calendar.holidays:
        return calendar.holidays[day].name
    return _NAMES[WEEKDAYS[(day - 1) % 7]]


def _years(calendar: Calendar, first: int, last: int) -> Iterator[Step]:
    if calendar.covers is None:
        return
    for year in range(date.fromordinal(first).year, date.fromordinal(last).year + 1):
        if not calendar.covers[0] <= year <= calendar.covers[1]:
            yield Step(StepKind.UNKNOWN_YEAR, str(year))
