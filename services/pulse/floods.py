"""Arrivals of one partition: each topic and regency with its districts, what is usual there, and the surges that are on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

import orjson

from services.pulse.baseline import RESHAPE_S, Profile, Shapes, begun, learned
from services.pulse.counting import home
from services.pulse.kept import Kept
from services.pulse.reference_data import Reference
from services.pulse.saying import of_surge
from services.pulse.series import Place, Series, Tuning
from services.pulse.surge import Advance, advance

PREFIX: Final = "s/"
PROFILE: Final = "w/"
REGENCY: Final = len("35.22")
LEARN_EVERY_S: Final = 60
"""Event time after which the week's profile is written down again: what a crash takes of it is learned from the next minute."""

Steps = Mapping[int, int]
Key = tuple[str, str]


class Floods:
    """The series of a partition. A row holds a topic's regency with its districts, and of which surges was told."""

    def __init__(self, kept: Kept, tuning: Tuning, reference: Reference) -> None:
        self._kept = kept
        self._tuning = tuning
        self._reference = reference
        self._profile: Profile | None = None
        self._written_s = 0
        self._shapes: tuple[int, Shapes] | None = None
        self._taught: dict[tuple[str, int], int] = defaultdict(int)
        self.on: dict[Key, set[str]] = {}
        """By topic and regency: the regions whose surge is on."""
        self.recent: dict[Key, Series] = {}
        """Series of regencies that had something within the longest window."""
        self.late = 0

    def load(self, key: str, value: bytes) -> None:
        """Take up a row after the table was rebuilt."""
        if key.startswith(PROFILE):
            self._profile = Profile.of(orjson.loads(value))
            self._written_s = self._profile.seen_s
            return
        topic, regency = _named(key)
        regions, _ = _read(value)
        self._note((topic, regency), regions)

    def fold(self, arrivals: Mapping[Key, Steps], now_s: int) -> None:
        """Count arrivals (by topic and region, by step) and judge what they touch at the event time `now_s`."""
        if self._profile is None and arrivals:
            self._profile = begun(min(step for steps in arrivals.values() for step in steps))
        touched: dict[Key, dict[str, Steps]] = defaultdict(dict)
        for (topic, region), steps in arrivals.items():
            if len(region) >= REGENCY:
                touched[topic, home(region)][region] = steps
        for key, regions in touched.items():
            self._judge(key, regions, now_s)
        self._learn(now_s)

    def judge_those_on(self, now_s: int) -> None:
        """Judge every surge that is on, though nothing came: that is how it ends in a quiet night."""
        for key in list(self.on):
            self._judge(key, {}, now_s)
        for key in [key for key, series in self.recent.items() if not series.recent or series.recent[-1][0] < now_s - self._longest_s]:
            del self.recent[key]

    @property
    def _longest_s(self) -> int:
        return self._tuning.spans[-1].length_s

    def _judge(self, key: Key, regions: Mapping[str, Steps], now_s: int) -> None:
        """Advance the districts first, for a flood in one of them is not one of the whole regency; then the regency."""
        topic, regency = key
        value = self._kept.get(_key(key))
        known, told = _read(value) if value is not None else ({}, set())
        whole = known.get(regency)
        place = self._place(topic, regency, now_s)
        covered = place._replace(covered=whole is not None and whole.surge is not None)
        for region in sorted({*regions, *self.on.get(key, ())} - {regency}):
            self._advance(topic, region, known, told, advance(known.get(region), regions.get(region, {}), now_s, covered), now_s)
        apart = tuple(series for region, series in known.items() if region != regency and series.surge)
        steps = _sum(regions.values())
        advanced = advance(whole, steps, now_s, place._replace(apart=apart))
        self._advance(topic, regency, known, told, advanced, now_s)
        if advanced.usual:
            for step, number in steps.items():
                self._taught[topic, self._reference.hours.slot(step, place.offset_h)] += number
        self.late += advanced.late
        self._note(key, known)
        self._kept.put(_key(key), _written(regency, known, told))

    def _advance(self, topic: str, region: str, known: dict[str, Series], told: set[str], advanced: Advance, now_s: int) -> None:
        known[region] = advanced.series
        if advanced.said is None:
            return
        said = of_surge(topic, region, advanced.said, self._kept.time(now_s))
        if said.sequence > 1:
            if region in told:
                told.discard(region)
                self._kept.say(said)
        elif self._kept.is_news(now_s):
            told.add(region)
            self._kept.say(said)

    def _note(self, key: Key, regions: Mapping[str, Series]) -> None:
        on = {region for region, series in regions.items() if series.surge}
        if on:
            self.on[key] = on
        else:
            self.on.pop(key, None)
        if key[1] in regions:
            self.recent[key] = regions[key[1]]

    def _place(self, topic: str, regency: str, now_s: int) -> Place:
        profile = self._profile
        assert profile is not None
        shape, tide = self._shaped(now_s).of(topic), profile.tide
        return Place(shape, self._reference.offset_h(regency), profile.since_s, self._tuning, tide.factor, tide.before)

    def _shaped(self, now_s: int) -> Shapes:
        assert self._profile is not None
        if self._shapes is None or now_s >= self._shapes[0]:
            self._shapes = (now_s + RESHAPE_S, Shapes(self._profile, self._reference.hours))
        return self._shapes[1]

    def _learn(self, now_s: int) -> None:
        if self._profile is None or now_s < self._written_s + LEARN_EVERY_S:
            return
        tide = self._profile.tide.moved(sum(self._taught.values()), now_s, self._shaped(now_s))
        self._profile = learned(self._profile, self._taught, now_s, self._reference.hours)._replace(tide=tide)
        self._taught.clear()
        self._written_s = now_s
        self._kept.put(f"{PROFILE}{self._kept.partition}", orjson.dumps(self._profile.row()))

    def surges(self) -> Iterable[tuple[str, str, Series]]:
        """Yield topic, region and series of every surge that is on."""
        for key, on in self.on.items():
            value = self._kept.get(_key(key))
            regions, _ = _read(value) if value is not None else ({}, set())
            yield from ((key[0], region, regions[region]) for region in sorted(on) if region in regions)


def _key(key: Key) -> str:
    return f"{PREFIX}{key[0]}/{key[1]}"


def _named(key: str) -> Key:
    topic, _, regency = key.removeprefix(PREFIX).rpartition("/")
    return topic, regency


def _read(value: bytes) -> tuple[dict[str, Series], set[str]]:
    row: dict[str, Any] = orjson.loads(value)
    return {region: Series.of(series) for region, series in row["series"].items()}, set(row["told"])


def _written(regency: str, known: Mapping[str, Series], told: set[str]) -> bytes:
    """Return the row; a district that is like one never heard of is left out."""
    kept = {region: series.row() for region, series in known.items() if region == regency or series.surge or series.recent or series.reports > 0.01}
    return orjson.dumps({"series": kept, "told": sorted(told)}, default=list)  # a surge is a named tuple


def _sum(several: Iterable[Steps]) -> dict[int, int]:
    total: dict[int, int] = defaultdict(int)
    for steps in several:
        for step, number in steps.items():
            total[step] += number
    return dict(total)
