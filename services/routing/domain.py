"""What routing decides: whose a new case is, whether an action may be taken, what becomes of a case by itself. Pure."""

from __future__ import annotations

from datetime import datetime

from schemas.base import Answer, Data, Decision, Event
from schemas.inbound.action import Action
from schemas.intake.complaint_accepted_v1 import ComplaintAccepted
from schemas.routing.case_routed_v1 import CaseRouted
from schemas.words import Code, Kind, Outcome
from services.routing.case import Case, Facts, Hop
from services.routing.change import Refused, head
from services.routing.deeds import DEEDS
from services.routing.happenings import CAUSES, happen
from services.routing.rights import refusal
from services.routing.rules import Question, Reference, Routed
from services.routing.wording import quiet
from services.routing.workflow import FIRST


def decide(state: Case | None, event: Event[Data], at: datetime, reference: Reference) -> Decision[Case]:
    """Return the case's new state and what is said of it; `at` is when the fact happened.

    A repeated `complaint.accepted` changes nothing; whatever else comes before it waits. A refused action says nothing.
    """
    data = event.data
    if isinstance(data, ComplaintAccepted):
        return _first_owner(data, at, reference) if state is None else _unchanged(state)
    if state is None:
        return Decision(None, wait=True)
    if isinstance(data, Action):
        return _act(state, data, at, reference)
    if type(data) in CAUSES:
        done = happen(state, data, at, reference)
        return _unchanged(state) if done is None else Decision(done[0], (done[1],), restricted=done[0].restricted)
    raise TypeError(f"routing does not react to {data.TYPE}")


def _first_owner(data: ComplaintAccepted, at: datetime, reference: Reference) -> Decision[Case]:
    routed = reference.rules.route(Question(data.kind, data.category, data.region, data.addressed_to))
    case = Case(
        case_id=data.case_id,
        tracking_id=data.tracking_id,
        state=FIRST,
        version=1,
        hops=(Hop(routed.owner.code, at),),
        facts=_facts(data),
        rule=routed.rule,
        rules_version=reference.rules.version,
        because=routed.because,
        triage=routed.triage,
        restricted=data.kind == Kind.WHISTLEBLOWING,
    )
    return Decision(case, (_routed(case, routed, data.reply_to, reference),), restricted=case.restricted)


def _facts(data: ComplaintAccepted) -> Facts:
    return Facts(
        kind=data.kind,
        category=data.category,
        region=data.region,
        channel=data.channel,
        accepted_at=data.accepted_at,
        anonymous=data.anonymous,
        confidential=data.confidential,
        publisher=data.publisher,
    )


def _routed(case: Case, routed: Routed, reply_to: str | None, reference: Reference) -> CaseRouted:
    """Say who is the first owner, why, and the facts that clocks and notices need; `reply_to` only travels where there is one."""
    facts = case.facts
    return CaseRouted(
        **head(case, "system"),
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
        **({} if reply_to is None else {"reply_to": reply_to}),
    )


def _act(case: Case, order: Action, at: datetime, reference: Reference) -> Decision[Case]:
    done = refusal(case, order, at, reference) or DEEDS[type(order)](case, quiet(order), at, reference)
    if isinstance(done, Refused):
        answer = Answer(Outcome.REJECTED, done.code, (done.problem,), case.tracking_id)
        return Decision(case, answer=answer, restricted=case.restricted)
    changed, said = done
    accepted = Answer(Outcome.ACCEPTED, Code.OK, tracking_id=case.tracking_id)
    return Decision(changed, (said,), answer=accepted, restricted=changed.restricted)


def _unchanged(case: Case) -> Decision[Case]:
    return Decision(case, restricted=case.restricted)
