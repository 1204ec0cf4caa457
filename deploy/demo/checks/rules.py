"""What a run of a clock is, and the promises, calendars and tree of agencies it is reckoned by. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Final, NamedTuple

from deploy.demo.evidence import Fact
from schemas.words import Clock, Kind
from services.sla.calendars import Calendar
from services.sla.policies import Policies, Policy, read_policies
from services.sla.reference_data import default_policies, national_calendar
from services.sla.worktime import due_at_utc

HIGHEST_LEVEL: Final = 16
Pauses = tuple[tuple[datetime, datetime], ...]


class Span(NamedTuple):
    """A time in which a clock ran by one reckoning."""

    since: datetime
    start: datetime
    due: datetime
    pauses: Pauses
    kind: str


@dataclass(slots=True)
class Run:
    """One run of one clock. `cause` is the id of the fact on which it rests, `ended` how it ended.

    Of a run that must be: `spans` are its reckonings, `missed` the due times that it ran past, `near` how many of its breaches
    may have been said though the fact came in time, for it was on its way.
    """

    case_id: str
    clock: str
    agency: str
    start: datetime
    due: datetime
    cause: str
    ended: str | None = None
    ended_at: datetime | None = None
    breaches: list[Fact] = field(default_factory=list)
    warnings: list[Fact] = field(default_factory=list)
    raised: list[Fact] = field(default_factory=list)
    kind: str = "complaint"
    extra: int = 0
    pauses: Pauses = ()
    paused_at: datetime | None = None
    spans: list[Span] = field(default_factory=list)
    missed: list[datetime] = field(default_factory=list)
    breached: bool = False
    near: int = 0

    def __str__(self) -> str:
        """Name it for a counterexample."""
        return f"{self.clock} of {self.agency} on {self.case_id}, due {self.due:%Y-%m-%d %H:%M:%S}Z"


class Rules:
    """The promises and calendars that a run is reckoned by, and the tree of agencies as `salur.reference` tells it."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._agencies = {fact.data["code"]: fact.data for fact in facts if fact.what == "reference.agency"}

    @cached_property
    def policies(self) -> Policies:
        """Return the policies that come with the repository."""
        return read_policies(default_policies())

    def policy(self, clock: str, kind: str) -> Policy:
        """Return the promise of a clock."""
        return self.policies.of(Clock(clock), Kind(kind))

    def calendar(self, agency: str) -> Calendar:
        """Return the calendar by the wall clock of an agency."""
        return national_calendar(self._agencies[agency]["zone"])

    def due(self, clock: str, kind: str, agency: str, start: datetime, pauses: Pauses = (), extra: int = 0) -> datetime:
        """Return when a clock runs out."""
        policy = self.policy(clock, kind)
        return due_at_utc(start, policy.budget_with(extra), self.calendar(agency), policy.options, pauses).astimezone(UTC)

    def above(self, agency: str) -> list[str]:
        """Return the agencies above, the nearest first."""
        chain: list[str] = []
        while (parent := self._agencies[chain[-1] if chain else agency]["parent"]) is not None and len(chain) < HIGHEST_LEVEL:
            chain.append(parent)
        return chain
