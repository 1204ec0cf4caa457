"""Dates, clocks and kinds as people say them, in Indonesian and English. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

_DAYS: Final = {
    "id": ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_MONTHS: Final = {
    "id": ("Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober", "November", "Desember"),
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"),
}
UNITS: Final = (
    (86_400, {"id": ("hari", "hari"), "en": ("day", "days")}),
    (3_600, {"id": ("jam", "jam"), "en": ("hour", "hours")}),
    (60, {"id": ("menit", "menit"), "en": ("minute", "minutes")}),
)
OFFICES: Final[Mapping[str, Mapping[str, str]]] = {
    "id": {"coordinator": "admin koordinator {}", "operations": "petugas operasional Salur"},
    "en": {"coordinator": "the coordinator of {}", "operations": "those who run Salur"},
}
"""Whom a notice was meant for, by role."""
CLOCKS: Final[Mapping[str, Mapping[str, str]]] = {
    "id": {
        "verification": "verifikasi",
        "follow_up": "tindak lanjut",
        "resolution": "penyelesaian",
        "decision": "keputusan pelimpahan",
        "completion": "kelengkapan informasi",
        "reply": "tanggapan pelapor",
    },
    "en": {
        "verification": "verification",
        "follow_up": "first follow-up",
        "resolution": "resolution",
        "decision": "transfer decision",
        "completion": "completion by the reporter",
        "reply": "reply by the reporter",
    },
}
KINDS: Final[Mapping[str, Mapping[str, str]]] = {
    "id": {
        "complaint": "Pengaduan",
        "oversight_complaint": "Pengaduan berkadar pengawasan",
        "aspiration": "Aspirasi",
        "information_request": "Permintaan informasi",
        "whistleblowing": "Pengaduan pelanggaran (WBS)",
    },
    "en": {
        "complaint": "Complaint",
        "oversight_complaint": "Oversight complaint",
        "aspiration": "Aspiration",
        "information_request": "Information request",
        "whistleblowing": "Whistle-blowing",
    },
}


def moment(at: datetime, zone: str, language: str) -> str:
    """Return an instant in a zone's local time in words: `Kamis, 10 April 2025 pukul 23.59 WIB`; seconds are left out."""
    day, clock = day_and_hour(at, zone, language)
    return f"{day} {clock}"


def day_and_hour(at: datetime, zone: str, language: str) -> tuple[str, str]:
    """Return the two halves of `moment`: `Kamis, 10 April 2025` and `pukul 23.59 WIB`."""
    local = at.astimezone(ZoneInfo(zone))
    day = f"{_DAYS[language][local.weekday()]}, {date_words(at, zone, language)}"
    return day, f"pukul {local:%H.%M} {local.tzname()}" if language == "id" else f"at {local:%H:%M} {local.tzname()}"


def date_words(at: datetime, zone: str, language: str) -> str:
    """Return the local date of an instant in words: `10 April 2025`."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local.day} {_MONTHS[language][local.month - 1]} {local.year}"


def distance(now: datetime, then: datetime, language: str, units: int = 1) -> str:
    """Return how far two instants are apart, rounded down to so many units: `2 hari`, `5 jam`, `3 menit`; with two, `5 jam 55 menit`."""
    seconds = max(int(abs((then - now).total_seconds())), UNITS[-1][0])
    words: list[str] = []
    for size, names in UNITS:
        number, seconds = divmod(seconds, size)
        if number and len(words) < units:
            words.append(f"{number} {names[language][0 if number == 1 else 1]}")
        elif words:
            break  # the next unit stands beside the first one, or none: nobody says "2 days 5 minutes"
    return " ".join(words)


def one_line(text: str) -> str:
    """Return text as one line that a header can hold: white space of any sort is one space, other control characters go."""
    return "".join(letter for letter in " ".join(text.split()) if letter.isprintable())
