"""Working time: when a budget runs out, how much of it is used, and when a share of it is.

Pure: standard library only, no clock. Every definition is that of contracts.md §7; what it leaves open is decided in
docs/contract.md, section "salur sla compute".
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypeAlias

from services.sla.calendars import Calendar, moment
from services.sla.daytable import FIRST_DAY, LAST_DAY, DayTable, OutOfRangeError, merged
from services.sla.localdays import MICROSECOND, SECOND, from_micros, to_micros

Pauses: TypeAlias = Sequence[tuple[datetime, datetime]]
Spans: TypeAlias = Sequence[tuple[int, int]]


class Due(StrEnum):
    """Where on its last day a budget of days ends."""

    END_OF_DAY = "end_of_day"
    CLOSING = "closing"
    SAME_TIME = "same_time"


class DayZero(StrEnum):
    """Which day is day 0: that of the receipt, or the next working day when the receipt's is closed."""

    RECEIPT = "receipt"
    NEXT_WORKING_DAY = "next_working_day"


class AtClosing(StrEnum):
    """Where a budget of seconds is due that ends exactly at closing time."""

    CLOSING = "closing"
    NEXT_OPENING = "next_opening"


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be used: working days then working time, or calendar days. None means that part is not given."""

    working_days: int | None = None
    working_time: timedelta | None = None
    calendar_days: int | None = None

    def __post_init__(self) -> None:
        if (self.calendar_days is None) == (self.working_days is None and self.working_time is None):
            raise ValueError("a budget is working days, working time, both, or calendar days")
        if min(self.working_days or 0, self.calendar_days or 0) < 0 or (self.working_time or timedelta()) < timedelta():
            raise ValueError("a budget is never negative")


@dataclass(frozen=True, slots=True)
class Options:
    """The conventions of a policy; the defaults are those of contracts.md §7."""

    due: Due = Due.END_OF_DAY
    day_zero: DayZero = DayZero.RECEIPT
    at_closing: AtClosing = AtClosing.CLOSING


DEFAULT: Final = Options()


def due_at(start: datetime, budget: Budget, calendar: Calendar, options: Options = DEFAULT, pauses: Pauses = ()) -> datetime:
    """Return when `budget` runs out, in the calendar's zone; never earlier than `start`, never inside a pause of a counted day.

    Raises NeverOpensError where not enough openings are left, OutOfRangeError where a time lies outside the years 1970 to 2499.
    """
    ending = moment(_due(start, budget, calendar, options, pauses), calendar)
    checked(ending)
    return ending


def due_at_utc(start: datetime, budget: Budget, calendar: Calendar, options: Options = DEFAULT, pauses: Pauses = ()) -> datetime:
    """Return the same instant as `due_at` in UTC, in two thirds of the time; it raises the same errors."""
    ending = from_micros(_due(start, budget, calendar, options, pauses))
    checked(ending)
    return ending


def _due(start: datetime, budget: Budget, calendar: Calendar, options: Options, pauses: Pauses) -> int:
    table, spans = calendar.table, spans_of(pauses)
    at = zero(table, checked(start), options)
    seconds = (budget.working_time or timedelta()) // MICROSECOND
    if budget.calendar_days is not None:
        at = _days_due(table, at, budget.calendar_days, spans, options.due, every=True)
    elif budget.working_days is not None:
        due = Due.SAME_TIME if seconds else options.due
        at = _days_due(table, at, budget.working_days, spans, due, every=False)
    if budget.working_time is not None and (seconds or budget.working_days is None):
        at = _seconds_due(table, at, seconds, spans, options.at_closing)
    return at


def elapsed_working_seconds(start: datetime, until: datetime, calendar: Calendar, pauses: Pauses = ()) -> float:
    """Return the working seconds in [start, until) outside pauses; 0 when `until` is not after `start`; an int when whole."""
    micros = worked(calendar.table, checked(start), checked(until), spans_of(pauses))
    return micros // SECOND if micros % SECOND == 0 else micros / SECOND


def consumed_percent(start: datetime, at: datetime, due: datetime, calendar: Calendar, pauses: Pauses = ()) -> float:
    """Return how much of the way from `start` to `due` is used at `at`, in percent of its working time; over 100 after it.

    Where no working time lies between (a deadline over a closed stretch), wall-clock time outside pauses is measured instead.
    """
    table, spans = calendar.table, spans_of(pauses)
    begin, now, end = checked(start), checked(at), checked(due)
    if total := worked(table, begin, end, spans):
        return 100 * worked(table, begin, now, spans) / total
    if total := _outside(begin, end, spans):
        return 100 * _outside(begin, now, spans) / total
    return 100.0 if now >= end else 0.0


def moment_of_percent(percent: int, start: datetime, due: datetime, calendar: Calendar, pauses: Pauses = ()) -> datetime:
    """Return the first instant, in UTC, at which `consumed_percent` reaches `percent` (0 to 100) on the way from `start` to `due`."""
    table, spans = calendar.table, spans_of(pauses)
    begin, end = checked(start), checked(due)
    if total := worked(table, begin, end, spans):
        share = -int(-total * percent // 100)
        return from_micros(_advance(table, begin, share, spans) if share else begin)
    at = begin + -int(-_outside(begin, end, spans) * percent // 100)
    for opened, closed in spans:
        if closed > begin and max(opened, begin) < at:
            at += closed - max(opened, begin)
    return from_micros(min(at, end))


def spans_of(pauses: Pauses) -> list[tuple[int, int]]:
    """Return pauses as sorted disjoint spans of microseconds."""
    return merged([(checked(start), checked(end)) for start, end in pauses]) if pauses else []


def checked(at: datetime) -> int:
    """Return an aware datetime in microseconds; OutOfRangeError outside the years 1970 to 2499 by its own offset."""
    if not FIRST_DAY <= at.toordinal() <= LAST_DAY:
        raise OutOfRangeError("outside the years 1970 to 2499")
    return to_micros(at)


def zero(table: DayTable, at: int, options: Options) -> int:
    """Return where counting begins: the start itself, or the next opening for a start on a closed day when the policy says so."""
    if options.day_zero is DayZero.NEXT_WORKING_DAY and table.closing(table.local(at)[0]) is None:
        return table.next_open(at)
    return at


def covered(spans: Spans, end: int) -> bool:
    """Tell whether the clock stands still in the last moment before `end`."""
    i = bisect_left(spans, end, key=lambda span: span[1])  # the first pause that reaches `end`
    return i < len(spans) and spans[i][0] < end


def worked(table: DayTable, start: int, until: int, spans: Spans) -> int:
    """Return working microseconds in [start, until) outside the (merged) pauses."""
    inside = sum(table.worked(max(a, start), min(b, until)) for a, b in spans)
    return table.worked(start, until) - inside


def _outside(start: int, until: int, spans: Spans) -> int:
    return max(0, until - start) - sum(max(0, min(b, until) - max(a, start)) for a, b in spans)


def _advance(table: DayTable, at: int, amount: int, spans: Spans) -> int:
    """Return the earliest instant at which `amount` (> 0) working microseconds outside pauses have passed."""
    for a, b in spans:
        if b <= at:
            continue
        if a > at:
            before = table.worked(at, a)
            if before >= amount:
                break
            amount -= before
        at = b
    return table.advance(at, amount)


def _running_open(table: DayTable, at: int, spans: Spans) -> int:
    """Return the first instant at or after `at` that lies in a window and in no pause."""
    at = table.next_open(at)
    for a, b in spans:
        if a <= at < b:
            at = table.next_open(b)
    return at


def _seconds_due(table: DayTable, at: int, amount: int, spans: Spans, at_closing: AtClosing) -> int:
    due = _advance(table, at, amount, spans) if amount else at
    if at_closing is AtClosing.NEXT_OPENING and table.next_open(due) != due:
        return _running_open(table, due, spans)
    return due


def _days_due(table: DayTable, at: int, count: int, spans: Spans, due: Due, *, every: bool) -> int:
    """Return where a budget of `count` days ends that begins at `at`; `every`: closed days count too."""
    zero_day, time_of_day = table.local(at)
    day = _nth_day(table, zero_day, count, spans, by_closing=due is Due.CLOSING, every=every)
    if due is Due.SAME_TIME:
        return _running_open(table, table.instant(day, time_of_day) if count else at, spans)
    if due is Due.CLOSING:
        closing = table.closing(day)
        if closing is None or closing < at or covered(spans, closing):
            closing = table.closing(_nth_day(table, day, 1, spans, by_closing=True, every=False))
        assert closing is not None  # the day was chosen among those that open
        return closing
    if count == 0 and covered(spans, table.day_end(day)):
        day = _nth_day(table, day, 1, spans, by_closing=False, every=every)
    return max(at, table.day_end(day) - SECOND)


def _nth_day(table: DayTable, day: int, count: int, spans: Spans, *, by_closing: bool, every: bool) -> int:
    """Return the `count`-th day after `day` at whose end (midnight, or closing time) the clock runs."""
    for a, b in spans:
        first, last = _days_cost(table, a, b, by_closing=by_closing and not every)
        first = max(first, day + 1)
        if last < first:
            continue
        before = first - 1 - day if every else table.open_days_between(day + 1, first - 1)
        if before >= count:
            break
        count -= before
        day = last
    if day + count > LAST_DAY:
        raise OutOfRangeError("beyond the year 2499")
    return day + count if every or not count else table.open_day_after(day, count)


def _days_cost(table: DayTable, start: int, until: int, *, by_closing: bool) -> tuple[int, int]:
    """Return the first and the last day whose end lies in (start, until]."""
    first, last = table.last_ended(start) + 1, table.last_ended(until)
    if by_closing:
        closing = table.closing(first)
        if closing is not None and closing <= start:
            first += 1
        closing = table.closing(last + 1)
        if closing is not None and closing <= until:
            last += 1
    return first, last
