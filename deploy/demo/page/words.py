"""Names that people read, Indonesian and English, and how numbers and times are written. Pure."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from deploy.demo.settings import WIB

DATA: Final = Path(__file__).parents[3] / "data"
DAYS: Final = ("Sen", "Sel", "Rab", "Kam", "Jum", "Sab", "Min")
MONTHS: Final = ("", "Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des")


class Both(NamedTuple):
    """The same in both languages."""

    id: str
    en: str


CLOCKS: Final[Mapping[str, Both]] = {
    "verification": Both("Verifikasi", "Verification"),
    "follow_up": Both("Tindak lanjut pertama", "First follow-up"),
    "resolution": Both("Penyelesaian", "Resolution"),
    "decision": Both("Keputusan koordinator", "Coordinator's decision"),
    "completion": Both("Kelengkapan dari pelapor", "Reporter's completion"),
    "reply": Both("Tanggapan pelapor", "Reporter's reply"),
}
LEVELS: Final[Mapping[str, Both]] = {
    "national": Both("Koordinator nasional", "National coordinator"),
    "ministry": Both("Kementerian dan lembaga", "Ministries and agencies"),
    "state_company": Both("Badan usaha negara", "State companies"),
    "province": Both("Pemerintah provinsi", "Provinces"),
    "regency": Both("Kabupaten dan kota", "Regencies and cities"),
    "city": Both("Kabupaten dan kota", "Regencies and cities"),
    "unit": Both("Dinas dan unit", "Units of a regency"),
}
OUTCOMES: Final[Mapping[str, Both]] = {
    "system": Both("Dijawab, ditutup sistem", "Answered, closed by the system"),
    "office": Both("Dijawab, ditutup instansi", "Answered, closed by its agency"),
    "reporter": Both("Dijawab, ditutup pelapor", "Answered, closed by the reporter"),
    "archived": Both("Diarsipkan", "Archived"),
    "referred": Both("Diteruskan ke luar", "Referred outside"),
    "withdrawn": Both("Ditarik pelapor", "Withdrawn"),
    "open": Both("Belum selesai", "Still open"),
}
SHORT_PROVINCES: Final = {
    "11": "Aceh", "12": "Sumut", "13": "Sumbar", "14": "Riau", "15": "Jambi", "16": "Sumsel", "17": "Bengk.", "18": "Lampung", "19": "Babel",
    "21": "Kepri", "31": "Jakarta", "32": "Jabar", "33": "Jateng", "34": "DIY", "35": "Jatim", "36": "Banten", "51": "Bali", "52": "NTB",
    "53": "NTT", "61": "Kalbar", "62": "Kalteng", "63": "Kalsel", "64": "Kaltim", "65": "Kaltara", "71": "Sulut", "72": "Sulteng", "73": "Sulsel",
    "74": "Sultra", "75": "Gtalo", "76": "Sulbar", "81": "Maluku", "82": "Malut", "91": "Papua", "92": "Papbar", "93": "Papsel", "94": "Papteng",
    "95": "Papeg", "96": "Papbd",
}  # fmt: skip


@cache
def agencies() -> Mapping[str, tuple[str, str, str]]:
    """Return name, level and parent of each agency, by its code."""
    with (DATA / "agencies.csv").open(encoding="utf-8") as file:
        return {row["code"]: (row["name"], row["level"], row["parent"]) for row in csv.DictReader(file)}


def agency(code: str) -> str:
    """Return the name of an agency, its code when it has none."""
    return agencies().get(code, (code, "", ""))[0]


def short(code: str) -> str:
    """Return a name that fits into a row: without what all of its kind begin or end with."""
    name = agency(code)
    for long, brief in (
        ("Kementerian ", "Kem. "),
        ("Pemerintah ", ""),
        (" Kabupaten Bojonegoro", ""),
        ("Kabupaten ", "Kab. "),
        ("Provinsi ", "Prov. "),
    ):
        name = name.replace(long, brief) if name != long else name
    return name.split(" (")[0]


def level(code: str) -> str:
    """Return the level of an agency; one that the directory does not list counts as a ministry."""
    return agencies().get(code, (code, "ministry", ""))[1]


def moment(at: datetime) -> str:
    """Return a Salur time for people, in Jakarta: `Sen 3 Mar 10.15`."""
    local = at.astimezone(WIB)
    return f"{DAYS[local.weekday()]} {local.day} {MONTHS[local.month]} {local:%H.%M}"


def day(at: datetime) -> str:
    """Return a date for people, in Jakarta: `3 Mar 2025`."""
    local = at.astimezone(WIB)
    return f"{local.day} {MONTHS[local.month]} {local.year}"


def number(value: float, places: int = 0) -> str:
    """Return a number as it is written in Indonesian: 1.234,5."""
    return f"{value:,.{places}f}".translate(str.maketrans(",.", ".,"))


def percent(part: float, whole: float) -> str:
    """Return a share with one place; of nothing there is none."""
    return f"{number(100 * part / whole, 1)} %" if whole else "-"


def seconds(value: float) -> str:
    """Return a short span of real time."""
    return f"{number(value * 1000)} ms" if value < 1 else f"{number(value, 1)} s"
