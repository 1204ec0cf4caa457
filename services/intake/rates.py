"""How fast one caller may come: a bucket each, which fills steadily and is emptied by what it hands in. Pure but for its clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

BURST_SECONDS: Final = 10
"""What may come at once: the rate of so many seconds."""
MOST_CALLERS: Final = 10_000
"""Buckets beyond this are looked through for full ones, which tell nothing."""


class Rates:
    """One bucket a caller, of `per_second` a second; `now` counts seconds and never goes back."""

    def __init__(self, per_second: float, now: Callable[[], float] = time.monotonic) -> None:
        self._rate = per_second
        self._most = per_second * BURST_SECONDS
        self._now = now
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, caller: str, number: int = 1) -> float:
        """Take `number` out of a caller's bucket and return 0; else the seconds after which there will be enough: nothing is taken."""
        now = self._now()
        if len(self._buckets) > MOST_CALLERS:
            self._buckets = {name: bucket for name, bucket in self._buckets.items() if self._level(bucket, now) < self._most}
        level = self._level(self._buckets.get(caller, (self._most, now)), now)
        wanted = min(float(number), self._most)
        if level < wanted:
            return (wanted - level) / self._rate
        self._buckets[caller] = (level - wanted, now)
        return 0.0

    def _level(self, bucket: tuple[float, float], now: float) -> float:
        left, since = bucket
        return min(self._most, left + (now - since) * self._rate)
