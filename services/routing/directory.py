"""The tree of agencies: who is above whom, who governs a region, who is meant by a code or a name. Pure."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from io import StringIO
from typing import Final

from schemas.words import Level

NATIONAL: Final = "ID"
"""The code of the national coordinator, the root of the tree (contracts §4)."""

_REGION: Final = re.compile(r"[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?")
_NOT_A_WORD: Final = re.compile(r"[\W_]+")
_PARENTS: Final[Mapping[Level, frozenset[Level | None]]] = {
    Level.NATIONAL: frozenset({None}),
    Level.MINISTRY: frozenset({Level.NATIONAL}),
    Level.STATE_COMPANY: frozenset({Level.NATIONAL}),
    Level.PROVINCE: frozenset({Level.NATIONAL}),
    Level.REGENCY: frozenset({Level.PROVINCE}),
    Level.UNIT: frozenset({Level.MINISTRY, Level.STATE_COMPANY, Level.PROVINCE, Level.REGENCY, Level.UNIT}),
}


class DirectoryError(Exception):
    """A directory that cannot be used; `problems` says every reason, one sentence each."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(self.problems))


@dataclass(frozen=True, slots=True)
class Agency:
    """A node of the tree; valid from `valid_from` up to but without `valid_to`, without either always."""

    code: str
    name: str
    level: Level
    parent: str | None
    zone: str
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Directory:
    """All agencies of one version; every look-up costs the same, whatever their number."""

    version: str
    agencies: Mapping[str, Agency]
    _by_name: Mapping[str, Agency | None] = field(repr=False)

    @classmethod
    def of(cls, agencies: Iterable[Agency], version: str) -> Directory:
        """Return the directory of `agencies`, or raise DirectoryError with all that is wrong with them."""
        listed = tuple(agencies)
        by_code = {agency.code: agency for agency in listed}
        if problems := tuple(_problems(listed, by_code)):
            raise DirectoryError(problems)
        by_name: dict[str, Agency | None] = {}
        for agency in listed:
            name = normalised(agency.name)
            # two agencies of one name: nobody can say which is meant, so neither is
            by_name[name] = None if name in by_name else agency
        return cls(version, by_code, by_name)

    def __iter__(self) -> Iterator[Agency]:
        return iter(self.agencies.values())

    def __len__(self) -> int:
        return len(self.agencies)

    def get(self, code: str) -> Agency | None:
        """Return the agency of exactly this code."""
        return self.agencies.get(code)

    def find(self, given: str) -> Agency | None:
        """Return the agency that `given` means: its code or its whole name, in any case, spacing and punctuation."""
        return self.agencies.get(given.strip()) or self._by_name.get(normalised(given))

    def above(self, code: str) -> tuple[Agency, ...]:
        """Return the agencies above `code`, the nearest first; empty at the top and for an unknown code."""
        chain: list[Agency] = []
        agency = self.agencies.get(code)
        while agency is not None and agency.parent is not None:
            agency = self.agencies[agency.parent]
            chain.append(agency)
        return tuple(chain)

    def coordinator_above(self, code: str) -> Agency:
        """Return who coordinates one level above `code`: unit → regency → province → national, which has itself above it."""
        agency = self.agencies.get(code)
        parent = None if agency is None else agency.parent
        return self.agencies[NATIONAL if parent is None else parent]

    def coordinator_of(self, region: str | None) -> Agency:
        """Return who coordinates a case of `region` until its owner is known: the province, else the national coordinator."""
        province = None if region is None else self.agencies.get(region[:2])
        return self.agencies[NATIONAL] if province is None else province

    def government_of(self, region: str) -> Agency | None:
        """Return who governs `region`: the regency of the longest known prefix of its code, else the province, else None."""
        return next((agency for prefix in prefixes(region) if (agency := self.agencies.get(prefix)) is not None), None)

    def unit_of(self, region: str, slug: str) -> Agency | None:
        """Return the unit `slug` of the government of `region`, or that government itself when it lists no such unit."""
        government = self.government_of(region)
        return None if government is None else self.agencies.get(f"{government.code}/{slug}", government)

    def zone(self, code: str) -> str:
        """Return the IANA zone in which `code` works; raises KeyError for an unknown code."""
        return self.agencies[code].zone


def read_csv(text: str, version: str) -> Directory:
    """Read a directory from CSV: code, name, level, parent, zone, valid_from, valid_to; raises DirectoryError."""
    agencies, problems = [], []
    for number, row in enumerate(csv.DictReader(StringIO(text)), start=2):
        try:
            agencies.append(_agency(row))
        except (KeyError, ValueError) as error:
            problems.append(f"line {number}: {error}")
    if problems:
        raise DirectoryError(problems)
    return Directory.of(agencies, version)


def prefixes(code: str) -> Iterator[str]:
    """Yield a dotted code and all that contain it, the longest first: `35.22.15`, `35.22`, `35`."""
    while code:
        yield code
        code = code.rpartition(".")[0]


def is_region(code: str) -> bool:
    """Say whether `code` has the form of a Kemendagri code."""
    return _REGION.fullmatch(code) is not None


def normalised(name: str) -> str:
    """Return what of a name counts when two are compared: its letters and digits, in one case, words apart by one space."""
    return _NOT_A_WORD.sub(" ", name.casefold()).strip()


def _agency(row: Mapping[str, str]) -> Agency:
    return Agency(
        code=row["code"],
        name=row["name"],
        level=Level(row["level"]),
        parent=row["parent"] or None,
        zone=row["zone"],
        valid_from=date.fromisoformat(row["valid_from"]) if row["valid_from"] else None,
        valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
    )


def _problems(listed: tuple[Agency, ...], by_code: Mapping[str, Agency]) -> Iterator[str]:
    times = Counter(agency.code for agency in listed)
    yield from (f"{code} is listed {count} times" for code, count in times.items() if count > 1)
    if NATIONAL not in by_code:
        yield f"the national coordinator {NATIONAL} is missing"
    for agency in by_code.values():
        parent = None if agency.parent is None else by_code.get(agency.parent)
        if agency.parent is not None and parent is None:
            yield f"{agency.code}: its parent {agency.parent} is not listed"
        elif (None if parent is None else parent.level) not in _PARENTS[agency.level]:
            yield f"{agency.code}: a {agency.level} cannot stand below {agency.parent or 'nobody'}"
        elif agency.level is Level.NATIONAL and agency.code != NATIONAL:
            yield f"{agency.code}: only {NATIONAL} stands at the top"
        elif agency.level is Level.UNIT and not agency.code.startswith(f"{agency.parent}/"):
            # the code holds its parent's, so units cannot stand in a circle
            yield f"{agency.code}: the code of a unit is its parent's, a slash and a slug"
