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
    },
    "en": {
        "complaint": "Complaint",
        "oversight_complaint": "Oversight complaint",
        "aspiration": "Aspiration",
        "information_request": "Information request",
    },
}


def moment(at: datetime, zone: str, language: str) -> str:
    """Return an instant in a zone's local time in words: `Kamis, 10 April 2025 pukul 23.59 WIB`; seconds are left out."""
    local = at.astimezone(ZoneInfo(zone))
    day, month = _DAYS[language][local.weekday()], _MONTHS[language][local.month - 1]
    clock = f"pukul {local:%H.%M}" if language == "id" else f"at {local:%H:%M}"
    return f"{day}, {local.day} {month} {local.year} {clock} {local.tzname()}"


def one_line(text: str) -> str:
    """Return text as one line that a header can hold: white space of any sort is one space, other control characters go."""
    return "".join(letter for letter in " ".join(text.split()) if letter.isprintable())
