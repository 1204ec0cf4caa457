"""Opening times as instants: a calendar's windows laid on the time line, block by block, built when first asked for.

Pure. Instants are whole microseconds since 1970-01-01T00:00Z, days are ordinals (`date.toordinal`) in the calendar's zone.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from services.sla.localdays import DAY, EPOCH_DAY, Span, resolved, shown, wall_clock

Windows: TypeAlias = tuple[Span, ...]

FIRST_DAY: Final = date(1970, 1, 1).toordinal()
LAST_DAY: Final = date(2499, 12, 31).toordinal()  # bounds every search; no promise of this world reaches further

_SHIFT: Final = 6  # 64 days a block: a usual deadline touches one or two, and building one costs about 0.2 ms
_MASK: Final = (1 << _SHIFT) - 1
_KEPT: Final = 512  # blocks kept a calendar (90 years); more are built again when asked for


class NeverOpensError(ValueError):
    """The calendar has no opening left, so the working time asked for never comes."""


class OutOfRangeError(ValueError):
    """The answer would lie outside the years 1970 to 2499."""


@dataclass(frozen=True, slots=True)
class Block:
    """The openings of 64 days: sorted disjoint segments, and the days that have any."""

    starts: "array[int]"
    ends: "array[int]"
    before: "array[int]"  # working microseconds of the block before segment i; the last entry is the total
    open_days: "array[int]"
    closings: "array[int]"  # end of the last segment of open_days[i]
    midnights: "array[int]"  # first instant of each day, and of the day after the last
    day_ends: "array[int]"  # end of each day: the next midnight, or later where its date comes again after that

    def worked_until(self, at: int) -> int:
        """Return the working microseconds of this block that lie before `at`."""
        i = bisect_right(self.starts, at) - 1
        return 0 if i < 0 else self.before[i] + min(at, self.ends[i]) - self.starts[i]


class DayTable:
    """Answers about one calendar's days and working time; grows as it is asked, so it is shared but never changed in meaning."""

    __slots__ = ("_blocks", "_last_opening", "_windows_on", "zone")

    def __init__(self, zone: ZoneInfo, windows_on: Callable[[int], Windows], last_opening: int | None) -> None:
        """Lay `windows_on(day)` into `zone`; after `last_opening` no day opens (None: it always opens again)."""
        self.zone = zone
        self._windows_on = windows_on
        self._last_opening = last_opening
        self._blocks: dict[int, Block] = {}

    def local(self, at: int) -> tuple[int, int]:
        """Return the local day of an instant and the wall-clock microseconds into it."""
        return wall_clock(self.zone, at)

    def day_of(self, at: int) -> int:
        """Return the last day whose first instant has come, its local day but where a date comes again: no zone is asked."""
        day = at // DAY + EPOCH_DAY
        if at < self.day_start(day):
            return day - 1
        return day if at < self.day_start(day + 1) else day + 1

    def day_start(self, day: int) -> int:
        """Return the first instant of a local day (after the gap, when its midnight does not exist)."""
        return self._block(day >> _SHIFT).midnights[day & _MASK]

    def day_end(self, day: int) -> int:
        """Return the first instant after a local day, of which nothing comes again."""
        return self._block(day >> _SHIFT).day_ends[day & _MASK]

    def last_ended(self, at: int) -> int:
        """Return the last day whose end lies at or before an instant."""
        day = self.day_of(at) - 1
        return day if self.day_end(day) <= at else day - 1

    def instant(self, day: int, time_of_day: int) -> int:
        """Return the instant of a wall-clock time; twice: the first; in a gap: as if clocks had not changed (RFC 5545 §3.3.5)."""
        midnights, i = self._block(day >> _SHIFT).midnights, day & _MASK
        if midnights[i + 1] - midnights[i] == DAY:
            return midnights[i] + time_of_day
        return resolved(self.zone, day, time_of_day)

    def closing(self, day: int) -> int | None:
        """Return the instant at which the day's last window ends; None for a day that does not open."""
        block = self._block(day >> _SHIFT)
        i = bisect_left(block.open_days, day)
        return block.closings[i] if i < len(block.open_days) and block.open_days[i] == day else None

    def open_days_between(self, first: int, last: int) -> int:
        """Count the days that open from `first` to `last`, both included."""
        if last < first:
            return 0
        low, high = first >> _SHIFT, last >> _SHIFT
        tail = bisect_right(self._block(high).open_days, last)
        return tail - bisect_left(self._block(low).open_days, first) + sum(len(self._block(k).open_days) for k in range(low, high))

    def open_day_after(self, day: int, count: int) -> int:
        """Return the `count`-th (≥ 1) day after `day` that opens."""
        key = (day + 1) >> _SHIFT
        days = self._block(key).open_days
        i = bisect_right(days, day) + count - 1
        while i >= len(days):
            i -= len(days)
            key = self._following(key)
            days = self._block(key).open_days
        return days[i]

    def next_open(self, at: int) -> int:
        """Return the first instant at or after `at` that lies in a window."""
        key = self.day_of(at) >> _SHIFT
        while True:
            block = self._block(key)
            i = bisect_right(block.ends, at)
            if i < len(block.ends):
                return max(at, block.starts[i])
            key = self._following(key)

    def worked(self, start: int, until: int) -> int:
        """Return the working microseconds in [start, until)."""
        if until <= start:
            return 0
        low, high = self.day_of(start) >> _SHIFT, self.day_of(until) >> _SHIFT
        whole = sum(self._block(key).before[-1] for key in range(low, high))
        return whole + self._block(high).worked_until(until) - self._block(low).worked_until(start)

    def worked_on(self, day: int, start: int, until: int) -> int:
        """Return the working microseconds in [start, until) on one day, to which both belong."""
        block = self._block(day >> _SHIFT)
        return max(0, block.worked_until(until) - block.worked_until(start))

    def advance(self, start: int, amount: int) -> int:
        """Return the earliest instant at which `amount` (> 0) working microseconds have passed since `start`."""
        key = self.day_of(start) >> _SHIFT
        block = self._block(key)
        target = block.worked_until(start) + amount
        while target > block.before[-1]:
            target -= block.before[-1]
            key = self._following(key)
            block = self._block(key)
        i = bisect_left(block.before, target, 1) - 1
        return block.starts[i] + target - block.before[i]

    def _following(self, key: int) -> int:
        key += 1
        if self._last_opening is not None and key << _SHIFT > self._last_opening:
            raise NeverOpensError("the calendar does not open again")
        if key << _SHIFT > LAST_DAY:
            raise OutOfRangeError("beyond the year 2499")
        return key

    def _block(self, key: int) -> Block:
        block = self._blocks.get(key)
        if block is None:
            if len(self._blocks) >= _KEPT:
                self._blocks.clear()
            block = self._blocks[key] = self._build(key << _SHIFT)
        return block

    def _build(self, first: int) -> Block:
        laid: list[Span] = []
        open_days, closings = array("q"), array("q")
        *days, following = shown(self.zone, first, first + _MASK + 2)
        for day, spans in enumerate(days, first):
            if opened := self._segments(day, spans):
                laid += opened
                open_days.append(day)
                closings.append(opened[-1][1])
        laid.sort()  # by time; in no zone a date that comes again is the last of a block
        starts, ends = array("q", [start for start, _ in laid]), array("q", [end for _, end in laid])
        before = array("q", accumulate((end - start for start, end in laid), initial=0))
        midnights = array("q", [spans[0][0] for spans in (*days, following)])
        return Block(starts, ends, before, open_days, closings, midnights, array("q", [spans[-1][1] for spans in days]))

    def _segments(self, day: int, spans: list[Span]) -> list[Span]:
        """Return the day's windows as instants within the spans that show its date, in order; 24:00 is the day's end."""
        windows, first, end = self._windows_on(day), spans[0][0], spans[-1][1]
        if end - first == DAY:
            return [(first + a, first + b) for a, b in windows]
        placed = [(resolved(self.zone, day, a), end if b == DAY else resolved(self.zone, day, b)) for a, b in windows]
        return merged([(max(a, begin), min(b, stop)) for a, b in placed for begin, stop in spans])


def merged(spans: Sequence[Span]) -> list[Span]:
    """Return half-open spans sorted, overlapping and touching ones joined; empty ones are dropped."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if start >= end:
            continue
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
