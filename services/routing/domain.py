"""What routing decides: a case's first owner, and what each action does to it. Pure.

The workflow's table says which action is allowed, by whom and where it leads; a deed below only says what the action does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from schemas.base import Answer, Data, Decision, Event, Problem
from schemas.common import Actor, By
from schemas.inbound.action import Action, ActingPerson
from schemas.inbound.case_close_v1 import CaseClose
from schemas.inbound.case_decide_transfer_v1 import CaseDecideTransfer
from schemas.inbound.case_follow_up_v1 import CaseFollowUp
from schemas.inbound.case_transfer_v1 import CaseTransfer
from schemas.inbound.case_verify_v1 import CaseVerify
from schemas.intake.complaint_accepted_v1 import ComplaintAccepted
from schemas.routing.case_closed_v1 import CaseClosed
from schemas.routing.case_event import CaseEvent
from schemas.routing.case_followed_up_v1 import CaseFollowedUp
from schemas.routing.case_routed_v1 import CaseRouted
from schemas.routing.case_transfer_requested_v1 import CaseTransferRequested
from schemas.routing.case_transferred_v1 import CaseTransferred
from schemas.routing.case_verified_v1 import CaseVerified
from schemas.sla.deadline_elapsed_v1 import DeadlineElapsed
from schemas.words import Clock, Code, Outcome, Role
from services.routing.case import Case, Facts, Hop, Request
from services.routing.directory import Agency, Directory
from services.routing.rules import Question, Rules
from services.routing.workflow import ROWS, START, Row, Standing, allowed, fits, may, outcome


@dataclass(frozen=True, slots=True)
class Reference:
    """What decisions rest on: the tree of agencies, the rules, and after how many transfers a coordinator must decide."""

    directory: Directory
    rules: Rules
    hop_limit: int = 3


def decide(state: Case | None, event: Event[Data], at: datetime, reference: Reference) -> Decision[Case]:
    """Return the case's new state and what is said of it; `at` is when the fact happened.

    A repeated `complaint.accepted` changes nothing; whatever else comes before it waits. A refused action says nothing.
    """
    data = event.data
    if isinstance(data, ComplaintAccepted):
        return _first_owner(data, at, reference) if state is None else _unchanged(state)
    if state is None:
        return Decision(None, wait=True)
    if isinstance(data, DeadlineElapsed):
        return _elapsed(state, data)
    if isinstance(data, Action):
        row = ROWS[type(data)]
        return _refusal(state, row, data, reference) or _DEEDS[type(data)](state, data, at, reference)
    raise TypeError(f"routing does not react to {data.TYPE}")


def allowed_to(case: Case, by: ActingPerson, reference: Reference) -> tuple[str, ...]:
    """Return the actions that `by` may take on the case now."""
    return allowed(case.state, _standings(case, by, reference.directory), by.role, answered=case.answered)


def decider_of(case: Case, directory: Directory) -> Agency:
    """Return the coordinator that decides, or would decide, a transfer: the level above the holder.

    When that level or a higher one has decided before, this is a second refusal and goes one level up (product rule 1).
    """
    decider = directory.coordinator_above(case.owner)
    decided_by = case.decided_by
    if decided_by is not None and decided_by in (decider.code, *(agency.code for agency in directory.above(decider.code))):
        return directory.coordinator_above(decided_by)
    return decider


def _first_owner(data: ComplaintAccepted, at: datetime, reference: Reference) -> Decision[Case]:
    routed = reference.rules.route(Question(data.kind, data.category, data.region, data.addressed_to))
    case = Case(
        case_id=data.case_id,
        tracking_id=data.tracking_id,
        state=START.leads_to,
        version=1,
        hops=(Hop(routed.owner.code, at),),
        facts=Facts(
            kind=data.kind,
            category=data.category,
            region=data.region,
            channel=data.channel,
            accepted_at=data.accepted_at,
            anonymous=data.anonymous,
            confidential=data.confidential,
            publisher=data.publisher,
        ),
        rule=routed.rule,
        rules_version=reference.rules.version,
        because=routed.because,
        triage=routed.triage,
    )
    said = CaseRouted(
        case_id=data.case_id,
        tracking_id=data.tracking_id,
        state=case.state,
        owner=case.owner,
        by="system",
        level=routed.owner.level,
        triage=case.triage,
        rule=case.rule,
        rules_version=case.rules_version,
        because=case.because,
        kind=data.kind,
        category=data.category,
        region=data.region,
        channel=data.channel,
        accepted_at=data.accepted_at,
        anonymous=data.anonymous,
        confidential=data.confidential,
        publisher=data.publisher,
        directory_version=reference.directory.version,
    )
    return _said(case, said)
