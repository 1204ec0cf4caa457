"""Categories and regions as they come with the repository, read from `data/`."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Final

from services.intake.domain import Reference

DATA: Final = Path(__file__).resolve().parents[2] / "data"


def read_reference(publisher: str | None, data: Path = DATA) -> Reference:
    """Return the codes that a submission may name; `publisher` stands for every caller while authentication is off.

    Raises OSError or KeyError when a file is not there or has no column `code`.
    """
    return Reference(categories=_codes(data / "categories.csv"), regions=_codes(data / "regions.csv"), publisher=publisher)


def _codes(file: Path) -> frozenset[str]:
    with file.open(encoding="utf-8", newline="") as rows:
        return frozenset(row["code"] for row in csv.DictReader(rows))
