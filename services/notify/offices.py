"""The directory as notify uses it: the tree with names and zones, and which offices have an address. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final

from schemas.words import Role
from services.notify.competence import NOBODY, REGIONAL, Competence

NATIONAL: Final = "ID"
OPERATIONS: Final = "operations"
"""Who runs Salur: an office of the national coordinator that acts on no case, and so is no `Role`."""
CAPITAL_ZONE: Final = "Asia/Jakarta"
_REGENCY: Final = 2
"""How many parts the code of a regency has."""
_STAND_INS: Final[Mapping[str, tuple[str, ...]]] = {
    Role.COORDINATOR: (Role.COORDINATOR, Role.LIAISON),
    Role.LIAISON: (Role.LIAISON, Role.COORDINATOR),
}

Office = tuple[str, str]
"""An agency's code and a role in it."""


@dataclass(frozen=True, slots=True)
class Agency:
    """A node of the directory tree."""

    name: str
    parent: str | None
    zone: str


@dataclass(frozen=True, slots=True)
class Offices:
    """All agencies and all offices with an address, as they are now; an agency not heard of yet is placed by its code.

    `webhooks` are the hosts of those that have a webhook besides their mailbox; `competence` is what routing's rules say.
    """

    agencies: Mapping[str, Agency]
    with_address: AbstractSet[Office]
    webhooks: Mapping[Office, str] = field(default_factory=dict)
    competence: Competence = NOBODY

    def name(self, code: str) -> str:
        """Return an agency's name, its code when it is unknown."""
        agency = self.agencies.get(code)
        return code if agency is None else agency.name

    def zone(self, code: str) -> str:
        """Return the IANA zone in which an agency works, the capital's when it is unknown."""
        agency = self.agencies.get(code)
        return CAPITAL_ZONE if agency is None else agency.zone

    def upward(self, code: str) -> Iterator[str]:
        """Yield an agency and those above it, the nearest first, the national coordinator last."""
        seen = set()
        at: str | None = code
        while at is not None and at not in seen:
            seen.add(at)
            yield at
            at = self._parent(at)
        if NATIONAL not in seen:
            yield NATIONAL

    def above(self, code: str) -> str:
        """Return the agency above one; the national coordinator has nobody above and stands above itself."""
        return next((each for each in self.upward(code) if each != code), code)

    def government(self, region: str) -> str:
        """Return the agency that governs a region: the nearest that the directory knows by its code, else the regency's."""
        parts = region.split(".")
        codes = [".".join(parts[:depth]) for depth in range(len(parts), 0, -1)]
        return next((code for code in codes if code in self.agencies), ".".join(parts[:_REGENCY]))

    def competent(self, category: str, region: str) -> str | None:
        """Return the agency that the rules of routing name for complaints of a category in a region, None where they name none."""
        to = self.competence.names(category, region)
        place, _, unit = (to or "").partition("/")
        if to is None or place != REGIONAL:
            return to
        government = self.government(region)
        known = unit and f"{government}/{unit}" in self.agencies
        return f"{government}/{unit}" if known else government

    def hears(self, agency: str, role: str) -> Office | None:
        """Return the office that is told: the one meant, another role of the agency, the nearest above; None when nobody has an address."""
        if (agency, role) in self.with_address:
            return agency, str(role)
        roles = _STAND_INS.get(role, (role, Role.COORDINATOR))
        candidates = ((code, stand_in) for code in self.upward(agency) for stand_in in roles)
        return next(((code, str(stand_in)) for code, stand_in in candidates if (code, stand_in) in self.with_address), None)

    def _parent(self, code: str) -> str | None:
        agency = self.agencies.get(code)
        if agency is not None:
            return agency.parent
        for mark in "/.":
            if mark in code:
                return code.rpartition(mark)[0]
        return None if code == NATIONAL else NATIONAL
