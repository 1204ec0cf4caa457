"""Pulse's own functions over the reports of a synthetic nation: the same calls, in the same order, as the service makes them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from bench.nation import DAY_MINUTES, PARTS, Nation, Report, at
from services.pulse.baseline import RESHAPE_S, Hours, Profile, Shapes, Tide, begun, learned
from services.pulse.series import Place, Series, Tuning
from services.pulse.surge import Detected, Ended, advance

PARTITIONS: Final = 12 // PARTS
"""Of a part of the nation. Each learns the shape of the week from its own regencies alone, as if every one lived in a process of its own."""
_EAST_MINUTES: Final = 9 * 60
_TICK: Final = 5
_TIDE_S: Final = 60


class Said(NamedTuple):
    """What was said of a series, and when: minute since the begin, at the end of the batch that showed it."""

    minute: int
    regency: int
    topic: int
    district: int | None
    what: Detected | Ended


@dataclass(slots=True)
class _Partition:
    profile: Profile
    shapes: Shapes
    counts: dict[tuple[str, int], int]
    tide: Tide
    came: int = 0
    """Usual reports since the tide was taken."""
    turn: int = 0


class Watch:
    """All series of the nation, judged minute by minute."""

    def __init__(self, nation: Nation, tuning: Tuning) -> None:
        self.nation, self.tuning = nation, tuning
        self.hours = Hours(nation.workdays)
        self.begin_s = int(at(0).timestamp())
        fresh = begun(self.begin_s - _EAST_MINUTES * 60)
        self._partitions = [_Partition(fresh, Shapes(fresh, self.hours), {}, fresh.tide) for _ in range(PARTITIONS)]
        self.series: dict[tuple[int, int, int], Series] = {}
        """By regency, topic and district; -1 stands for the whole regency."""
        self._on: dict[tuple[int, int], set[int]] = defaultdict(set)
        """Districts, or -1, with a surge on, by regency and topic."""
        self.late = self.calls = 0

    def run(self) -> Iterator[list[Said]]:
        """Yield what is said, day by day."""
        waiting: dict[int, list[Report]] = defaultdict(list)
        done = -_EAST_MINUTES
        for day in range(self.nation.days):
            for report in self.nation.reports(day):
                waiting[max(report.minute, done)].append(report)
            until = (day + 1) * DAY_MINUTES - _EAST_MINUTES
            said: list[Said] = []
            for minute in range(done, until):
                said += self._batch(minute, waiting.pop(minute, []))
            done = until
            yield said

    def _batch(self, minute: int, reports: list[Report]) -> list[Said]:
        """Count a minute's reports: districts before their regency, then those with a surge on that nothing came to."""
        step_s = self.tuning.step_s
        step = (self.begin_s + minute * 60) // step_s * step_s
        sums: dict[tuple[int, int, int], int] = defaultdict(int)
        for _, regency, topic, district in reports:
            sums[regency, topic, district] += 1
            sums[regency, topic, -1] += 1
        if self._on and minute % _TICK == 0:
            for (regency, topic), on in self._on.items():
                for district in on:
                    sums.setdefault((regency, topic, district), 0)
        said = []
        for key in sorted(sums, reverse=True):
            number = sums[key]
            what = self._advance(key, {step: number} if number else {}, minute)
            if what:
                regency, topic, district = key
                said.append(Said(minute + 1, regency, topic, None if district < 0 else district, what))
        return said

    def _advance(self, key: tuple[int, int, int], arrivals: dict[int, int], minute: int) -> Detected | Ended | None:
        regency, topic, district = key
        now_s = self.begin_s + minute * 60 + 59
        partition, offset = self._partition(regency, now_s), self.nation.regencies[regency].offset_h
        on = self._on.get((regency, topic), ())
        apart = [self.series[regency, topic, each] for each in on if each >= 0] if on and district < 0 else ()
        name = self.nation.topics[topic]
        shape, tide, covered = partition.shapes.of(name), partition.tide, district >= 0 and -1 in on
        place = Place(shape, offset, partition.profile.since_s, self.tuning, tide.factor, tide.before, apart, covered)
        result = advance(self.series.get(key), arrivals, now_s, place)
        self.series[key] = result.series
        self.calls += 1
        self.late += result.late
        if result.usual and district < 0 and arrivals:
            slot = (name, self.hours.slot(now_s, offset))
            number = sum(arrivals.values())
            partition.counts[slot] = partition.counts.get(slot, 0) + number
            partition.came += number
        if isinstance(result.said, Detected):
            self._on[regency, topic].add(district)
        elif result.said:
            self._on[regency, topic].discard(district)
            if not self._on[regency, topic]:
                del self._on[regency, topic]
        return result.said

    def _partition(self, regency: int, now_s: int) -> _Partition:
        """Return a regency's partition; now and then its week is learned and shaped anew."""
        partition = self._partitions[regency % PARTITIONS]
        if now_s - partition.tide.at_s >= _TIDE_S:
            partition.tide, partition.came = partition.tide.moved(partition.came, now_s, partition.shapes), 0
        if now_s // RESHAPE_S != partition.turn:
            partition.turn = now_s // RESHAPE_S
            partition.profile = learned(partition.profile, partition.counts, now_s, self.hours)
            partition.shapes, partition.counts = Shapes(partition.profile, self.hours), {}
        return partition
