"""What is usual: the shape of a week, which all series of a topic share, learned from the stream. Pure.

A series (one topic in one regency or district) is far too sparse to know its own Monday at nine. So the week's shape is learned from all
series together, 168 factors with mean 1, and each series learns one number only: its level. Times are epoch seconds in event time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import accumulate
from typing import Any, Final, NamedTuple, Self

from schemas.workdays import Workdays

HOUR_S: Final = 3_600
DAY_S: Final = 24 * HOUR_S
WEEK: Final = 168
"""Slots of a week: hour 0 is Monday at midnight, by the wall clock of the region."""
HALF_LIFE_S: Final = 28 * DAY_S
"""After four weeks what was learned weighs half: slower than any surge, faster than a season."""
STRENGTH: Final = 60
"""So many reports outweigh an assumption: the relative noise of a count of 60 is 13 %."""
TIDE_S: Final = 2 * HOUR_S
"""After so long what was seen of these hours weighs half."""
TIDE_STRENGTH: Final = 20
"""So many reports outweigh that these hours are like others."""
TIDE_EVERY_S: Final = 5 * 60
TIDE_LEAST, TIDE_MOST = 0.7, 3.0
"""Bounds of the tide: after hours in which nothing got through, what comes then is not called a flood for that."""
RESHAPE_S: Final = 6 * HOUR_S
"""So often shapes are made anew: they change by the week."""

_WEEK_S: Final = WEEK * HOUR_S
_MONDAY_S: Final = 3 * DAY_S
"""1970-01-01 was a Thursday: the epoch plus four days is a Monday, so minus three too."""
_EPOCH: Final = date(1970, 1, 1).toordinal()
_NIGHT, _EDGE, _DAYTIME = 0.25, 0.9, 1.5
_DAY: Final = (_NIGHT,) * 6 + (_EDGE,) * 2 + (_DAYTIME,) * 10 + (_EDGE,) * 4 + (_NIGHT,) * 2
"""How a day is taken to look before anything is learned: few reports at night, most in office hours. An assumption; it fades."""
_DAYS: Final = (1.16,) * 5 + (0.6,) * 2
"""The same of a week: 19.8 % of four years' reports of Kabupaten Bandung came on the third of the days that is closed."""


