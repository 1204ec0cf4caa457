"""A synthetic nation that reports: 514 regencies, 38 topics, their days and weeks, and the surges that are planted in it. Seeded.

It is made to be harder than what pulse assumes: each topic has a day of its own, days differ (over-dispersion) by series, by province and
nationwide, reports come in clumps, the volume grows, the month holds Lebaran with its long leave and the rush after it. What no source
gives (shapes, spreads, clumps) is an assumption, written here.
"""

from __future__ import annotations

import csv
import math
import random
from bisect import bisect
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Final, NamedTuple

from schemas.workdays import Workdays, read_workdays

DATA: Final = Path(__file__).parent.parent / "data"
BEGIN: Final = date(2025, 3, 10)
"""A Monday; the two weeks after it are learned from, then follow 28 days: Lebaran, its joint leave, Good Friday."""
LEARNING_DAYS: Final = 14
DAILY: Final = 550
"""Reports a day: the nation in 2019 to 2021 (538 and 558)."""
DAY_MINUTES: Final = 24 * 60
SURGE_MINUTES: Final = 180
PARTS: Final = 2
_LARGEST: Final = 400
LEAST: Final = 6.0
"""Reports an hour that a series is taken to bring at least when a surge is planted in it: ten-fold of it is one a minute."""
STRENGTHS: Final = (3, 5, 10, 30)
KINDS: Final = {"large": (12.0, math.inf), "middling": (3.0, 12.0), "sparse": (0.0, 1.0)}
"""Series in which surges are planted, by their true usual reports an hour at that time."""
_OFFSETS: Final = {"Asia/Jakarta": 7, "Asia/Pontianak": 7, "Asia/Makassar": 8, "Asia/Jayapura": 9}
_PEAKS: Final = ((9.5, 1.0, 2.5), (14.0, 0.6, 2.0), (20.0, 0.8, 2.0))
"""The day as people live it: three hills (hour, height, width) over a low night."""
_WEEKEND: Final = 0.55
_LONG_LEAVE: Final = 0.7
_RUSH: Final = 1.5
"""The first working morning after days of leave; an ordinary Monday's is 1.25."""
_MONDAY: Final = 1.25
_GROWTH: Final = 0.1
"""A month."""
_SERIES_SIZE, _PROVINCE_SIZE, _NATION_SIZE = 11.0, 16.0, 100.0
"""Sizes of the gamma factors of a day: coefficients of variation 0.30, 0.25, 0.10, together 0.41."""
CLUMPED: Final = 0.03
MOST_MORE: Final = 4
"""So many reports bring one to four more of the same street within the hour."""


@dataclass(frozen=True, slots=True)
class Regency:
    """A regency with its districts and how much of the nation reports there."""

    code: str
    province: str
    offset_h: int
    districts: tuple[str, ...]
    shares: tuple[float, ...]
    """Running sum over the districts."""
    weight: float


@dataclass(frozen=True, slots=True)
class Planted:
    """A surge that was planted, over three hours: `strength` times the series' own reports an hour, of a sparse one times `LEAST`."""

    start: int
    """Minute since the begin."""
    regency: int
    topic: int
    strength: int
    kind: str
    district: int | None
    """All of it in one district, or None: spread as always."""
    rate: float


class Report(NamedTuple):
    """One report: minute since the begin, and where and what."""

    minute: int
    regency: int
    topic: int
    district: int


