"""What sla decides: what a fact does to the clocks of its case, and what is due when a timer goes off. Pure."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from schemas.base import Data, Decision, Event, GivenUp, TimerDue
from schemas.routing.case_event import CaseEvent
from schemas.routing.case_reopened_v1 import CaseReopened
from schemas.routing.case_routed_v1 import CaseRouted
from schemas.words import Kind
from services.sla.clocks import Case
from services.sla.directory import NATIONAL, Reference
from services.sla.facts import DEEDS
from services.sla.turn import Turn


def decide(state: Case | None, event: Event[Data], at: datetime, reference: Reference) -> Decision[Case]:
    """Return the case's clocks after an event and what is said of them; `at` is the fact's time, for a timer Salur's now.

    A fact waits for those that routing said before it: a case that becomes a whistle-blower's goes on in another topic, and
    topics have no order among each other. One that an operator gave up counts as said, and changes nothing. Nor does what was
    decided on before, or a timer of an earlier setting.
    """
    data = event.data
    if isinstance(data, TimerDue):
        return Decision(None) if state is None else _timer(state, data, at, reference)
    if isinstance(data, GivenUp) and event.sequence is None:  # none of routing's: nothing waits for it
        return Decision(state, restricted=state is not None and state.restricted)
    if not isinstance(data, CaseEvent | GivenUp) or event.sequence is None:
        raise TypeError(f"sla cannot judge {data.TYPE} of {event.source}")
    if state is None:
        return _first(event, data, at, reference)
    if event.sequence != state.sequence + 1:
        return Decision(state, wait=event.sequence > state.sequence, restricted=state.restricted)
    if isinstance(data, GivenUp):
        return Decision(state._replace(sequence=event.sequence), restricted=state.restricted)
    return _fact(state, state._replace(owner=data.owner, sequence=event.sequence), data, at, reference)


def _first(event: Event[Data], data: CaseEvent | GivenUp, at: datetime, reference: Reference) -> Decision[Case]:
    """Let a case begin with its first fact, or without it when that never comes."""
    if isinstance(data, CaseRouted):
        whistle = data.kind is Kind.WHISTLEBLOWING
        case = Case(data.case_id, data.tracking_id, data.kind, data.owner, sequence=event.sequence or 1, restricted=whistle)
        return _fact(None, case, data, at, reference)
    if isinstance(data, GivenUp) and event.sequence == 1:
        return _unmeasured(event, data, at, reference)
    return Decision(None, wait=True)


def _timer(case: Case, due: TimerDue, at: datetime, reference: Reference) -> Decision[Case]:
    for place, run in enumerate(case.runs):
        if run.epoch == due.epoch and run.clock == due.clock and run.next_at is not None:
            turn = Turn(case, case, at, reference)
            turn.fall_due(place)
            return turn.decision()
    return Decision(case, restricted=case.restricted)


def _unmeasured(event: Event[Data], given_up: GivenUp, at: datetime, reference: Reference) -> Decision[Case]:
    """Let a case begin whose first fact never comes: with what that one said but its clocks, or else as one that is not measured.

    Of what nobody knows the kind of nothing may be told but on salur.restricted.
    """
    if given_up.type == CaseRouted.TYPE and given_up.said is not None:
        said = CaseRouted.model_validate(given_up.said)
        case = Case(said.case_id, said.tracking_id, said.kind, said.owner, sequence=1, restricted=said.kind is Kind.WHISTLEBLOWING)
        return Turn(None, case, at, reference).decision()
    case = Case(UUID(event.subject), event.tracking or "", Kind.COMPLAINT, NATIONAL, open=False, sequence=1, restricted=True)
    return Decision(case, restricted=True)


def _fact(before: Case | None, case: Case, data: CaseEvent, at: datetime, reference: Reference) -> Decision[Case]:
    turn = Turn(before, case, at, reference)
    if case.open or isinstance(data, CaseReopened):
        DEEDS[type(data)](turn, data)
    return turn.decision()
