"""What everything that changes a case has in common: the case one version on, and the head of what is said of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from schemas.base import Problem
from schemas.common import Actor, By
from schemas.inbound.action import ActingPerson
from schemas.routing.case_event import CaseEvent
from schemas.words import Code, Role, State
from services.routing.case import Case
from services.routing.shape import Back
from services.routing.workflow import LEADS_TO, STATES

Done = tuple[Case, CaseEvent]
"""The case after a change, and the one thing that is said of it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Why an action is not taken: a code of contracts §3, and what is wrong where in the event."""

    code: Code
    problem: Problem


def change(case: Case, says: type[CaseEvent], at: datetime, **changes: Any) -> Case:
    """Return the case one version on, in the state where the workflow's table leads; what its old state needed is gone."""
    state = _state_after(case, LEADS_TO[says])
    settled = {
        "state": state,
        "version": case.version + 1,
        "deferral": case.deferral if state is State.WAITING_REPORTER else None,
        "request": case.request if state is State.TRANSFER_REQUESTED else None,
        "ended_at": None if STATES[state].is_open else at,
    }
    return case._replace(**{**settled, **changes})


def head(case: Case, by: By) -> dict[str, Any]:
    """Return the fields that every event of a case's way has."""
    return {"case_id": case.case_id, "tracking_id": case.tracking_id, "state": case.state, "owner": case.owner, "by": by}


def actor(by: ActingPerson) -> By:
    """Return the office that acts; its person's name does not travel."""
    return "reporter" if by.agency is None or by.role is Role.REPORTER else Actor(agency=by.agency, role=by.role)


def _state_after(case: Case, leads_to: State | Back) -> State:
    if leads_to is Back.SAME:
        return case.state
    if leads_to is Back.BEFORE:
        assert case.deferral is not None, "a case that waits for its reporter was deferred"
        return case.deferral.before
    return leads_to
