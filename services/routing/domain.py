"""What routing decides: whose a new case is, whether an action may be taken, when a case closes by itself. Pure."""

from __future__ import annotations

from datetime import datetime

from schemas.base import Answer, Data, Decision, Event, Problem
from schemas.inbound.action import ActingPerson, Action
from schemas.inbound.case_close_v1 import CaseClose
from schemas.intake.complaint_accepted_v1 import ComplaintAccepted
from schemas.routing.case_routed_v1 import CaseRouted
from schemas.sla.deadline_elapsed_v1 import DeadlineElapsed
from schemas.words import Clock, Code, Outcome, Role
from services.routing.case import Case, Facts, Hop
from services.routing.deeds import DEEDS, Refused, close, decider_of
from services.routing.directory import Directory
from services.routing.rules import Question, Reference
from services.routing.workflow import ROWS, START, Standing, allowed, fits, may


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
        return _act(state, data, at, reference)
    raise TypeError(f"routing does not react to {data.TYPE}")


def allowed_to(case: Case, by: ActingPerson, directory: Directory) -> tuple[str, ...]:
    """Return the actions that `by` may take on the case now."""
    return allowed(case.state, _standings(case, by, directory), by.role, answered=case.answered)


def _first_owner(data: ComplaintAccepted, at: datetime, reference: Reference) -> Decision[Case]:
    routed = reference.rules.route(Question(data.kind, data.category, data.region, data.addressed_to))
    facts = Facts(
        kind=data.kind,
        category=data.category,
        region=data.region,
        channel=data.channel,
        accepted_at=data.accepted_at,
        anonymous=data.anonymous,
        confidential=data.confidential,
        publisher=data.publisher,
    )
    case = Case(
        case_id=data.case_id,
        tracking_id=data.tracking_id,
        state=START.leads_to,
        version=1,
        hops=(Hop(routed.owner.code, at),),
        facts=facts,
        rule=routed.rule,
        rules_version=reference.rules.version,
        because=routed.because,
        triage=routed.triage,
    )
    said = CaseRouted(
        case_id=case.case_id,
        tracking_id=case.tracking_id,
        state=case.state,
        owner=case.owner,
        by="system",
        level=routed.owner.level,
        triage=case.triage,
        rule=case.rule,
        rules_version=case.rules_version,
        because=case.because,
        kind=facts.kind,
        category=facts.category,
        region=facts.region,
        channel=facts.channel,
        accepted_at=facts.accepted_at,
        anonymous=facts.anonymous,
        confidential=facts.confidential,
        publisher=facts.publisher,
        directory_version=reference.directory.version,
    )
    return Decision(case, (said,), restricted=facts.restricted)


def _elapsed(case: Case, data: DeadlineElapsed) -> Decision[Case]:
    """Close the case when its reporter's time to reply is over, unless it has moved on since that clock was set."""
    current = data.clock == Clock.REPLY and data.basis == case.follow_up_version
    if not current or not fits(ROWS[CaseClose], case.state, answered=case.answered):
        return _unchanged(case)
    case, said = close(case, "system")
    return Decision(case, (said,), restricted=case.facts.restricted)


def _act(case: Case, order: Action, at: datetime, reference: Reference) -> Decision[Case]:
    done = _refusal(case, order, reference.directory) or DEEDS[type(order)](case, order, at, reference)
    if isinstance(done, Refused):
        answer = Answer(Outcome.REJECTED, done.code, (done.problem,), case.tracking_id)
        return Decision(case, answer=answer, restricted=case.facts.restricted)
    changed, said = done
    accepted = Answer(Outcome.ACCEPTED, Code.OK, tracking_id=case.tracking_id)
    return Decision(changed, (said,), answer=accepted, restricted=case.facts.restricted)


def _refusal(case: Case, order: Action, directory: Directory) -> Refused | None:
    row = ROWS[type(order)]
    if not may(row, _standings(case, order.by, directory), order.by.role):
        return Refused(Code.FORBIDDEN_ROLE, Problem("/data/by", f"this office may not {row.action} this case now"))
    if not fits(row, case.state, answered=case.answered):
        after = ", and only after a final follow-up" if row.after_final else ""
        states = ", ".join(sorted(row.allowed_in))
        return Refused(Code.ILLEGAL_ACTION, Problem("", f"{row.action} is allowed in {states}{after}; the case is {case.state}"))
    if order.expected_version is not None and order.expected_version != case.version:
        return Refused(Code.STALE_VERSION, Problem("/data/expected_version", f"the case has moved on to version {case.version}"))
    return None


def _standings(case: Case, by: ActingPerson, directory: Directory) -> frozenset[Standing]:
    """Return what `by` is to the case; one agency may be owner and decider, as the national coordinator is of its own."""
    if by.role is Role.REPORTER:
        return frozenset({Standing.REPORTER})
    decider = decider_of(case, directory).code if case.request is None else case.request.decider
    agencies = {Standing.OWNER: case.owner, Standing.DECIDER: decider}
    return frozenset(standing for standing, agency in agencies.items() if agency == by.agency)


def _unchanged(case: Case) -> Decision[Case]:
    return Decision(case, restricted=case.facts.restricted)
