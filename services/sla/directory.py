"""What sla knows of agencies: in whose zone each works and who stands above it, as routing tells on salur.reference. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from services.sla.calendars import Calendar
from services.sla.policies import Policies

CalendarOf: TypeAlias = Callable[[str], Calendar]
"""The calendar by the wall clock of a zone; the same object for the same zone."""

NATIONAL: Final = "ID"
"""The code of the national coordinator, the root of the tree (contracts §4)."""
HIGHEST_LEVEL: Final = 16
"""No tree is deeper: a circle in the directory must not climb for ever."""
ZONE: Final = "Asia/Jakarta"
"""The zone of the national coordinator: where nothing nearer is known."""


@dataclass(frozen=True, slots=True)
class Agency:
    """A node of the tree."""

    code: str
    name: str
    level: str
    parent: str | None
    zone: str


_ROOT: Final = Agency(NATIONAL, NATIONAL, "national", None, ZONE)


@dataclass(frozen=True, slots=True)
class Directory:
    """The agencies by code; every look-up costs the same, whatever their number."""

    agencies: Mapping[str, Agency]

    @classmethod
    def of(cls, records: Iterable[Mapping[str, Any]]) -> Directory:
        """Return the directory that the data of `reference.agency` records make."""
        names = ("code", "name", "level", "parent", "zone")
        return cls({record["code"]: Agency(*(record[name] for name in names)) for record in records})

    def find(self, code: str) -> Agency:
        """Return an agency; one that is not known (yet) is judged by the nearest known one that its code names, the root last."""
        found = self.agencies.get(code)
        if found is None:
            known = next((self.agencies[each] for each in _above(code) if each in self.agencies), _ROOT)
            found = Agency(code, code, known.level, known.code if known.code != code else None, known.zone)
        return found

    def above(self, code: str) -> tuple[Agency, ...]:
        """Return the agencies above `code`, the nearest first; empty at the top."""
        chain: list[Agency] = []
        parent = self.find(code).parent
        while parent is not None and len(chain) < HIGHEST_LEVEL:
            chain.append(self.find(parent))
            parent = chain[-1].parent
        return tuple(chain)


@dataclass(frozen=True, slots=True)
class Reference:
    """All that sla decides with: the directory, the policies, and their calendar."""

    directory: Directory
    policies: Policies
    calendar: CalendarOf


def _above(code: str) -> Iterator[str]:
    """Yield the codes that contain `code`, the longest first: `35.22/dinas` → `35.22`, `35`, `ID`."""
    while code:
        cut = max(code.rfind("/"), code.rfind("."))
        code = code[:cut] if cut > 0 else ""
        if code:
            yield code
    yield NATIONAL
