"""sla's words for people: Indonesian dates, names of clocks, and the reasons of a deadline as sentences. Pure."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from schemas.words import Clock
from services.sla.because import Step, StepKind
from services.sla.worktime import Budget

_DAYS: Final = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
_MONTHS: Final = ("Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober", "November", "Desember")
_ZONES: Final = {"Asia/Jakarta": "WIB", "Asia/Pontianak": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}

CLOCKS: Final = {
    Clock.VERIFICATION: "verifikasi",
    Clock.FOLLOW_UP: "tindak lanjut pertama",
    Clock.DECISION: "penetapan instansi oleh koordinator",
    Clock.REPLY: "tanggapan pelapor",
}

_CLOSED: Final = {
    "Monday": "bukan hari kerja (Senin)",
    "Tuesday": "bukan hari kerja (Selasa)",
    "Wednesday": "bukan hari kerja (Rabu)",
    "Thursday": "bukan hari kerja (Kamis)",
    "Friday": "bukan hari kerja (Jumat)",
    "Saturday": "bukan hari kerja (Sabtu)",
    "Sunday": "bukan hari kerja (Minggu)",
    "closed by an exception": "tutup menurut pengecualian kalender",
    "holiday": "hari libur",
}

_STEPS: Final = {
    StepKind.CALENDAR: "Kalender kerja {reason} menurut waktu {on}.",
    StepKind.DAY_ZERO: "{on} adalah hari ke-0.",
    StepKind.MOVED: "Permulaan jatuh pada hari tutup dan bergeser ke jam buka berikutnya, {on}.",
    StepKind.CLOSED: "{on} tidak dihitung: {reason}.",
    StepKind.PAUSED: "Dihentikan sementara dari {on} sampai {reason}.",
    StepKind.PAUSED_DAY: "{on} tidak dihitung: waktu dihentikan sementara pada akhir harinya.",
    StepKind.COUNTED: "{on} adalah hari ke-{number}.",
    StepKind.WORKED: "{on}: {number} detik kerja.",
    StepKind.UNKNOWN_YEAR: "Hari libur tahun {on} belum ditetapkan dalam versi kalender ini.",
    StepKind.ESTIMATED: "{on} ({reason}) masih perkiraan.",
    StepKind.SHORTENED: "{number} hari lagi sampai {on}.",
    StepKind.DUE: "Tenggat: {on}.",
}


def on_day(day: date) -> str:
    """Return a date in words: `Kamis, 27 Maret 2025`."""
    return f"{_DAYS[day.weekday()]}, {day.day} {_MONTHS[day.month - 1]} {day.year}"


@lru_cache(maxsize=4096)
def at_time(at: datetime, zone: str) -> str:
    """Return an instant in words, by the wall clock of a zone: `Kamis, 27 Maret 2025 pukul 10.15.00 WIB`."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{on_day(local)} pukul {local:%H.%M.%S} {_ZONES.get(zone, zone)}"


def budget_words(budget: Budget) -> str:
    """Return a budget in words: `3 hari kerja`."""
    parts = []
    if budget.calendar_days is not None:
        parts.append(f"{budget.calendar_days} hari kalender")
    if budget.working_days is not None:
        parts.append(f"{budget.working_days} hari kerja")
    if budget.working_time is not None:
        parts.append(f"{budget.working_time.total_seconds():g} detik kerja")
    return " dan ".join(parts)


def step_words(step: Step, zone: str) -> str:
    """Return one step of a reckoning as a sentence."""
    return _STEPS[step.kind].format(on=_moment(step.on, zone), number=step.number, reason=_moment(_CLOSED.get(step.reason, step.reason), zone))


@lru_cache(maxsize=4096)
def breach_words(clock: Clock, due_at: datetime, zone: str) -> str:
    """Return why a breach is told upward."""
    return f"Tenggat {CLOCKS[clock]} terlampaui: {at_time(due_at, zone)}."


def moved_words(at: datetime, budget: Budget, zone: str) -> str:
    """Return why a reply's deadline moved."""
    return f"Instansi menindaklanjuti lagi pada {at_time(at, zone)}; {budget_words(budget)} dihitung sejak itu."


def _moment(text: str, zone: str) -> str:
    """Return a date or an instant of a step in words; other texts as they are."""
    if len(text) < 10 or not text[:4].isdigit() or text[4] != "-":
        return text
    return on_day(date.fromisoformat(text)) if len(text) == 10 else at_time(datetime.fromisoformat(text), zone)
