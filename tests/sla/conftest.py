"""A case under its clocks: the shipped directory, calendar and policies, timers that fire when told to, and short ways to say what happens."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from schemas.base import Data, Decision, Event, TimerDue
from schemas.routing.case_acknowledged_v1 import CaseAcknowledged
from schemas.routing.case_archived_v1 import CaseArchived
from schemas.routing.case_closed_v1 import CaseClosed
from schemas.routing.case_deferred_v1 import CaseDeferred
from schemas.routing.case_extended_v1 import CaseExtended
from schemas.routing.case_followed_up_v1 import CaseFollowedUp
from schemas.routing.case_handed_down_v1 import CaseHandedDown
from schemas.routing.case_reclassified_v1 import CaseReclassified
from schemas.routing.case_referred_v1 import CaseReferred
from schemas.routing.case_reopened_v1 import CaseReopened
from schemas.routing.case_replied_v1 import CaseReplied
from schemas.routing.case_resumed_v1 import CaseResumed
from schemas.routing.case_routed_v1 import CaseRouted
from schemas.routing.case_transfer_requested_v1 import CaseTransferRequested
from schemas.routing.case_transferred_v1 import CaseTransferred
from schemas.routing.case_verified_v1 import CaseVerified
from schemas.routing.case_withdrawn_v1 import CaseWithdrawn
from schemas.words import Clock
from services.sla.clocks import Arm, Case, Disarm, Tally
from services.sla.directory import Directory, Reference
from services.sla.domain import decide
from services.sla.policies import read_policies
from services.sla.reference_data import default_policies, national_calendar
from services.sla.store import pack, unpack

CASE = UUID("01963c2f-0000-8000-8000-000000000001")
TRACKING = "7K3M-9QWD-2F5H"
DATA = Path(__file__).parents[2] / "data"
WIB = ZoneInfo("Asia/Jakarta")
OFFICE = {"agency": "35.22", "role": "coordinator"}


def wib(text: str) -> datetime:
    """A moment in Jakarta: `2025-03-27 10:15`."""
    return datetime.fromisoformat(text).replace(tzinfo=WIB)


LONG_AGO = wib("2000-01-01 00:00")
FAR = wib("2026-08-01 00:00")
"""When everything that these tests begin has long ended."""


@dataclass
class Life:
    """One case's life: facts of routing come in, timers fall due, and everything said is kept in order.

    Of the clocks in `hushed` nothing is told, and their timers never go off: a test is about the others.
    """

    reference: Reference
    owner: str = "35.22"
    kind: str = "complaint"
    state: Case | None = None
    said: list[Data] = field(default_factory=list)
    heard: list[tuple[Event[Data], datetime]] = field(default_factory=list)
    timers: dict[str, Arm] = field(default_factory=dict)
    tallies: list[Tally] = field(default_factory=list)
    restricted: list[bool] = field(default_factory=list)
    sequence: int = 0
    where: str = "verification"
    """The state of the case, as routing said it last."""
    fired_at: datetime = LONG_AGO
    waited: bool = False
    """Whether the last event waits for an earlier one."""
    hushed: frozenset[Clock] = frozenset()

    def hear(self, event: Event[Any], at: datetime) -> list[Data]:
        """Decide on an event as the chassis does: state through its bytes, timers into their table."""
        if self.state is not None:
            self.state = unpack(CASE, self.state.owner, pack(self.state))
        decision: Decision[Case] = decide(self.state, event, at, self.reference)
        self.waited = decision.wait
        self.heard.append((event, at))
        self.state = decision.state
        said = [data for data in decision.events if data.clock not in self.hushed]  # type: ignore[attr-defined]
        self.said += said
        self.restricted.append(decision.restricted)
        for effect in {effect.key: effect for effect in decision.effects}.values():
            if isinstance(effect, Arm) and effect.clock not in self.hushed:
                self.timers[effect.clock] = effect
            elif isinstance(effect, Disarm):
                self.timers.pop(effect.clock, None)
            elif isinstance(effect, Tally):
                self.tallies.append(effect)
        return said

    def fact(self, said: type[Data], at: datetime, **more: Any) -> list[Data]:
        """Let routing say something."""
        self.sequence += 1
        facts = {"case_id": CASE, "tracking_id": TRACKING, "state": self.where, "owner": self.owner, "by": "system"} | more
        self.where = str(facts["state"])
        event: Event[Data] = Event(f"fact-{self.sequence}", "urn:salur:routing", said.TYPE, at, said.model_validate(facts), sequence=self.sequence)
        return self.hear(event, at)

    def routed(self, at: datetime, accepted_at: datetime | None = None) -> list[Data]:
        rest = {"level": "regency", "triage": False, "rule": "r", "rules_version": "1", "because": [], "kind": self.kind, "category": "other"}
        return self.fact(
            CaseRouted,
            at,
            **rest,
            region=None,
            channel="web",
            accepted_at=accepted_at or at,
            anonymous=False,
            confidential=False,
            publisher="urn:test",
        )

    def verified(self, at: datetime) -> list[Data]:
        return self.fact(CaseVerified, at, state="verified")

    def followed_up(self, at: datetime, *, final: bool = True) -> list[Data]:
        return self.fact(CaseFollowedUp, at, state="followed_up", final=final, followed_up_at=at)

    def transferred(self, at: datetime, to: str, *, decided_by: str | None = None) -> list[Data]:
        by = None if decided_by is None else {"agency": decided_by, "role": "coordinator"}
        sender, self.owner = self.owner, to
        return self.fact(CaseTransferred, at, state="verification", **{"from": sender}, to=to, hop=1, decided_by=by)

    def transfer_requested(self, at: datetime, decider: str) -> list[Data]:
        return self.fact(CaseTransferRequested, at, state="transfer_requested", decider=decider, to=None, hop=0)

    def closed(self, at: datetime, by: Any = "system") -> list[Data]:
        return self.fact(CaseClosed, at, state="closed", by=by)

    def deferred(self, at: datetime) -> list[Data]:
        return self.fact(CaseDeferred, at, state="waiting_reporter")

    def resumed(self, at: datetime, state: str = "verified") -> list[Data]:
        return self.fact(CaseResumed, at, state=state, by="reporter")

    def replied(self, at: datetime) -> list[Data]:
        return self.fact(CaseReplied, at, state="replied", by="reporter")

    def extended(self, at: datetime, days: int) -> list[Data]:
        return self.fact(CaseExtended, at, days=days)

    def reclassified(self, at: datetime, kind: str) -> list[Data]:
        was, self.kind = self.kind, kind
        return self.fact(CaseReclassified, at, kind=kind, category="other", was_kind=was, was_category="other")

    def archived(self, at: datetime, by: Any = "system") -> list[Data]:
        return self.fact(CaseArchived, at, state="archived", by=by, reason="expired" if by == "system" else "unclear")

    def referred(self, at: datetime) -> list[Data]:
        return self.fact(CaseReferred, at, state="referred", by=OFFICE, to="Ombudsman RI")

    def withdrawn(self, at: datetime) -> list[Data]:
        return self.fact(CaseWithdrawn, at, state="withdrawn", by="reporter")

    def reopened(self, at: datetime) -> list[Data]:
        return self.fact(CaseReopened, at, state="verified", by="reporter")

    def handed_down(self, at: datetime, to: str) -> list[Data]:
        return self.fact(CaseHandedDown, at, to=to)

    def acknowledged(self, at: datetime) -> list[Data]:
        return self.fact(CaseAcknowledged, at)

    def pass_until(self, until: datetime, late: timedelta = timedelta()) -> list[Data]:
        """Let timers fall due up to a moment, each fired `late`; never early, and never before one that was fired already."""
        before = len(self.said)
        while ready := [timer for timer in self.timers.values() if timer.due_at <= until]:
            timer = min(ready, key=lambda timer: timer.due_at)
            del self.timers[timer.clock]
            self.fired_at = max(timer.due_at + late, self.fired_at)
            self.fire(timer, self.fired_at)
        return self.said[before:]

    def fire(self, timer: Arm, at: datetime) -> list[Data]:
        due = TimerDue(clock=timer.clock, kind="next", epoch=timer.epoch, due_at=timer.due_at)
        return self.hear(Event(f"timer-{timer.clock}-{timer.epoch}", "urn:salur:timer", TimerDue.TYPE, timer.due_at, due), at)


def short(said: list[Data]) -> list[str]:
    """What was said, in few words: `warned verification 50`, `raised verification 1 35`."""
    words = []
    for data in said:
        name = data.TYPE.split(".")[2]
        fields = () if name == "breached" else ("consumed_percent", "level", "to")
        more = [value for field in fields if (value := getattr(data, field, None)) is not None]
        words.append(" ".join(map(str, (name, data.clock, *more))))  # type: ignore[attr-defined]
    return words


@cache
def shipped() -> Reference:
    """The reference that comes with the repository; property tests ask for it here, for what is handed to them is printed when they fail."""
    with (DATA / "agencies.csv").open(encoding="utf-8", newline="") as lines:
        directory = Directory.of([{**row, "parent": row["parent"] or None} for row in csv.DictReader(lines)])
    return Reference(directory, read_policies(default_policies()), national_calendar)


@pytest.fixture(scope="session")
def reference() -> Reference:
    return shipped()


@pytest.fixture
def life(reference: Reference) -> Life:
    """A case of whose overall clock nothing is told."""
    return Life(reference, hushed=frozenset({Clock.RESOLUTION}))


@pytest.fixture
def whole(reference: Reference) -> Life:
    """A case of which every clock is told."""
    return Life(reference)
