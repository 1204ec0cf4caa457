"""Which days are working days, as far as routing and pulse must know: how long a case may be reopened, how long an office was silent. Pure.

Only whole days count here, so the week and the closed dates of a calendar of `data/calendars` are all that is read of it; budgets,
hours and pauses are sla's.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

_WEEK: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY: Final = timedelta(days=1)


class WorkdaysError(Exception):
    """A calendar of which no working days can be read."""


@dataclass(frozen=True, slots=True)
class Workdays:
    """The weekdays on which people work (Monday is 0), closed dates, and dates that are open whatever their weekday."""

    weekdays: frozenset[int]
    closed: frozenset[date] = frozenset()
    opened: frozenset[date] = frozenset()

    def __contains__(self, day: date) -> bool:
        return day in self.opened or (day.weekday() in self.weekdays and day not in self.closed)

    def after(self, start: date, count: int) -> date:
        """Return the `count`-th working day after `start`, which is day 0 even when it is closed."""
        day = start
        while count:
            day += _DAY
            count -= day in self
        return day

    def between(self, start: date, end: date) -> int:
        """Return how many working days lie after `start` and before `end`: those that are wholly over on the day `end`."""
        return sum(start + _DAY * number in self for number in range(1, (end - start).days))


def read_workdays(text: str) -> Workdays:
    """Read the working days of a calendar (JSON: `weekly`, `holidays`, `exceptions`); raises WorkdaysError."""
    try:
        calendar = json.loads(text)
        weekdays = frozenset(number for number, name in enumerate(_WEEK) if calendar["weekly"].get(name))
        holidays = frozenset(date.fromisoformat(holiday["date"]) for holiday in calendar.get("holidays", ()))
        exceptions = {date.fromisoformat(day): bool(windows) for day, windows in calendar.get("exceptions", {}).items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise WorkdaysError("the calendar is not JSON with weekly, holidays and exceptions") from error
    if not weekdays:
        raise WorkdaysError("the calendar has no working day in its week")
    opened = frozenset(day for day, is_open in exceptions.items() if is_open)
    return Workdays(weekdays, holidays | frozenset(exceptions), opened)
