"""When the dates of a zone are shown: the first instant of each, its end, and what comes twice or never.

Pure. Instants are whole microseconds since 1970-01-01T00:00Z, days are ordinals (`date.toordinal`) in the zone.
"""

from bisect import bisect_left
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

Span: TypeAlias = tuple[int, int]

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
SECOND: Final = 1_000_000
DAY: Final = 86_400 * SECOND
EPOCH_DAY: Final = date(1970, 1, 1).toordinal()


def to_micros(moment: datetime) -> int:
    """Return an aware datetime as microseconds since the epoch."""
    return (moment - EPOCH) // MICROSECOND


def from_micros(at: int) -> datetime:
    """Return microseconds since the epoch as a datetime in UTC."""
    return EPOCH + timedelta(microseconds=at)


def wall_clock(zone: ZoneInfo, at: int) -> tuple[int, int]:
    """Return the local day of an instant and the wall-clock microseconds into it."""
    wall = from_micros(at).astimezone(zone)
    seconds = wall.hour * 3600 + wall.minute * 60 + wall.second
    return wall.toordinal(), seconds * SECOND + wall.microsecond


def resolved(zone: ZoneInfo, day: int, time_of_day: int, fold: int = 0) -> int:
    """Return the instant of a wall-clock time; twice: the first (`fold` 1: the second); in a gap: as if clocks had not changed."""
    naive = datetime.fromordinal(day) + timedelta(microseconds=time_of_day)
    return to_micros(naive.replace(tzinfo=zone, fold=fold).astimezone(UTC))


def shown(zone: ZoneInfo, first: int, stop: int) -> list[list[Span]]:
    """Return when each date of [first, stop) is shown: one span (empty: the zone skipped it), or two; cheap where clocks stand still."""
    offsets = _offsets(zone, first - 1, stop + 2)
    steady = [a == b == c for a, b, c in zip(offsets, offsets[1:], offsets[2:], strict=False)]
    days = range(first, stop + 1)
    midnights = [(day - EPOCH_DAY) * DAY - offsets[i + 1] if steady[i] else resolved(zone, day, 0) for i, day in enumerate(days)]
    spans = [[span] for span in pairwise(midnights)]
    for i in range(1, len(spans)):
        if not steady[i] and (again := _shown_again(zone, first + i, midnights[i])):
            spans[i - 1].append(again)
            spans[i] = [(midnights[i], again[0]), (again[1], midnights[i + 1])]
    return spans


def _shown_again(zone: ZoneInfo, day: int, midnight: int) -> Span | None:
    """Return when the date before `day` comes again after its midnight: where clocks fall back over it, as in St John's at 00:01."""
    second = resolved(zone, day, 0, fold=1)
    if second <= midnight or wall_clock(zone, second - 1)[0] >= day:
        return None
    return midnight + bisect_left(range(midnight, second), True, key=lambda at: wall_clock(zone, at)[0] < day), second


def _offsets(zone: ZoneInfo, first: int, stop: int) -> list[int]:
    """Return the offsets of [first, stop) at 00:00Z; between two equal samples a week apart clocks do not change."""
    offsets: list[int] = []
    for day in range(first, stop, 7):
        following = min(day + 7, stop)
        here = _offset(zone, day)
        same = here == _offset(zone, following)
        offsets += [here if same else _offset(zone, each) for each in range(day, following)]
    return offsets


def _offset(zone: ZoneInfo, day: int) -> int:
    local = datetime.fromordinal(day).replace(tzinfo=UTC).astimezone(zone)
    return (local.utcoffset() or timedelta()) // MICROSECOND
