"""How far what is said lies behind the clock, as a watcher of the topics sees it while the run goes on."""

from __future__ import annotations

import time
from collections import deque
from datetime import timedelta
from typing import Final

from chassis.clock import Clock
from deploy.demo.evidence import Fact

RECENT_SECONDS: Final = 5.0


class Lag:
    """Keeps the latest delays from a fact of routing to the clock that sla sets by it, read here: both bear the same time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._recent: deque[tuple[float, float]] = deque()

    def hear(self, fact: Fact) -> None:
        """Take a fact in."""
        if fact.what == "deadline.set":
            self._recent.append((time.monotonic(), self._clock.real_seconds(self._clock.now() - fact.time)))

    @property
    def seconds(self) -> float:
        """Return the longest delay of the last moments in real seconds, 0 when nothing was said."""
        while self._recent and self._recent[0][0] < time.monotonic() - RECENT_SECONDS:
            self._recent.popleft()
        return max((delay for _, delay in self._recent), default=0.0)


def words(real_seconds: float, speed: float) -> str:
    """Return a delay in words: `7 s behind the clock, which is 2.3 days of the play`."""
    return f"{real_seconds:.0f} s behind the clock, which is {timedelta(seconds=real_seconds * speed) / timedelta(days=1):.1f} days of the play"
