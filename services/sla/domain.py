"""What sla decides: what a fact does to the clocks of its case, and what is due when a timer goes off. Pure."""

from __future__ import annotations

from datetime import datetime

from schemas.base import Data, Decision, Event, TimerDue
from schemas.routing.case_event import CaseEvent
from schemas.routing.case_reopened_v1 import CaseReopened
from schemas.routing.case_routed_v1 import CaseRouted
from schemas.words import Kind
from services.sla.clocks import Case
from services.sla.directory import Reference
from services.sla.facts import DEEDS
from services.sla.turn import Turn


def decide(state: Case | None, event: Event[Data], at: datetime, reference: Reference) -> Decision[Case]:
    """Return the case's clocks after an event and what is said of them; `at` is the fact's time, for a timer Salur's now.

    A fact waits for those that routing said before it: a case that becomes a whistle-blower's goes on in another topic, and
    topics have no order among each other. What was decided on before, and a timer of an earlier setting, change nothing.
    """
    data = event.data
    if isinstance(data, TimerDue):
        return Decision(None) if state is None else _timer(state, data, at, reference)
    if not isinstance(data, CaseEvent) or event.sequence is None:
        raise TypeError(f"sla cannot judge {data.TYPE} of {event.source}")
    if state is None:
        if not isinstance(data, CaseRouted):
            return Decision(None, wait=True)
        state = Case(data.case_id, data.tracking_id, data.kind, data.owner, restricted=data.kind is Kind.WHISTLEBLOWING)
        return _fact(None, state, data, event.sequence, at, reference)
    if event.sequence <= state.sequence:
        return Decision(state, restricted=state.restricted)
    if event.sequence > state.sequence + 1:
        return Decision(state, wait=True)
    return _fact(state, state, data, event.sequence, at, reference)


def _timer(case: Case, due: TimerDue, at: datetime, reference: Reference) -> Decision[Case]:
    for place, run in enumerate(case.runs):
        if run.epoch == due.epoch and run.clock == due.clock and run.next_at is not None:
            turn = Turn(case, case, at, reference)
            turn.fall_due(place)
            return turn.decision()
    return Decision(case, restricted=case.restricted)


def _fact(before: Case | None, case: Case, data: CaseEvent, sequence: int, at: datetime, reference: Reference) -> Decision[Case]:
    turn = Turn(before, case._replace(owner=data.owner, sequence=sequence), at, reference)
    if case.open or isinstance(data, CaseReopened):
        DEEDS[type(data)](turn, data)
    return turn.decision()
