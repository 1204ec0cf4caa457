"""sla's words for people, Indonesian and English: dates, names of clocks and kinds, and the reasons of a deadline as sentences. Pure.

Events and escalations speak Indonesian; English is for those who ask for it over HTTP.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from schemas.words import Clock, Kind
from services.sla import phrases
from services.sla.because import Step
from services.sla.phrases import Language
from services.sla.worktime import Budget

_ZONES: Final = {"Asia/Jakarta": "WIB", "Asia/Pontianak": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}


def on_day(day: date, language: Language = Language.ID) -> str:
    """Return a date in words: `Kamis, 27 Maret 2025`."""
    weekdays, months = phrases.WEEKDAYS[language], phrases.MONTHS[language]
    return f"{weekdays[day.weekday()]}, {day.day} {months[day.month - 1]} {day.year}"


@lru_cache(maxsize=4096)
def at_time(at: datetime, zone: str, language: Language = Language.ID) -> str:
    """Return an instant in words, by the wall clock of a zone: `Kamis, 27 Maret 2025 pukul 10.15.00 WIB`."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{on_day(local, language)} {local:{phrases.TIME[language]}} {_ZONES.get(zone, zone)}"


def budget_words(budget: Budget, language: Language = Language.ID) -> str:
    """Return a budget in words: `3 hari kerja`."""
    amounts = {
        "calendar_days": budget.calendar_days,
        "working_days": budget.working_days,
        "working_seconds": None if budget.working_time is None else budget.working_time.total_seconds(),
    }
    return phrases.AND[language].join(_amount(amount, phrases.UNITS[language][unit]) for unit, amount in amounts.items() if amount is not None)


def _amount(amount: float, units: str) -> str:
    return f"{amount:g} {units.removesuffix('s') if amount == 1 else units}"  # of the two languages only English has a plural


def step_words(step: Step, zone: str, language: Language = Language.ID) -> str:
    """Return one step of a reckoning as a sentence."""
    reason = phrases.CLOSED.get(step.reason, step.reason) if language is Language.ID else step.reason
    words = {"on": _moment(step.on, zone, language), "number": step.number, "reason": _moment(reason, zone, language)}
    sentence = phrases.STEPS[language][step.kind].format(**words)
    return sentence[0].upper() + sentence[1:]


def told(language: Language, name: str, **words: object) -> str:
    """Return a sentence of a deadline's story by its name."""
    return phrases.STORY[language][name].format(**words)


@lru_cache(maxsize=4096)
def breach_words(clock: Clock, due_at: datetime, zone: str) -> str:
    """Return why a breach is told upward."""
    return f"Tenggat {phrases.CLOCKS[Language.ID][clock]} terlampaui: {at_time(due_at, zone)}."


def moved_words(at: datetime, budget: Budget, zone: str) -> str:
    """Return why a reply's deadline moved."""
    return f"Instansi menindaklanjuti lagi pada {at_time(at, zone)}; {budget_words(budget)} dihitung sejak itu."


def extended_words(days: int, at: datetime, zone: str) -> str:
    """Return why a deadline moved that its owner took more time for."""
    return f"Waktu penyelesaian diperpanjang {days} hari kerja pada {at_time(at, zone)}."


def reclassified_words(kind: Kind, budget: Budget, at: datetime, zone: str) -> str:
    """Return why a deadline moved whose case is of another kind."""
    word = phrases.KINDS[Language.ID][kind]
    return f"Klasifikasi menjadi {word} pada {at_time(at, zone)}; {budget_words(budget)} dihitung sejak semula."


def _moment(text: str, zone: str, language: Language) -> str:
    """Return a date or an instant of a step in words; other texts as they are."""
    if len(text) < 10 or not text[:4].isdigit() or text[4] != "-":
        return text
    return on_day(date.fromisoformat(text), language) if len(text) == 10 else at_time(datetime.fromisoformat(text), zone, language)
