"""What each action does to a case once the workflow's table allows it, and what is said of it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from schemas.base import Problem
from schemas.common import Actor, By
from schemas.inbound.action import ActingPerson, Action
from schemas.inbound.case_close_v1 import CaseClose
from schemas.inbound.case_decide_transfer_v1 import CaseDecideTransfer
from schemas.inbound.case_follow_up_v1 import CaseFollowUp
from schemas.inbound.case_transfer_v1 import CaseTransfer
from schemas.inbound.case_verify_v1 import CaseVerify
from schemas.routing.case_closed_v1 import CaseClosed
from schemas.routing.case_event import CaseEvent
from schemas.routing.case_followed_up_v1 import CaseFollowedUp
from schemas.routing.case_transfer_requested_v1 import CaseTransferRequested
from schemas.routing.case_transferred_v1 import CaseTransferred
from schemas.routing.case_verified_v1 import CaseVerified
from schemas.words import Code, Role
from services.routing.case import Case, Hop, Request
from services.routing.directory import Agency, Directory
from services.routing.rules import Reference
from services.routing.workflow import ROWS, outcome

Done = tuple[Case, CaseEvent]
"""The case after an action, and the one thing that is said of it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Why an action is not taken: a code of contracts §3, and what is wrong where in the event."""

    code: Code
    problem: Problem


def decider_of(case: Case, directory: Directory) -> Agency:
    """Return the coordinator that decides, or would decide, a transfer: the level above the holder.

    When that level or a higher one has decided before, this is a second refusal: one level up from there (product rule 1).
    """
    decider = directory.coordinator_above(case.owner)
    if case.decided_by is not None and len(directory.above(case.decided_by)) <= len(directory.above(decider.code)):
        return directory.coordinator_above(case.decided_by)
    return decider


def close(case: Case, by: By) -> Done:
    """End a case that was finally answered; Salur itself does so when the reporter's time to reply is over."""
    changed = _moved(case, CaseClose, CaseClosed)
    return changed, CaseClosed(**_common(changed, by))


def _close(case: Case, order: CaseClose, _at: datetime, _reference: Reference) -> Done:
    return close(case, _actor(order.by))


def _verify(case: Case, order: CaseVerify, _at: datetime, _reference: Reference) -> Done:
    # a coordinator in triage that verifies keeps the case for itself
    changed = _moved(case, CaseVerify, CaseVerified, triage=False)
    return changed, CaseVerified(**_common(changed, _actor(order.by)))


def _follow_up(case: Case, order: CaseFollowUp, at: datetime, _reference: Reference) -> Done:
    changed = _moved(case, CaseFollowUp, CaseFollowedUp, answered=case.answered or order.final, follow_up_version=case.version + 1)
    said = {**_common(changed, _actor(order.by)), "final": order.final, "followed_up_at": at}
    return changed, CaseFollowedUp(**said) if case.facts.silent else CaseFollowedUp(**said, text=order.text)


def _transfer(case: Case, order: CaseTransfer, at: datetime, reference: Reference) -> Done | Refused:
    """Hand the case over at once, or ask the coordinator above when the holder may not choose (any more)."""
    target = None if order.to is None else reference.directory.get(order.to)
    if order.to is not None and target is None:
        return _UNKNOWN_TARGET
    if target is not None and target.code == case.owner:
        return Refused(Code.ILLEGAL_ACTION, Problem("/data/to", "is the owner already"))
    if target is None or case.bound or case.transfers >= reference.hop_limit or case.was_held_by(target.code):
        return _ask(case, order, reference.directory)
    return _hand_over(case, order, target, at)


def _decide_transfer(case: Case, order: CaseDecideTransfer, at: datetime, reference: Reference) -> Done | Refused:
    """Give the case to the agency named, which may be its holder: it is bound from then on."""
    target = reference.directory.get(order.to)
    return _UNKNOWN_TARGET if target is None else _hand_over(case, order, target, at)


def _ask(case: Case, order: CaseTransfer, directory: Directory) -> Done:
    decider = decider_of(case, directory).code
    request = Request(decider, order.to, order.reason, agency=case.owner, role=order.by.role)
    changed = _moved(case, CaseTransfer, CaseTransferRequested, request=request)
    said = _common(changed, _actor(order.by))
    return changed, CaseTransferRequested(**said, decider=decider, to=order.to, hop=case.transfers, reason=order.reason)


def _hand_over(case: Case, order: CaseTransfer | CaseDecideTransfer, target: Agency, at: datetime) -> Done:
    by = _actor(order.by)
    decided = isinstance(order, CaseDecideTransfer)
    # a sender's clock may run behind: nobody leaves before having come
    moment = max(at, case.hops[-1].since)
    changed = _moved(
        case,
        type(order),
        CaseTransferred,
        hops=(*case.hops[:-1], replace(case.hops[-1], until=moment), Hop(target.code, moment, reason=order.reason)),
        triage=False,
        request=None,
        decided_by=order.by.agency if decided else case.decided_by,
        # the new owner must give its own answer
        answered=False,
        follow_up_version=None,
    )
    said = {
        **_common(changed, by),
        "from": case.owner,
        "to": target.code,
        "hop": changed.transfers,
        "decided_by": by if decided else None,
        "reason": order.reason,
    }
    return changed, CaseTransferred(**said)


def _moved(case: Case, order: type[Action], says: type[CaseEvent], **changes: Any) -> Case:
    """Return the case one version on, in the state where the workflow's table leads."""
    return replace(case, state=outcome(ROWS[order], says).leads_to, version=case.version + 1, **changes)


def _common(case: Case, by: By) -> dict[str, Any]:
    return {"case_id": case.case_id, "tracking_id": case.tracking_id, "state": case.state, "owner": case.owner, "by": by}


def _actor(by: ActingPerson) -> By:
    """Return the office that acts; its person's name does not travel."""
    return "reporter" if by.agency is None or by.role is Role.REPORTER else Actor(agency=by.agency, role=by.role)


_UNKNOWN_TARGET: Final = Refused(Code.SCHEMA_VIOLATION, Problem("/data/to", "is not the code of an agency of the directory"))

# each deed takes the order of its own key, which this type cannot say
DEEDS: Final[Mapping[type[Action], Callable[[Case, Any, datetime, Reference], Done | Refused]]] = {
    CaseVerify: _verify,
    CaseTransfer: _transfer,
    CaseDecideTransfer: _decide_transfer,
    CaseFollowUp: _follow_up,
    CaseClose: _close,
}
"""What to do for each row of the workflow's table."""
