"""When is it a surge: reports of one topic in one place, far above what the same hour of the week usually brings. Pure.

Three questions, all of which must be answered with yes: are they enough to matter (a floor), are they a multiple of the usual, and would
chance alone hardly ever bring so many? The usual is the series' own level times the shape of the week (`baseline`); chance is a
negative binomial, a Poisson whose rate is itself uncertain: the world's days differ, and of a young series little is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from math import exp, lgamma, log, log1p
from typing import Final, Literal, NamedTuple

from services.pulse.series import Place, Series, Surge

PRIOR: Final = (0.5, 24.0)
"""Of a series nothing is known but that a day brings half a report: it is outweighed within a week."""
_LN2: Final = log(2)
_TERMS: Final = 10_000
_NEGLIGIBLE: Final = 1e-9


class Window(NamedTuple):
    """Reports in [`start_at`, `until_at`), and how many are usual there."""

    start_at: datetime
    until_at: datetime
    observed: int
    expected: float


class Detected(NamedTuple):
    """A surge has begun."""

    window: Window
    chance: float
    """How likely as many or more are in a usual window of this kind, 0 to 1."""
    rule: Literal["usual", "absolute"]
    """`absolute`: while nothing is learned, by floors that are higher."""


class Ended(NamedTuple):
    """A surge is over."""

    whole: Window
    peak: Window
    detected_at: datetime
    reason: Literal["calm", "lasting"]
    """`lasting`: it is the new usual."""


class Advance(NamedTuple):
    """A series after a batch, and what is to be said of it, once."""

    series: Series
    said: Detected | Ended | None
    late: int
    """Reports that came too late to be counted."""
    usual: bool
    """Whether the reports may teach the shape of the week: no surge is on."""


def advance(series: Series | None, arrivals: Mapping[int, int], now_s: float, place: Place) -> Advance:
    """Return the series after `arrivals` (reports by start of their step), judged at the event time `now_s`.

    The same arrivals must not be given twice. Without arrivals it is how a surge ends; a later `now_s` never goes back.
    """
    tuning = place.tuning
    known = series or Series(0.0, 0.0, place.since_s, ())
    edge = int(now_s // tuning.step_s + 1) * tuning.step_s  # windows end with the step that goes on
    known = _learned(known, edge - tuning.spans[-1].length_s, place)
    known, late = _counted(known, arrivals)
    if known.surge:
        known, ended = _going_on(known, known.surge, sum(arrivals.values()) - late, int(now_s), place)
        return Advance(known, ended, late, usual=False)
    if place.covered or sum([number for _, number in known.recent]) < tuning.spans[0].floor:
        return Advance(known, None, late, usual=not place.covered)
    found = _found(known, int(now_s), place)
    return Advance(_begun(known, found, int(now_s), place) if found else known, found, late, usual=not found)


def _counted(series: Series, arrivals: Mapping[int, int]) -> tuple[Series, int]:
    """Return the series with what came in, and how many came too late."""
    if not arrivals:
        return series, 0
    recent, late = dict(series.recent), 0
    for step, number in arrivals.items():
        if step < series.learned_s:
            late += number
        else:
            recent[step] = recent.get(step, 0) + number
    return series._replace(recent=tuple(sorted(recent.items()))), late


def _learned(series: Series, until_s: int, place: Place) -> Series:
    """Return the series with all before `until_s` learned, or forgotten when it belongs to a surge: a surge teaches nothing."""
    start = series.learned_s
    if until_s <= start:
        return series
    reports, hours, recent, today = series.reports, series.hours, series.recent, series.today
    rate, gone = _LN2 / place.tuning.half_life_s, until_s - start
    lapse = exp(-_LN2 * gone / place.tuning.today_s)
    if series.surge or place.covered or place.apart:
        today = (today[0] * lapse, today[1] * lapse)
    else:
        fade = exp(-rate * gone)
        passed = place.shape.between(start, until_s, place.offset_h)
        came = [(step, number) for step, number in recent if step < until_s]
        usual = place.tide_before * passed * (reports + PRIOR[0]) / (hours + PRIOR[1])
        memory = place.tuning.today_s / (_LN2 * gone) * (1 - lapse)
        today = (
            today[0] * lapse + sum([number * exp(-_LN2 * (until_s - step) / place.tuning.today_s) for step, number in came]),
            today[1] * lapse + usual * memory,
        )
        hours = hours * fade + passed / (rate * gone) * (1 - fade)
        reports = reports * fade + sum([number * exp(-rate * (until_s - step)) for step, number in came])
    if recent and recent[0][0] < until_s:
        recent = tuple([each for each in recent if each[0] >= until_s])
    return Series(reports, hours, until_s, recent, series.surge, today)


def _usual(series: Series, start_s: int, until_s: int, place: Place) -> float:
    """Return how many reports a window usually brings."""
    level = (series.reports + PRIOR[0]) / (series.hours + PRIOR[1])
    return level * place.shape.between(start_s, until_s, place.offset_h)


def _held(series: Series, start_s: int, place: Place) -> int:
    """Return how many reports came since `start_s`, without those of the districts that stand apart."""
    held = sum([number for step, number in series.recent if step >= start_s])
    for district in place.apart:
        held -= sum(number for step, number in district.recent if step >= start_s)
    return held


def _found(series: Series, now_s: int, place: Place) -> Detected | None:
    tuning = place.tuning
    edge = (now_s // tuning.step_s + 1) * tuning.step_s
    warm = edge - place.since_s >= tuning.warm_up_s
    today = (tuning.spread + series.today[0]) / (tuning.spread + series.today[1])
    times = place.tide * min(max(today, tuning.today_least), tuning.today_most)
    for span in tuning.spans:
        start = edge - span.length_s
        observed = _held(series, start, place)
        if observed < (span.floor if warm else span.floor * tuning.cold):
            continue
        expected = _usual(series, start, now_s, place)
        if observed < tuning.ratio * expected:
            continue
        chance = tail(observed, expected * times, 1 / (1 / (tuning.spread + series.today[0]) + 1 / (series.reports + PRIOR[0])))
        if chance <= tuning.chance:
            return Detected(_window(start, edge, observed, expected), chance, "usual" if warm else "absolute")
    return None


def _begun(series: Series, found: Detected, now_s: int, place: Place) -> Series:
    """Return the series with its surge on: what is still unlearned of the last hour belongs to it."""
    edge = int(found.window.until_at.timestamp())
    start = edge - place.tuning.spans[-1].length_s
    held, usual = _held(series, start, place), _usual(series, start, edge, place)
    return series._replace(surge=Surge(int(found.window.start_at.timestamp()), now_s, found.window.observed, edge, held, round(usual, 3), None))


def _going_on(series: Series, surge: Surge, arrived: int, now_s: int, place: Place) -> tuple[Series, Ended | None]:
    tuning = place.tuning
    edge = (now_s // tuning.step_s + 1) * tuning.step_s
    longest = tuning.spans[-1]
    start = edge - longest.length_s
    observed, expected = _held(series, start, place), _usual(series, start, edge, place)
    calm = observed < max(longest.floor / 2, tuning.calm_ratio * expected)
    surge = surge._replace(arrivals=surge.arrivals + arrived, calm_s=(surge.calm_s or now_s) if calm else None)
    if observed > surge.peak:
        surge = surge._replace(peak_s=edge, peak=observed, peak_usual=round(expected, 3))
    lasting = now_s - surge.detected_s >= tuning.longest_s
    if not lasting and (surge.calm_s is None or now_s - surge.calm_s < tuning.calm_s):
        return series._replace(surge=surge), None
    ended = Ended(
        _window(surge.began_s, edge, surge.arrivals, _usual(series, surge.began_s, edge, place)),
        _window(surge.peak_s - longest.length_s, surge.peak_s, surge.peak, surge.peak_usual),
        _at(surge.detected_s),
        "lasting" if lasting else "calm",
    )
    if lasting:
        series = series._replace(reports=float(surge.arrivals), hours=place.shape.between(surge.began_s, edge, place.offset_h))
    return series._replace(surge=None), ended


def tail(number: int, expected: float, size: float) -> float:
    """Return the chance of `number` reports or more where `expected` are usual: upper tail of a negative binomial of that size."""
    if number <= 0:
        return 1.0
    share = expected / (size + expected)
    if share <= 0:
        return 0.0
    term = exp(lgamma(number + size) - lgamma(size) - lgamma(number + 1) + size * log1p(-share) + number * log(share))
    total, last = 0.0, number + _TERMS
    while number < last and term > total * _NEGLIGIBLE:
        total += term
        term *= share * (number + size) / (number + 1)
        number += 1
    return min(total, 1.0)


def _window(start_s: int, until_s: int, observed: int, expected: float) -> Window:
    return Window(_at(start_s), _at(until_s), observed, expected)


def _at(at_s: int) -> datetime:
    return datetime.fromtimestamp(at_s, UTC)
