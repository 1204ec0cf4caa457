"""What could be found at all: a judge who knows each series' true rate at every minute, held to the same budget of false alarms.

The judge counts the last quarter of an hour, minute by minute, and alarms when the reports in it are so many times likelier under a
surge of that strength than as usual (the likelihood ratio, which no rule beats at equal false alarms: Neyman and Pearson). The ratio is
one for all series and as low as the budget permits: that shares it out best where every series is as likely to be struck. Nothing is
unknown to it but chance itself: it knows the day's own factor, the clumps' size, and how strong the surge is that it looks for.
"""

from __future__ import annotations

import random
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Mapping
from itertools import accumulate
from math import ceil, comb, exp, log
from typing import Final

from bench.nation import CLUMPED, KINDS, LEARNING_DAYS, LEAST, MOST_MORE, STRENGTHS, Nation, Planted, luck

SOON: Final = 15
"""Minutes within which a surge is to be found."""
FLOOR: Final = 8
"""Fewer are no surge to the judge either."""
_BINS: Final = 12
"""Rates are told apart by a factor of e to the 1/12: 8 %."""
_FAINT: Final = -4 * _BINS
"""All rates below one report in two days are taken as that: eight do not come together there by chance."""
_DRAWS: Final = 1000
_WEEK_MINUTES: Final = 7 * 24 * 60


def possible(nation: Nation, budget: float = 1.0) -> dict[tuple[str, int], float]:
    """Return how many of the planted surges such a judge would find within 15 minutes, on average, by kind and strength.

    `budget` is its false alarms a week, over the regencies' series.
    """
    draw = random.Random("bound")
    lucks = {shift: times / _DRAWS for shift, times in Counter(round(log(luck(draw)) * _BINS) for _ in range(_DRAWS)).items()}
    hours = _hours(nation, lucks)
    usual = {each: counts(exp(each / _BINS) / 60) for each in hours}
    found: dict[tuple[str, int], float] = defaultdict(float)
    for strength in STRENGTHS:
        least = _thresholds(hours, usual, strength, budget)
        for surge in nation.planted:
            if surge.strength == strength:
                found[surge.kind, strength] += _chance(nation, surge, lucks, least, usual)
    return found


def _hours(nation: Nation, lucks: Mapping[int, float]) -> dict[int, float]:
    """Return how many series have which rate (in bins of its logarithm), on average over the judged hours."""
    shares = [[after - before for before, after in zip((0.0, *day), day, strict=False)] for day in nation.topic_days]
    plain = Counter(round(log(level * share) * _BINS) for row in nation.levels for level, day in zip(row, shares, strict=True) for share in day)
    factors = nation.factors[LEARNING_DAYS : nation.days]
    hours: dict[int, float] = defaultdict(float)
    for day, days in Counter(round(log(factor) * _BINS) for factor in factors).items():
        for shift, share in lucks.items():
            for rate, number in plain.items():
                hours[max(rate + day + shift, _FAINT)] += number / 24 * days / len(factors) * share
    return hours


def counts(rate: float) -> list[float]:
    """Return the chances of 0, 1, 2 … reports in the last quarter of an hour at a rate (a minute), clumps included (Panjer's recursion)."""
    clumps = [rate * each for each in _CLUMPS]
    chances = [exp(-sum(clumps))]
    while len(chances) < FLOOR + 40 + 8 * rate * SOON:
        number = len(chances)
        chances.append(sum(each * clumps[each - 1] * chances[-each] for each in range(1, min(number, len(clumps)) + 1)) / number)
    return chances


def _clumps() -> list[float]:
    """Return how many clumps a minute bring 1, 2 … reports into the window, where one begins a minute; children come within the hour."""
    rates = [0.0] * (MOST_MORE + 2)
    for begin in range(-60, SOON):
        inside = (max(0, min(begin + 60, SOON) - max(begin, 0))) / 60
        for more in range(MOST_MORE + 1):
            share = CLUMPED / MOST_MORE if more else 1 - CLUMPED
            for held in range(more + 1):
                rates[held + (begin >= 0)] += share * comb(more, held) * inside**held * (1 - inside) ** (more - held)
    scale = 1 - CLUMPED * (MOST_MORE + 1) / 2
    return [each * scale for each in rates[1:]]


_CLUMPS: Final = _clumps()


def _thresholds(hours: dict[int, float], usual: dict[int, list[float]], strength: int, budget: float) -> dict[int, int]:
    """Return the fewest reports that are an alarm, by rate: the lowest likelihood ratio that keeps the budget."""

    def thresholds(ratio: float) -> dict[int, int]:
        return {each: max(FLOOR, ceil((ratio + (times - 1) * rate * SOON) / log(times))) for each, rate, times in rates}

    def spent(ratio: float) -> float:
        return sum(hours[each] * _WEEK_MINUTES * _alarms(usual[each], least, exp(each / _BINS) / 60) for each, least in thresholds(ratio).items())

    rates = [(each, exp(each / _BINS) / 60, _times(exp(each / _BINS), strength)) for each in hours]
    ratios = [step / 10 for step in range(300)]
    return thresholds(ratios[bisect_left(ratios, True, key=lambda ratio: spent(ratio) <= budget)])


def _times(hourly: float, strength: int) -> float:
    return strength * max(hourly, LEAST if hourly < KINDS["sparse"][1] else 0.0) / hourly


def _alarms(chances: list[float], least: int, rate: float) -> float:
    """Return false alarms a minute: one more comes where one was lacking; the factor is for those that hang together (Aldous' clumping)."""
    if least > len(chances):
        return 0.0
    return rate * chances[least - 1] * max(0.0, 1 - rate * SOON / least)


def _chance(nation: Nation, surge: Planted, lucks: Mapping[int, float], least: Mapping[int, int], usual: Mapping[int, list[float]]) -> float:
    """Return how likely it is found when its first quarter of an hour is over, whatever its day is like."""
    hourly = nation.hourly(surge.regency, surge.topic, surge.start)
    more = (surge.rate - hourly) / 60 * SOON
    missed = 0.0
    for shift, share in lucks.items():
        rate = max(round(log(hourly) * _BINS) + shift, _FAINT)
        below, came = list(accumulate(usual[rate][: least[rate]])), exp(-more)
        for number in range(least[rate]):
            missed += share * came * below[min(least[rate] - number, len(below)) - 1]
            came *= more / (number + 1)
    return 1 - missed
