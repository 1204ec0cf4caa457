"""What sla decides: which clocks a fact starts and ends (contracts §5, Clocks), and what is due when a timer goes off. Pure."""

from __future__ import annotations

from datetime import datetime

from schemas.base import Data, Decision, Event, TimerDue
from schemas.routing.case_closed_v1 import CaseClosed
from schemas.routing.case_event import CaseEvent
from schemas.routing.case_followed_up_v1 import CaseFollowedUp
from schemas.routing.case_routed_v1 import CaseRouted
from schemas.routing.case_transfer_requested_v1 import CaseTransferRequested
from schemas.routing.case_transferred_v1 import CaseTransferred
from schemas.routing.case_verified_v1 import CaseVerified
from schemas.words import Clock
from services.sla.clocks import Case, Standing
from services.sla.directory import Reference
from services.sla.turn import Turn


def decide(state: Case | None, event: Event[Data], at: datetime, reference: Reference) -> Decision[Case]:
    """Return the case's clocks after an event and what is said of them; `at` is the fact's time, for a timer Salur's now.

    What routing said before `case.routed` waits for it; what was decided on before, and a timer of an earlier setting, change
    nothing.
    """
    data = event.data
    if isinstance(data, TimerDue):
        return Decision(None) if state is None else _timer(state, data, at, reference)
    if not isinstance(data, CaseEvent) or event.sequence is None:
        raise TypeError(f"sla cannot judge {data.TYPE} of {event.source}")
    if state is None and not isinstance(data, CaseRouted):
        return Decision(None, wait=True)
    if state is not None and event.sequence <= state.sequence:
        return _unchanged(state)
    return _fact(state, data, event.sequence, at, reference)


def _timer(case: Case, due: TimerDue, at: datetime, reference: Reference) -> Decision[Case]:
    for place, run in enumerate(case.runs):
        if run.epoch == due.epoch and run.clock == due.clock and run.next_at is not None:
            turn = Turn(case, case, at, reference)
            turn.fall_due(place)
            return turn.decision()
    return _unchanged(case)


def _fact(before: Case | None, data: CaseEvent, sequence: int, at: datetime, reference: Reference) -> Decision[Case]:
    if isinstance(data, CaseRouted):
        case = Case(data.case_id, data.tracking_id, data.kind, data.owner) if before is None else before
    else:
        assert before is not None  # it would wait
        case = before
    turn = Turn(before, case._replace(owner=data.owner, sequence=sequence), at, reference)
    if not case.open:
        return turn.decision()
    match data:
        case CaseRouted():
            turn.start(Clock.VERIFICATION, data.owner, data.accepted_at)
        case CaseVerified():
            turn.end(Clock.VERIFICATION, Standing.MET)
            turn.start(Clock.FOLLOW_UP, data.owner, at)
        case CaseTransferRequested():
            turn.end(Clock.VERIFICATION, Standing.MET)
            turn.start(Clock.DECISION, data.decider, at)
        case CaseTransferred():
            _transferred(turn, data, at)
        case CaseFollowedUp():
            turn.end(Clock.FOLLOW_UP, Standing.MET)
            turn.begin_again(Clock.REPLY, data.owner, at)
        case CaseClosed():
            _closed(turn, data)
    return turn.decision()


def _transferred(turn: Turn, data: CaseTransferred, at: datetime) -> None:
    """Let the new owner's verification begin; the sender has met its own when it passed the case on itself."""
    turn.end(Clock.DECISION, Standing.MET)
    turn.end(Clock.VERIFICATION, Standing.MET if data.decided_by is None else Standing.CANCELLED)
    turn.end(Clock.FOLLOW_UP, Standing.CANCELLED)
    turn.start(Clock.VERIFICATION, data.to, at)


def _closed(turn: Turn, data: CaseClosed) -> None:
    """End every clock; the reporter's own was met when it is the reporter that closes."""
    for clock in (Clock.VERIFICATION, Clock.FOLLOW_UP, Clock.DECISION):
        turn.end(clock, Standing.CANCELLED)
    turn.end(Clock.REPLY, Standing.MET if data.by == "reporter" else Standing.CANCELLED)
    turn.close()


def _unchanged(case: Case) -> Decision[Case]:
    return Decision(case, restricted=case.restricted)