class Hours:
    """Which slot of the week a moment belongs to: local hour and weekday, where a closed weekday is like a Sunday."""

    def __init__(self, workdays: Workdays) -> None:
        self._sundays = frozenset(day.toordinal() - _EPOCH for day in workdays.closed)

    def local(self, at_s: float, offset_h: int) -> float:
        """Return seconds since a Monday's midnight of the region's wall clock; a closed day is moved to that week's Sunday."""
        local = at_s + offset_h * HOUR_S
        day = int(local // DAY_S)
        return local + _MONDAY_S + (6 - (day + 3) % 7) * DAY_S if day in self._sundays else local + _MONDAY_S

    def slot(self, at_s: float, offset_h: int) -> int:
        """Return the slot, 0 to 167; `offset_h` is 7 for WIB, 8 for WITA, 9 for WIT."""
        return int(self.local(at_s, offset_h) % _WEEK_S // HOUR_S)


class Tide(NamedTuple):
    """Whether more comes these hours than usual, over all topics and places of a partition: the morning after long leave, a rainy week."""

    at_s: int = 0
    came: float = 0.0
    """Reports of the last hours, and how many were usual: fading fast."""
    usual: float = 0.0
    past: tuple[tuple[int, float], ...] = ()
    """The factors of the last hour, oldest first, and when they were."""

    @property
    def factor(self) -> float:
        """Return of how many times the usual these hours are; 1 while little is known."""
        return min(max((TIDE_STRENGTH + self.came) / (TIDE_STRENGTH + self.usual), TIDE_LEAST), TIDE_MOST)

    @property
    def before(self) -> float:
        """Return the factor of an hour ago: the hour since is not learned yet."""
        return self.past[0][1] if self.past else 1.0

    def moved(self, came: int, until_s: float, shapes: Shapes) -> Tide:
        """Return it after `came` reports since `at_s`, up to the event time `until_s`; after a gap of days it begins anew."""
        gone = until_s - self.at_s
        if not 0 <= gone < DAY_S:
            return Tide(int(until_s))
        lapse = 0.5 ** (gone / TIDE_S)
        past = self.past
        if not past or self.at_s - past[-1][0] >= TIDE_EVERY_S:
            past = (*past[1 - HOUR_S // TIDE_EVERY_S :], (self.at_s, self.factor))
        return Tide(int(until_s), self.came * lapse + came, self.usual * lapse + shapes.an_hour(until_s) * gone / HOUR_S, past)


class Profile(NamedTuple):
    """What one partition has learned of the week, fading; one row of a table."""

    since_s: int
    """Since when anything is learned: a series without a report has had none since then."""
    seen_s: int
    reports: tuple[float, ...]
    """Of all topics, by slot, and how many hours there were of each."""
    hours: tuple[float, ...]
    topics: Mapping[str, tuple[float, ...]]
    """Reports of each topic by hour of the day."""
    tide: Tide = Tide()

    def row(self) -> dict[str, Any]:
        """Return it as JSON: 2 KB, and 150 bytes a topic."""
        reports, hours = ([round(value, 2) for value in values] for values in (self.reports, self.hours))
        topics = {topic: [round(value, 1) for value in values] for topic, values in self.topics.items()}
        tide = (self.tide.at_s, round(self.tide.came, 2), round(self.tide.usual, 2), [(at_s, round(factor, 3)) for at_s, factor in self.tide.past])
        return {"since": self.since_s, "seen": self.seen_s, "reports": reports, "hours": hours, "topics": topics, "tide": tide}

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Read a row."""
        topics = {topic: tuple(values) for topic, values in row["topics"].items()}
        return cls(row["since"], row["seen"], tuple(row["reports"]), tuple(row["hours"]), topics, _tide(*row["tide"]))


def _tide(at_s: int, came: float, usual: float, past: Iterable[tuple[int, float]]) -> Tide:
    return Tide(at_s, came, usual, tuple((at, factor) for at, factor in past))


def begun(at_s: float) -> Profile:
    """Return what a partition knows at its first event: nothing, since now."""
    start = int(at_s // HOUR_S * HOUR_S)
    return Profile(start, start, (0.0,) * WEEK, (0.0,) * WEEK, {})


def learned(profile: Profile, reports: Mapping[tuple[str, int], int], until_s: float, hours: Hours) -> Profile:
    """Return the profile after a batch: reports by topic and slot, and all hours that are over by the event time `until_s`."""
    counts, passed = list(profile.reports), list(profile.hours)
    topics = {topic: list(values) for topic, values in profile.topics.items()}
    seen = max(profile.seen_s, int(until_s // HOUR_S * HOUR_S))
    if seen > profile.seen_s:
        fade = 0.5 ** ((seen - profile.seen_s) / HALF_LIFE_S)
        counts, passed = [value * fade for value in counts], [value * fade for value in passed]
        topics = {topic: [value * fade for value in values] for topic, values in topics.items()}
        for hour_s in range(max(profile.seen_s, seen - 8 * _WEEK_S), seen, HOUR_S):
            passed[hours.slot(hour_s, 7)] += 1
    for (topic, slot), number in reports.items():
        counts[slot] += number
        topics.setdefault(topic, [0.0] * 24)[slot % 24] += number
    return Profile(profile.since_s, seen, tuple(counts), tuple(passed), {topic: tuple(values) for topic, values in topics.items()}, profile.tide)


class Shape:
    """The week's 168 factors, mean 1, and their running sum: hours of the series' own time between any two moments in O(1)."""

    def __init__(self, factors: tuple[float, ...], hours: Hours) -> None:
        scale = WEEK / sum(factors)
        self.factors = tuple(factor * scale for factor in factors)
        self._before = (0.0, *accumulate(self.factors))
        self._hours = hours

    def between(self, start_s: float, end_s: float, offset_h: int) -> float:
        """Return the usual hours from `start_s` to `end_s`: how many average hours' worth of reports that stretch brings.

        A closed day counts as a Sunday in stretches within a day; longer ones are taken as usual weeks.
        """
        start = self._hours.local(start_s, offset_h)
        end = self._hours.local(end_s, offset_h) if end_s - start_s < DAY_S else -1.0
        if abs(end - start - (end_s - start_s)) > 1:
            shift = offset_h * HOUR_S + _MONDAY_S
            start, end = start_s + shift, end_s + shift
        return self._sum(end) - self._sum(start)

    def _sum(self, local: float) -> float:
        weeks, rest = divmod(local, _WEEK_S)
        slot = int(rest // HOUR_S)
        return weeks * WEEK + self._before[slot] + self.factors[slot] * (rest - slot * HOUR_S) / HOUR_S


class Shapes:
    """The shapes of the week of all topics, as a profile knows them; each is made when it is first asked for."""

    def __init__(self, profile: Profile, hours: Hours) -> None:
        self._profile, self._hours = profile, hours
        self._shapes: dict[str, Shape] = {}
        reports, passed = profile.reports, profile.hours
        mean = (sum(reports) + 1) / (sum(passed) + WEEK)
        day = [_shrunk(_DAY[hour], sum(reports[hour::24]), sum(passed[hour::24]) * mean) for hour in range(24)]
        days = [_shrunk(_DAYS[each], sum(reports[each * 24 : each * 24 + 24]), sum(passed[each * 24 : each * 24 + 24]) * mean) for each in range(7)]
        self._factors = [_shrunk(day[slot % 24] * days[slot // 24], reports[slot], passed[slot] * mean) for slot in range(WEEK)]
        self._an_hour = (sum(reports) + 1) / (sum(hours * factor for hours, factor in zip(passed, self._factors, strict=True)) + 1)
        self._shares = [sum(reports[hour::24]) / max(sum(reports), 1) for hour in range(24)]

    def an_hour(self, at_s: float) -> float:
        """Return how many reports of all topics are usual in an hour like that of `at_s`, by the clock of WIB."""
        return self._an_hour * self._factors[self._hours.slot(at_s, 7)]

    def of(self, topic: str) -> Shape:
        """Return a topic's week: hour of the day times weekday, the slot's own, the topic's own hour, each where enough reports speak for it."""
        shape = self._shapes.get(topic)
        if shape is None:
            own = self._profile.topics.get(topic, (0.0,) * 24)
            total = sum(own)
            hours = [_shrunk(1, own[hour], total * self._shares[hour]) for hour in range(24)]
            shape = self._shapes[topic] = Shape(tuple(factor * hours[slot % 24] for slot, factor in enumerate(self._factors)), self._hours)
        return shape


def _shrunk(assumed: float, reports: float, at_mean: float) -> float:
    """Return a factor between what is assumed and what was seen: `reports` where the mean would have brought `at_mean`."""
    return assumed * (reports + STRENGTH) / (assumed * at_mean + STRENGTH)
