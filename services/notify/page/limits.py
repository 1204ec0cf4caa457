"""How often one link may be used: a bucket a link, the oldest forgotten first."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

MINUTE_SECONDS: Final = 60.0
MOST_LINKS: Final = 10_000


class Limiter:
    """Lets `a_minute` requests of one link pass, all at once or spread; `now` is in monotonic seconds."""

    def __init__(self, a_minute: int, most_links: int = MOST_LINKS) -> None:
        self._a_minute = a_minute
        self._most_links = most_links
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def passes(self, link: str, now: float) -> bool:
        """Say whether a request may pass now, and count it."""
        left, at = self._left.pop(link, (float(self._a_minute), now))
        left = min(self._a_minute, left + (now - at) * self._a_minute / MINUTE_SECONDS)
        self._left[link] = (left - 1 if left >= 1 else left, now)
        while len(self._left) > self._most_links:
            self._left.popitem(last=False)
        return left >= 1
