"""One partition of what is counted: holds back what is ahead of the watermark, and folds what it has passed, each count once."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from services.pulse.counting import STEP_S, Count
from services.pulse.floods import PREFIX as SERIES
from services.pulse.floods import PROFILE, Floods
from services.pulse.kept import Kept
from services.pulse.ledgers import AGENCY, PUBLISHER, Ledgers
from services.pulse.totals import TOPIC, Totals

PLACE: Final = "@/"
ON_EVERY_S: Final = 60
SILENT_EVERY_S: Final = 900
"""How often, in event time, surges that are on and silences are judged without anything having come."""


@dataclass(slots=True)
class Held:
    """Counts of one step."""

    series: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    agencies: dict[tuple[str, str, int], Count] = field(default_factory=dict)
    publishers: dict[tuple[str, str, int], Count] = field(default_factory=dict)


class Desk:
    """What a partition knows, and where it stands.

    The row `@/<partition>` says up to which offset counts were taken and up to which step they were folded: it is written with the rows
    that it speaks of, so what comes again after a crash is not counted again.
    """

    def __init__(self, kept: Kept, floods: Floods, ledgers: Ledgers, totals: Totals) -> None:
        self.kept = kept
        self.floods = floods
        self.ledgers = ledgers
        self.totals = totals
        self.until_s = 0
        self._offset = -1
        self._held: dict[int, Held] = {}
        self._on_at = 0
        self._silent_at = 0
        self._load()

    def _load(self) -> None:
        for key, value in self.kept.rows():
            if key.startswith((SERIES, PROFILE)):
                self.floods.load(key, value)
            elif key.startswith((AGENCY, PUBLISHER)):
                self.ledgers.load(key, value)
            elif key.startswith(TOPIC):
                self.totals.load(key, value)
            elif key.startswith(PLACE):
                place = orjson.loads(value)
                self._offset, self.until_s = place["offset"], place["until"]
                self._on_at = self.until_s

    def take(self, offset: int, message: dict[str, Any]) -> int:
        """Take up the partial sums of one record, but those that were folded before; returns the latest step in it."""
        known = self.until_s if offset <= self._offset else -1
        latest = 0
        for topic, region, step, number in message["series"]:
            latest = max(latest, step)
            if step > known:
                self._at(step).series[topic, region] += number
        for which in ("agencies", "publishers"):
            for name, kind, step, number, last in message[which]:
                latest = max(latest, step)
                if step > known:
                    held: dict[tuple[str, str, int], Count] = getattr(self._at(step), which)
                    old = held.get((name, kind, step))
                    held[name, kind, step] = Count(step, number, last) if old is None else Count(step, old.number + number, max(old.last, last))
        self._offset = max(self._offset, offset)
        return latest

    def release(self, watermark_s: int) -> bool:
        """Fold what the watermark has passed, in the order in which it happened, and judge; returns whether anything was folded."""
        now_s = max(watermark_s, self.until_s)
        folded = False
        for step in sorted(step for step in self._held if step <= now_s):
            held = self._held.pop(step)
            self._judge_those_on(step - 1)
            # As if each step had just been heard; what is late, as of when we stood still: nothing that follows is late for it.
            at_s = min(now_s, max(self.until_s, step + STEP_S - 1))
            self.floods.fold({key: {step: number} for key, number in held.series.items()}, at_s)
            self.ledgers.fold(held.agencies, held.publishers, at_s)
            self.totals.fold(step, held.series, at_s)
            folded = True
        self.until_s = now_s
        self._judge_those_on(now_s)
        if now_s >= self._silent_at:
            self._silent_at = now_s + SILENT_EVERY_S
            self.ledgers.judge(now_s)
        if folded:
            self.kept.put(f"{PLACE}{self.kept.partition}", orjson.dumps({"offset": self._offset, "until": now_s}))
        return folded

    def _judge_those_on(self, now_s: int) -> None:
        """Judge the surges that are on though nothing came; step by step where much time has passed at once, for each ends in its own time."""
        while self.floods.on and self._on_at + STEP_S < now_s:
            self.floods.judge_those_on(self._on_at)
            self._on_at += STEP_S
        if now_s >= self._on_at:
            self._on_at = now_s + ON_EVERY_S
            self.floods.judge_those_on(now_s)

    @property
    def held(self) -> int:
        """Return how many counts wait for the watermark."""
        return sum(len(held.series) + len(held.agencies) + len(held.publishers) for held in self._held.values())

    def late(self) -> int:
        """Return how many counts came too late since this was asked last."""
        late = self.floods.late + self.ledgers.late
        self.floods.late = self.ledgers.late = 0
        return late

    def _at(self, step: int) -> Held:
        return self._held.setdefault(step, Held())
