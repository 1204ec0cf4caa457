"""Who has gone silent: an agency to which cases come and that acts on none, a publisher that has stopped sending. Pure.

An agency is judged by working days, as its duties are. A publisher is judged by its own week: in which hours does it usually send, and
how likely is it that all of those that have passed since stayed empty?
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from math import log, log1p
from typing import Any, Final, NamedTuple, Self

from schemas.workdays import Workdays
from services.pulse.baseline import DAY_S, HOUR_S, WEEK, Hours
from services.pulse.surge import Window


@dataclass(frozen=True, slots=True)
class Patience:
    """The parameters of a silence; docs/pulse.md says why and what each does."""

    working_days: int = 8
    """Of an agency: whole working days since the first case that it has not answered with anything; 3 to verify and 5 to follow up."""
    cases: int = 1
    """So many cases must have come to it in that time."""
    shortest_s: int = 3 * HOUR_S
    """Of a publisher: a shorter pause is never a silence."""
    false_a_week: float = 1e-3
    """And by chance a usual publisher's week holds so many silences: one in twenty years, shared among the pauses of its week."""
    warm_up_s: int = 14 * DAY_S
    """A publisher is known when two of its weeks were seen."""


MEMORY: Final = 6
"""A slot of a publisher's week remembers about so many weeks."""
POOLED: Final = 4
"""What it does at the same hour of other such days counts as much as so many weeks of the slot itself."""
SURE: Final = 0.97
"""No hour is more certain than this: also who sends every hour may once miss one."""
SPREAD: Final = 6.0
"""A day as a whole may bring less: its rate varies by 1 / sqrt(6) of itself, and its empty hours come together."""
_FRIDAY: Final = 5 * 24
_LONGEST_S: Final = 8 * 7 * DAY_S


class Silent(NamedTuple):
    """A silence has begun: `observed` is 0, `expected` the cases that came (agency) or the hours in which it usually sends (publisher)."""

    window: Window
    working_days: int | None


class Heard(NamedTuple):
    """A silence is over with the first sign of life, at the end of the window."""

    window: Window
    working_days: int | None
    detected_at: datetime


