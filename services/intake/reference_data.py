"""Categories, regions and the names of agencies as they come with the repository, read from `data/`."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Final

from services.intake.domain import Reference
from services.intake.redaction import words_of

DATA: Final = Path(__file__).resolve().parents[2] / "data"
LISTS: Final = {"categories": ("code", "name", "parent"), "regions": ("code", "name", "level")}
"""The lists that are given out as they are, with the columns that are shown."""
_NAMED: Final = frozenset(("province", "regency"))
"""Regions that offices are named after; districts bear too many names that people bear."""


def read_reference(publisher: str | None, data: Path = DATA) -> Reference:
    """Return what a submission may name; `publisher` stands for every caller while authentication is off.

    Raises OSError or KeyError when a file is not there or lacks a column.
    """
    categories, regions, agencies = (_rows(data / f"{name}.csv") for name in ("categories", "regions", "agencies"))
    names = [*categories, *agencies, *(region for region in regions if region["level"] in _NAMED)]
    return Reference(
        categories=frozenset(row["code"] for row in categories),
        regions=frozenset(row["code"] for row in regions),
        public=frozenset(word for row in names for word in words_of(row["name"])),
        publisher=publisher,
    )


def read_list(name: str, data: Path = DATA) -> list[dict[str, str]]:
    """Return a list as it is given out, empty columns left out; raises OSError or KeyError."""
    return [{column: row[column] for column in LISTS[name] if row[column]} for row in _rows(data / f"{name}.csv")]


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as rows:
        return list(csv.DictReader(rows))
