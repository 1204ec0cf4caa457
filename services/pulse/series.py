"""What is kept of a topic in a place, and the parameters it is judged by. Pure; times are epoch seconds in event time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Self

from services.pulse.baseline import DAY_S, HOUR_S, Shape

MINUTE_S: Final = 60


class Span(NamedTuple):
    """A stretch of time that is counted over, and the fewest reports in it that may be called a surge."""

    length_s: int
    floor: int


@dataclass(frozen=True, slots=True)
class Tuning:
    """The parameters of a surge; docs/pulse.md says why and what each does."""

    step_s: int = 5 * MINUTE_S
    """Reports are counted by steps of this length; windows end with the step that goes on."""
    spans: tuple[Span, ...] = (Span(20 * MINUTE_S, 8), Span(60 * MINUTE_S, 15))
    """Shortest first."""
    ratio: float = 3.0
    """A surge is at least so many times the usual."""
    chance: float = 3e-9
    """And by chance at most so likely."""
    spread: float = 6.0
    """Size of the negative binomial: a usual hour's rate varies by 1 / sqrt(spread) of itself from day to day."""
    half_life_s: int = 21 * DAY_S
    """After so long what a series has learned weighs half."""
    today_s: int = 4 * HOUR_S
    """And after so long what it has learned of today."""
    today_least: float = 0.6
    today_most: float = 3.0
    """What today has brought so far lowers and raises the usual at most to so many times: a surge that grows slowly is still one."""
    warm_up_s: int = 14 * DAY_S
    """While less is known than two whole weeks, floors are `cold` times as high: the absolute rule."""
    cold: int = 5
    calm_ratio: float = 1.5
    """A surge is calm when the longest span holds less than so many times the usual, and less than half its floor or that multiple."""
    calm_s: int = 30 * MINUTE_S
    """And over when it has been calm for so long."""
    longest_s: int = 7 * DAY_S
    """What lasts longer is the new usual: the surge ends and its level is learned."""


class Surge(NamedTuple):
    """A surge that is on."""

    began_s: int
    """Begin of the window in which it was found: with the series it is the surge's identity."""
    detected_s: int
    arrivals: int
    peak_s: int
    """When the fullest longest span ended, how many reports it held and how many are usual."""
    peak: int
    peak_usual: float
    calm_s: int | None
    """Since when it has been calm."""


class Series(NamedTuple):
    """All that is kept of a topic in a place: one row of a table."""

    reports: float
    """Fading count of what was learned, over `hours` usual hours: their quotient is the level."""
    hours: float
    learned_s: int
    """Up to here it was learned; what came later is in `recent`, reports by step, oldest first."""
    recent: tuple[tuple[int, int], ...]
    surge: Surge | None = None
    today: tuple[float, float] = (0.0, 0.0)
    """The last hours' reports before `learned_s`, and how many were usual: fading fast."""

    def row(self) -> dict[str, Any]:
        """Return it as JSON: 80 bytes, and up to 200 more while reports come in."""
        n, usual = self.today
        today = [round(n, 3), round(usual, 3)] if n > 0.01 else [0, 0]
        row = {"n": round(self.reports, 4), "h": round(self.hours, 3), "at": self.learned_s}
        return {**row, "recent": self.recent, "surge": self.surge, "today": today}

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Read a row."""
        surge = row["surge"]
        return cls(row["n"], row["h"], row["at"], tuple((at, number) for at, number in row["recent"]), surge and Surge(*surge), tuple(row["today"]))


class Place(NamedTuple):
    """What a series is judged by; the same for all of a region in a batch but the last two."""

    shape: Shape
    offset_h: int
    since_s: int
    """Since when the partition has been learning (`Profile.since_s`)."""
    tuning: Tuning = Tuning()
    tide: float = 1.0
    tide_before: float = 1.0
    """How many times the usual all topics together bring these hours, and brought an hour ago (`Tide`)."""
    apart: Sequence[Series] = ()
    """Of a regency: its districts with a surge of this topic on; their reports make no second surge of the regency."""
    covered: bool = False
    """Of a district: a surge of this topic is on in its regency; it begins none of its own."""