class Agency(NamedTuple):
    """What is kept of an agency; one row of a table."""

    first_s: int | None
    """When the first of the cases came since which it has done nothing."""
    cases: int
    acted_s: int | None
    silent_s: int | None = None
    """When its silence was found."""

    def row(self) -> dict[str, Any]:
        """Return it as JSON."""
        return self._asdict()

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Read a row."""
        return cls(**row)


def received(agency: Agency | None, at: datetime) -> Agency:
    """Return the agency after a case came to it; one that it acted after is no longer waited for."""
    known = agency or Agency(None, 0, None)
    at_s = int(at.timestamp())
    if known.acted_s is not None and at_s <= known.acted_s:
        return known
    first_s = at_s if known.first_s is None else known.first_s if known.silent_s is not None else min(known.first_s, at_s)
    return known._replace(first_s=first_s, cases=known.cases + 1)


def acted(agency: Agency | None, at: datetime, workdays: Workdays, offset_h: int = 7) -> tuple[Agency, Heard | None]:
    """Return the agency after it followed up, or passed on or closed, any of its cases; ends its silence."""
    known = agency or Agency(None, 0, None)
    at_s = int(at.timestamp())
    if known.first_s is not None and at_s < known.first_s:
        return known._replace(acted_s=max(at_s, known.acted_s or at_s)), None
    heard = None
    if known.silent_s is not None and known.first_s is not None:
        window = Window(_at(known.first_s), _at(at_s), 1, float(known.cases))
        heard = Heard(window, _working_days(known.first_s, at_s, workdays, offset_h), _at(known.silent_s))
    return Agency(None, 0, max(at_s, known.acted_s or at_s)), heard


def judge_agency(agency: Agency, now: datetime, workdays: Workdays, patience: Patience, offset_h: int = 7) -> tuple[Agency, Silent | None]:
    """Return the agency as judged now, and its silence when it is found in this moment; `offset_h` is that of its zone."""
    now_s = int(now.timestamp())
    if agency.first_s is None or agency.silent_s is not None or agency.cases < patience.cases:
        return agency, None
    days = _working_days(agency.first_s, now_s, workdays, offset_h)
    if days < patience.working_days:
        return agency, None
    return agency._replace(silent_s=now_s), Silent(Window(_at(agency.first_s), _at(now_s), 0, float(agency.cases)), days)


class Publisher(NamedTuple):
    """What is kept of a publisher: of each hour of its week, how often it sent; one row of a table, 2 KB."""

    since_s: int
    heard_s: int
    sent: tuple[float, ...]
    """Share of the slot's hours in which it sent anything."""
    seen: tuple[int, ...]
    """How many of the slot's hours were seen, up to `MEMORY`."""
    silent_s: int | None = None

    def row(self) -> dict[str, Any]:
        """Return it as JSON."""
        sent = [round(share, 3) for share in self.sent]
        return {"since": self.since_s, "heard": self.heard_s, "sent": sent, "seen": self.seen, "silent": self.silent_s}

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Read a row."""
        return cls(row["since"], row["heard"], tuple(row["sent"]), tuple(row["seen"]), row["silent"])


def sent(publisher: Publisher | None, at: datetime, hours: Hours, offset_h: int = 7) -> tuple[Publisher, Heard | None]:
    """Return the publisher after it sent something; the latest of a batch is enough; ends its silence, which teaches nothing."""
    at_s = int(at.timestamp())
    if publisher is None:
        publisher = Publisher(at_s, at_s, (0.0,) * WEEK, (0,) * WEEK)
    elif at_s // HOUR_S <= publisher.heard_s // HOUR_S and publisher.silent_s is None:
        return publisher._replace(heard_s=max(at_s, publisher.heard_s)), None
    shares, seen = list(publisher.sent), list(publisher.seen)
    missed = () if publisher.silent_s is not None else _passed(publisher.heard_s, at_s)
    for hour_s, share in (*((hour_s, 0.0) for hour_s in missed), (at_s, 1.0)):
        slot = hours.slot(hour_s, offset_h)
        shares[slot] += (share - shares[slot]) / (seen[slot] + 1)
        seen[slot] = min(seen[slot] + 1, MEMORY - 1)
    heard = None
    if publisher.silent_s is not None:
        expected, _ = _missing(publisher, at_s, hours, offset_h)
        heard = Heard(Window(_at(publisher.heard_s), _at(at_s), 1, round(expected, 1)), None, _at(publisher.silent_s))
    return Publisher(publisher.since_s, max(at_s, publisher.heard_s), tuple(shares), tuple(seen)), heard


def judge_publisher(publisher: Publisher, now: datetime, hours: Hours, patience: Patience, offset_h: int = 7) -> tuple[Publisher, Silent | None]:
    """Return the publisher as judged now, and its silence when it is found in this moment."""
    now_s = int(now.timestamp())
    known = publisher.heard_s - publisher.since_s >= patience.warm_up_s
    if not known or publisher.silent_s is not None or now_s - publisher.heard_s < patience.shortest_s:
        return publisher, None
    expected, chance = _missing(publisher, now_s, hours, offset_h)
    if chance > log(patience.false_a_week / max(sum(publisher.sent), 1.0)):
        return publisher, None
    return publisher._replace(silent_s=now_s), Silent(Window(_at(publisher.heard_s), _at(now_s), 0, round(expected, 1)), None)


def _missing(publisher: Publisher, now_s: int, hours: Hours, offset_h: int) -> tuple[float, float]:
    """Return in how many of the hours passed it usually sends, and the logarithm of the chance that it sends in none of them."""
    expected = 0.0
    days: dict[int, float] = defaultdict(float)
    pooled: dict[tuple[int, bool], float] = {}
    for hour_s in _passed(publisher.heard_s, now_s):
        slot = hours.slot(hour_s, offset_h)
        kind = (slot % 24, slot < _FRIDAY)
        pool = pooled.get(kind)
        if pool is None:
            pool = pooled[kind] = _pool(publisher, *kind)
        seen = publisher.seen[slot]
        share = min((publisher.sent[slot] * seen + pool * POOLED) / (seen + POOLED), SURE)
        expected += share
        days[(hour_s + offset_h * HOUR_S) // DAY_S] -= log(1 - share)
    return expected, -sum([SPREAD * log1p(usual / SPREAD) for usual in days.values()])


def _pool(publisher: Publisher, hour: int, weekday: bool) -> float:
    """Return in what share of such hours it sends, from Monday to Friday or at weekends: one slot alone is seen too seldom."""
    slots = range(hour, _FRIDAY, 24) if weekday else range(_FRIDAY + hour, WEEK, 24)
    return sum([publisher.sent[slot] * publisher.seen[slot] for slot in slots]) / max(sum([publisher.seen[slot] for slot in slots]), 1)


def _passed(heard_s: int, now_s: int) -> Iterator[int]:
    """Yield the begins of the whole hours between the hour it was heard in and the one that goes on, at most eight weeks of them."""
    start = max((heard_s // HOUR_S + 1) * HOUR_S, now_s // HOUR_S * HOUR_S - _LONGEST_S)
    yield from range(start, now_s // HOUR_S * HOUR_S, HOUR_S)


def _working_days(start_s: int, end_s: int, workdays: Workdays, offset_h: int) -> int:
    zone = timezone(timedelta(hours=offset_h))
    return workdays.between(datetime.fromtimestamp(start_s, zone).date(), datetime.fromtimestamp(end_s, zone).date())


def _at(at_s: int) -> datetime:
    return datetime.fromtimestamp(at_s, UTC)
