"""What categories and regions are called, read from `data/` for people to read in a notice, and whom the rules there name."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import orjson

from chassis.settings import SettingsError
from services.notify.competence import Competence, of_rules
from services.notify.settings import DATA

_DISTRICT: Final = 2


@dataclass(frozen=True, slots=True)
class Names:
    """Names by code; a code without a name stands for itself."""

    categories: Mapping[str, str]
    regions: Mapping[str, str]

    def category(self, code: str) -> str:
        """Return a category's name."""
        return self.categories.get(code, code)

    def region(self, code: str) -> str:
        """Return a region's name with what it lies in, the smallest first: `Kecamatan Kedungadem, Kabupaten Bojonegoro, Jawa Timur`."""
        parts = code.split(".")
        codes = [".".join(parts[:depth]) for depth in range(len(parts), 0, -1)]
        return ", ".join(self._region(each) for each in codes if each in self.regions) or code

    def _region(self, code: str) -> str:
        # districts often bear the name of their regency
        return f"{'Kecamatan ' if code.count('.') == _DISTRICT else ''}{self.regions[code]}"


def read_competence(file: Path) -> Competence:
    """Read a file of routing rules; raises SettingsError. What is wrong in it beyond that is routing's to say, which refuses it as a whole."""
    try:
        return of_rules(orjson.loads(file.read_bytes())["rules"])
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise SettingsError(f"SALUR_ROUTING_RULES cannot be read: {file} ({type(error).__name__})") from None


@cache
def shipped_names() -> Names:
    """Return the names that come with the repository."""
    return Names(_read(DATA / "categories.csv"), _read(DATA / "regions.csv"))


def _read(file: Path) -> dict[str, str]:
    with file.open(encoding="utf-8", newline="") as lines:
        return {row["code"]: row["name"] for row in csv.DictReader(lines)}
