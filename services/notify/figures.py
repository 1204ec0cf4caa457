"""The numbers behind a surge or silence as people say them, in Indonesian and English. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from schemas.words import SurgeEnd, SurgeRule
from services.notify.case import Figures
from services.notify.wording import UNITS, day_and_hour, distance, moment

_NAMES: Final = ("window", "length", "lasted", "since", "until_when", "observed", "expected", "waiting", "times", "odds", "many_anywhere", "lasting")
WORDS: Final[Mapping[str, None]] = dict.fromkeys((*_NAMES, "peak", "peak_length", "peak_when", "working_days"))
"""Everything that a template may ask for, as it is where there are no such numbers."""
_LEAST: Final = 1
_LEAST_TIMES: Final = 2
"""Of less than one, and below the double, nobody says how many times it is."""
_CERTAIN: Final = 1e-6
"""What is rarer is said as this: further noughts tell nobody more."""
_BETWEEN: Final = {"id": ("sampai", "kurang dari 1", "sekitar"), "en": ("to", "fewer than 1", "about")}


def figure_words(figures: Figures, zone: str, language: str) -> dict[str, Any]:
    """Return the numbers in words of a language, times in a zone; None where one does not apply."""
    of, peak = figures, figures.peak
    usual = of.judged_by != SurgeRule.ABSOLUTE
    return {
        **WORDS,
        "window": span(of.from_, of.until, zone, language),
        "length": length(of.until - of.from_, language),
        "lasted": distance(of.from_, of.until, language, units=2),
        "since": moment(of.from_, zone, language),
        "until_when": moment(of.until, zone, language),
        "observed": number(of.observed, language),
        "expected": roughly(of.expected, language),
        "waiting": number(round(of.expected), language),
        "times": number(round(of.observed / round(of.expected)), language) if usual and _LEAST <= of.expected <= of.observed / _LEAST_TIMES else None,
        "odds": odds(of.chance, language) if usual and of.chance is not None else None,
        "many_anywhere": not usual,
        "lasting": of.ended_by == SurgeEnd.LASTING,
        "peak": None if peak is None else number(peak, language),
        "peak_length": None if of.peak_from is None or of.peak_until is None else length(of.peak_until - of.peak_from, language),
        "peak_when": None if of.peak_from is None or of.peak_until is None else span(of.peak_from, of.peak_until, zone, language),
        "working_days": of.working_days,
    }


def number(value: int, language: str) -> str:
    """Return a whole number with its thousands apart: `1.234` in Indonesian, `1,234` in English."""
    grouped = f"{value:,}"
    return grouped.replace(",", ".") if language == "id" else grouped


def roughly(value: float, language: str) -> str:
    """Return about how many: `sekitar 2`, `kurang dari 1`."""
    _, few, about = _BETWEEN[language]
    return few if value < 1 else f"{about} {number(round(value), language)}"


def odds(chance: float, language: str) -> str:
    """Return a small probability as odds with two figures: `sekitar 1 banding 2.500`, at the least `kurang dari 1 banding 1.000.000`."""
    one = "1 banding" if language == "id" else "1 in"
    if chance < _CERTAIN:
        less = "kurang dari" if language == "id" else "less than"
        return f"{less} {one} {number(round(1 / _CERTAIN), language)}"
    return f"{_BETWEEN[language][2]} {one} {number(int(float(f'{1 / chance:.2g}')), language)}"


def length(span: timedelta, language: str) -> str:
    """Return a stretch of time in the largest unit that measures it whole: `1 jam`, `90 menit`."""
    seconds = max(60, round(span.total_seconds()))
    size, names = next(((size, names) for size, names in UNITS if seconds % size == 0), UNITS[-1])
    count = seconds // size
    return f"{count} {names[language][0 if count == 1 else 1]}"


def span(from_: datetime, until: datetime, zone: str, language: str) -> str:
    """Return a window in words: `Selasa, 10 November 2026 pukul 02.15 WIB sampai 03.15 WIB`, with both days where it has two."""
    (day, clock), (last_day, last_clock) = (day_and_hour(at, zone, language) for at in (from_, until))
    to = _BETWEEN[language][0]
    if day != last_day:
        return f"{day} {clock} {to} {last_day} {last_clock}"
    start = f"{day} {clock}" if language == "id" else f"{day}, {clock.partition(' ')[2]}"
    return f"{start.rpartition(' ')[0]} {to} {last_clock.partition(' ')[2]}"
