"""How many cases of each topic came to one partition, by the hour and in the last hour: what the page draws."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import orjson

from services.pulse.baseline import HOUR_S
from services.pulse.kept import Kept

TOPIC: Final = "t/"
HOURS: Final = 24
"""Hours that are drawn, the one that goes on among them."""


class Totals:
    """Counts by topic and hour; every case counts, also one without a region."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept
        self.topics: dict[str, dict[int, int]] = {}

    def load(self, key: str, value: bytes) -> None:
        """Take up a row after the table was rebuilt."""
        topic = key.split("/", 2)[2]
        self.topics[topic] = dict(orjson.loads(value))

    def fold(self, step: int, cases: Mapping[tuple[str, str], int], now_s: int) -> None:
        """Count the cases of one step."""
        oldest, hour = oldest_hour(now_s), step - step % HOUR_S
        if hour < oldest:
            return
        touched: dict[str, int] = {}
        for (topic, _), number in cases.items():
            touched[topic] = touched.get(topic, 0) + number
        for topic, number in touched.items():
            hours = self.topics.setdefault(topic, {})
            hours[hour] = hours.get(hour, 0) + number
            for old in [known for known in hours if known < oldest]:
                del hours[old]
            self._kept.put(f"{TOPIC}{self._kept.partition}/{topic}", orjson.dumps(sorted(hours.items())))


def oldest_hour(now_s: int) -> int:
    """Return the begin of the first hour that is drawn."""
    return now_s - now_s % HOUR_S - (HOURS - 1) * HOUR_S
