"""One world for all tests of routing: the shipped directory and rules, and short ways to say what happens."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from schemas.base import Data, Decision, Event
from schemas.inbound.action import ActingPerson, Action
from schemas.intake.complaint_accepted_v1 import ComplaintAccepted
from schemas.intake.complaint_supplement_accepted_v1 import ComplaintSupplementAccepted
from schemas.intake.complaint_withdrawal_accepted_v1 import ComplaintWithdrawalAccepted
from schemas.sla.deadline_elapsed_v1 import DeadlineElapsed
from schemas.words import Role
from schemas.workdays import read_workdays
from services.routing.case import Case
from services.routing.directory import Directory, read_csv
from services.routing.domain import decide
from services.routing.rulebook import read_codes, read_rules
from services.routing.rules import Reference, Rules

DATA = Path(__file__).parents[2] / "data"
NOON = datetime(2026, 3, 2, 5, tzinfo=UTC)
CASE = UUID("01963c2f-0000-8000-8000-000000000001")


@dataclass
class World:
    """Time goes on by a minute with each event."""

    directory: Directory
    categories: frozenset[str]
    rules: Rules
    reference: Reference
    _minute: Any = field(default_factory=lambda: count(1))

    def event(self, data: Data, at: datetime | None = None) -> Event[Data]:
        minute = next(self._minute)
        return Event(f"event-{minute}", "urn:test", data.TYPE, at or NOON + timedelta(minutes=minute), data)

    def accepted(self, **facts: Any) -> Event[Data]:
        given = {
            "case_id": CASE,
            "tracking_id": "7K3M-9QWD-2F5H",
            "kind": "complaint",
            "category": "pekerjaan-umum.jalan-berlubang",
            "category_given": None,
            "region": "35.78",
            "addressed_to": None,
            "channel": "web",
            "submitted_at": NOON,
            "accepted_at": NOON,
            "anonymous": False,
            "confidential": False,
            "publisher": "urn:test",
            "external_ref": None,
        }
        return self.event(ComplaintAccepted.model_validate(given | facts))

    def order(
        self, asks: type[Action], agency: str | None, role: str = "coordinator", *, given_at: datetime | None = None, **fields: Any
    ) -> Event[Data]:
        by = ActingPerson(agency=agency, role=Role(role), name="Siti")
        return self.event(asks.model_validate({"case_id": CASE, "by": by, **fields}), given_at)

    def supplement(self, at: datetime | None = None, **text: str) -> Event[Data]:
        return self.event(ComplaintSupplementAccepted(case_id=CASE, tracking_id="7K3M-9QWD-2F5H", **text), at)

    def withdrawal(self) -> Event[Data]:
        return self.event(ComplaintWithdrawalAccepted(case_id=CASE, tracking_id="7K3M-9QWD-2F5H"))

    def elapsed(self, basis: int, clock: str = "reply") -> Event[Data]:
        deadline = DeadlineElapsed(
            case_id=CASE,
            tracking_id="7K3M-9QWD-2F5H",
            clock=clock,
            agency="35.78",
            due_at=NOON,
            policy_version="1",
            calendar_version="1",
            consumed_percent=100,
            fired_at=NOON,
            basis=basis,
        )
        return self.event(deadline)

    def decide(self, case: Case | None, event: Event[Data]) -> Decision[Case]:
        return decide(case, event, event.time, self.reference)

    def case(self, *events: Event[Data], **facts: Any) -> Case:
        """Return the case after it was accepted and these events were taken."""
        case = self.decide(None, self.accepted(**facts)).state
        for event in events:
            decision = self.decide(case, event)
            assert decision.answer.outcome == "accepted", decision.answer
            case = decision.state
        assert case is not None
        return case


@pytest.fixture(scope="session")
def world() -> World:
    directory = read_csv((DATA / "agencies.csv").read_text(encoding="utf-8"), "test")
    categories, regions = (read_codes((DATA / f"{name}.csv").read_text(encoding="utf-8")) for name in ("categories", "regions"))
    rules = read_rules((DATA / "routing-rules" / "default.json").read_text(encoding="utf-8"), directory, categories)
    workdays = read_workdays((DATA / "calendars" / "id-national.json").read_text(encoding="utf-8"))
    return World(directory, categories, rules, Reference(directory, rules, categories, regions, workdays))
