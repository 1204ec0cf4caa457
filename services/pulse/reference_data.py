"""What pulse knows beforehand: working days, the zones of regions, and how categories, regions and agencies are called."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from schemas.workdays import Workdays, read_workdays
from services.pulse.baseline import Hours

DATA: Final = Path(__file__).resolve().parents[2] / "data"
CALENDAR: Final = DATA / "calendars" / "id-national.json"
WIB: Final = 7
_OFFSETS: Final = {"Asia/Makassar": 8, "Asia/Jayapura": 9}
"""Hours before UTC; every other zone of Indonesia is WIB. None of them keeps summer time."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Read once at the start."""

    workdays: Workdays
    hours: Hours
    offsets: Mapping[str, int]
    """Of provinces and regencies that are not WIB, and of agencies that are not."""
    names: Mapping[str, str]
    """Of categories, regions and agencies, by code: no two of these are alike but a local government and its region."""

    def offset_h(self, code: str) -> int:
        """Return the offset of a region's or agency's wall clock; of one that is not known, that of what its code names."""
        return self.offsets.get(code.partition("/")[0][:5]) or self.offsets.get(code[:2], WIB)


def read_reference(calendar: Path = CALENDAR, data: Path = DATA) -> Reference:
    """Read the shipped data; raises WorkdaysError or OSError."""
    workdays = read_workdays(calendar.read_text())
    offsets: dict[str, int] = {}
    names: dict[str, str] = {}
    for row in _rows(data / "agencies.csv"):
        names[row["code"]] = row["name"]
    for row in _rows(data / "regions.csv"):
        names[row["code"]] = row["name"]
        if row["zone"] in _OFFSETS and len(row["code"]) <= len("35.22"):
            offsets[row["code"]] = _OFFSETS[row["zone"]]
    for row in _rows(data / "categories.csv"):
        names[row["code"]] = row["name"]
    return Reference(workdays, Hours(workdays), offsets, names)


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(newline="") as lines:
        return list(csv.DictReader(lines))