class Nation:
    """All series of the nation with their levels; every draw comes from the seed.

    `part` of `PARTS` (by province) is all whose reports it yields, so that processes can share the work; a nation is the sum of its parts.
    """

    def __init__(self, seed: int, volume: float, days: int, planted: int, part: int = 0) -> None:
        self.random, self.days, self.part = random.Random(seed), days, part
        self._nation = random.Random(f"{seed}/nation")
        self.workdays: Workdays = read_workdays((DATA / "calendars/id-national.json").read_text())
        self.topics = _topics()
        self.regencies = self._regencies()
        popular = [1 / (rank + 2) ** 1.1 for rank in range(len(self.topics))]
        self.random.shuffle(popular)
        levels = [[regency.weight * each * self.random.lognormvariate(0, 0.6) for each in popular] for regency in self.regencies]
        scale = DAILY * volume / sum(map(sum, levels))
        self.levels = [[level * scale for level in row] for row in levels]
        """Reports on an average day, by regency and topic."""
        self.factors = [self._factor(day) for day in range(days + 1)]
        self.topic_days = [self._day_of(self.random.uniform(-1.5, 1.5), self.random.uniform(0.5, 1.5)) for _ in self.topics]
        self.planted = self._plant(planted)
        self.random = random.Random(f"{seed}/{part}")

    def _regencies(self) -> list[Regency]:
        rows = list(csv.DictReader((DATA / "regions.csv").open(encoding="utf-8")))
        districts = defaultdict(list)
        for row in rows:
            if row["level"] == "district":
                districts[row["code"][:5]].append(row["code"])
        found = []
        for row in rows:
            if row["level"] == "regency":
                own = tuple(districts[row["code"]]) or (row["code"] + ".01",)
                shares = tuple(accumulate(self.random.lognormvariate(0, 0.8) for _ in own))
                weight = float(row["population"] or 100_000) * self.random.lognormvariate(0, 0.7)
                found.append(Regency(row["code"], row["code"][:2], _OFFSETS[row["zone"]], own, shares, weight))
        return found

    @staticmethod
    def _day_of(shift: float, evening: float) -> tuple[float, ...]:
        """Return the running shares of 24 hours of a topic's own day."""
        hills = [(hour + shift, height * (evening if hour > 18 else 1), width) for hour, height, width in _PEAKS]
        shares = [0.12 + sum(height * math.exp(-(((hour + 0.5 - at) / width) ** 2)) for at, height, width in hills) for hour in range(24)]
        return tuple(accumulate(share / sum(shares) for share in shares))

    def _factor(self, day: int) -> float:
        """Return how much of an average day's volume a day brings, as far as calendar and growth say."""
        on = BEGIN + timedelta(days=day)
        growth = 1 + _GROWTH * (day - self.days / 2) / 30
        if on not in self.workdays:
            long = all(on + timedelta(days=each) not in self.workdays for each in (-1, 1)) and on.weekday() < 5
            return growth * _WEEKEND * (_LONG_LEAVE if long else 1)
        closed = next(each for each in range(1, 15) if on - timedelta(days=each) in self.workdays) - 1
        rush = _RUSH if closed > 2 else _MONDAY if closed else 1.0
        return growth * 1.15 * rush

    def hourly(self, regency: int, topic: int, minute: int) -> float:
        """Return the true usual reports an hour of a series at a minute."""
        day, rest = divmod(minute + self.regencies[regency].offset_h * 60, DAY_MINUTES)
        hour, shares = rest // 60, self.topic_days[topic]
        return float(self.levels[regency][topic] * self.factors[day] * (shares[hour] - (shares[hour - 1] if hour else 0.0)))

    def _plant(self, number: int) -> list[Planted]:
        """Return `number` surges of each strength and kind, in one series never two within three days, where there are such series."""
        sized = sorted(((level, i, j) for i, row in enumerate(self.levels) for j, level in enumerate(row)), reverse=True)
        everywhere = [(i, j) for _, i, j in sized]
        planted: list[Planted] = []
        used: dict[tuple[int, int], list[int]] = defaultdict(list)
        for _ in range(number):
            for strength in STRENGTHS:
                for kind in KINDS:
                    found = self._spot(kind, everywhere if kind == "sparse" else everywhere[:_LARGEST], used)
                    if found:
                        (i, j), minute = found
                        used[i, j].append(minute)
                        district = self.random.randrange(len(self.regencies[i].districts)) if self.random.random() < 0.5 else None
                        base = LEAST if kind == "sparse" else self.hourly(i, j, minute)
                        planted.append(Planted(minute, i, j, strength, kind, district, strength * base))
        return planted

    def _spot(self, kind: str, spots: list[tuple[int, int]], used: Mapping[tuple[int, int], list[int]]) -> tuple[tuple[int, int], int] | None:
        least, most = KINDS[kind]
        for _ in range(2000):
            minute, spot = self.random.randrange(LEARNING_DAYS * DAY_MINUTES, (self.days - 1) * DAY_MINUTES), self.random.choice(spots)
            if all(abs(minute - other) > 3 * DAY_MINUTES for other in used.get(spot, ())) and least <= self.hourly(*spot, minute) < most:
                return spot, minute
        return None

    def reports(self, day: int) -> Iterator[Report]:
        """Yield the reports of a day (UTC) as they come to mind, planted ones too; not in order, and clumps may reach into the next day."""
        draw = self.random
        national = self._nation.gammavariate(_NATION_SIZE, 1 / _NATION_SIZE) * self.factors[day]
        provinces: dict[tuple[str, int], float] = {}
        for i, regency in enumerate(self.regencies):
            for j, level in enumerate(self.levels[i] if self.here(i) else ()):
                where = (regency.province, j)
                shared = provinces.get(where) or provinces.setdefault(where, draw.gammavariate(_PROVINCE_SIZE, 1 / _PROVINCE_SIZE))
                number = poisson(draw, level * national * shared * draw.gammavariate(_SERIES_SIZE, 1 / _SERIES_SIZE) * (1 - 2.5 * CLUMPED))
                for _ in range(number):
                    hour = bisect(self.topic_days[j], draw.random(), 0, 23)
                    minute = day * DAY_MINUTES + hour * 60 + int(draw.random() * 60) - regency.offset_h * 60
                    yield from self._clump(minute, i, j)
        for each in self.planted:
            if self.here(each.regency):
                yield from self._surge(each, day)

    def here(self, regency: int) -> bool:
        """Return whether a regency lies in this part."""
        return int(self.regencies[regency].province) % PARTS == self.part

    def _clump(self, minute: int, regency: int, topic: int) -> Iterator[Report]:
        shares = self.regencies[regency].shares
        district = bisect(shares, self.random.random() * shares[-1], 0, len(shares) - 1)
        yield Report(minute, regency, topic, district)
        if self.random.random() < CLUMPED:
            for _ in range(self.random.randint(1, MOST_MORE)):
                yield Report(minute + self.random.randrange(60), regency, topic, district)

    def _surge(self, planted: Planted, day: int) -> Iterator[Report]:
        if planted.start // DAY_MINUTES != day:
            return
        extra = planted.rate - self.hourly(planted.regency, planted.topic, planted.start)
        shares = self.regencies[planted.regency].shares
        for _ in range(poisson(self.random, extra * SURGE_MINUTES / 60)):
            drawn = bisect(shares, self.random.random() * shares[-1], 0, len(shares) - 1)
            district = drawn if planted.district is None else planted.district
            yield Report(planted.start + self.random.randrange(SURGE_MINUTES), planted.regency, planted.topic, district)


def luck(draw: random.Random) -> float:
    """Draw the factor of a series' day: the nation's, the province's and its own."""
    return math.prod(draw.gammavariate(size, 1 / size) for size in (_NATION_SIZE, _PROVINCE_SIZE, _SERIES_SIZE))


def poisson(draw: random.Random, mean: float) -> int:
    """Draw a Poisson number."""
    if mean > 50:
        return max(0, round(draw.gauss(mean, math.sqrt(mean))))
    limit, number, product = math.exp(-mean), 0, draw.random()
    while product > limit:
        number, product = number + 1, product * draw.random()
    return number


def at(minute: int) -> datetime:
    """Return a minute since the begin as a time."""
    return datetime(BEGIN.year, BEGIN.month, BEGIN.day, tzinfo=UTC) + timedelta(minutes=minute)


def _topics() -> list[str]:
    return [row["code"] for row in csv.DictReader((DATA / "categories.csv").open(encoding="utf-8")) if not row["parent"]]
