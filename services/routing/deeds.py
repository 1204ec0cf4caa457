"""What each action does to a case once the workflow's table allows it, and what is said of it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from schemas.base import Problem
from schemas.common import By
from schemas.inbound.action import Action
from schemas.inbound.case_acknowledge_v1 import CaseAcknowledge
from schemas.inbound.case_archive_v1 import CaseArchive
from schemas.inbound.case_close_v1 import CaseClose
from schemas.inbound.case_decide_transfer_v1 import CaseDecideTransfer
from schemas.inbound.case_defer_v1 import CaseDefer
from schemas.inbound.case_extend_v1 import CaseExtend
from schemas.inbound.case_follow_up_v1 import CaseFollowUp
from schemas.inbound.case_hand_down_v1 import CaseHandDown
from schemas.inbound.case_reclassify_v1 import CaseReclassify
from schemas.inbound.case_refer_v1 import CaseRefer
from schemas.inbound.case_reopen_v1 import CaseReopen
from schemas.inbound.case_resume_v1 import CaseResume
from schemas.inbound.case_transfer_v1 import CaseTransfer
from schemas.inbound.case_verify_v1 import CaseVerify
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
from schemas.routing.case_resumed_v1 import CaseResumed
from schemas.routing.case_verified_v1 import CaseVerified
from schemas.words import ArchiveReason, Code, Kind
from services.routing.case import Case, Deferral
from services.routing.change import Done, Refused, actor, change, head
from services.routing.rules import Reference
from services.routing.transfers import UNKNOWN_TARGET, decide_transfer, transfer


def resume(case: Case, by: By, at: datetime) -> Done:
    """Go on where the case was deferred."""
    changed = change(case, CaseResumed, at)
    return changed, CaseResumed(**head(changed, by))


def archive(case: Case, by: By, at: datetime, reason: ArchiveReason) -> Done:
    """Lay a case aside; Salur itself does so when what was asked for never came."""
    changed = change(case, CaseArchived, at)
    return changed, CaseArchived(**head(changed, by), reason=reason)


def close(case: Case, by: By, at: datetime) -> Done:
    """End a case that was finally answered; Salur itself does so when the reporter's time to reply is over."""
    changed = change(case, CaseClosed, at)
    return changed, CaseClosed(**head(changed, by))


def reopen(case: Case, by: By, at: datetime, reason: str | None = None) -> Done:
    """Take a case up again: its owner owes an answer anew, and what was decided about its transfers stands."""
    changed = change(case, CaseReopened, at, triage=False, answered=False)
    said = head(changed, by)
    return changed, CaseReopened(**said) if reason is None else CaseReopened(**said, reason=reason)


def _verify(case: Case, order: CaseVerify, at: datetime, _reference: Reference) -> Done:
    # a coordinator in triage that verifies keeps the case for itself
    changed = change(case, CaseVerified, at, triage=False)
    return changed, CaseVerified(**head(changed, actor(order.by)))


def _defer(case: Case, order: CaseDefer, at: datetime, _reference: Reference) -> Done:
    changed = change(case, CaseDeferred, at, deferral=Deferral(case.state, case.version + 1))
    said = head(changed, actor(order.by))
    return changed, CaseDeferred(**said) if case.silent else CaseDeferred(**said, question=order.question)


def _resume(case: Case, order: CaseResume, at: datetime, _reference: Reference) -> Done:
    return resume(case, actor(order.by), at)


def _hand_down(case: Case, order: CaseHandDown, at: datetime, reference: Reference) -> Done | Refused:
    target = reference.directory.get(order.to)
    if target is None:
        return UNKNOWN_TARGET
    if all(agency.code != case.owner for agency in reference.directory.above(target.code)):
        return Refused(Code.ILLEGAL_ACTION, Problem("/data/to", "is not below the owner"))
    changed = change(case, CaseHandedDown, at)
    return changed, CaseHandedDown(**head(changed, actor(order.by)), to=target.code)


def _follow_up(case: Case, order: CaseFollowUp, at: datetime, _reference: Reference) -> Done:
    changed = change(case, CaseFollowedUp, at, answered=case.answered or order.final, follow_up_version=case.version + 1)
    said = {**head(changed, actor(order.by)), "final": order.final, "followed_up_at": at}
    return changed, CaseFollowedUp(**said) if case.silent else CaseFollowedUp(**said, text=order.text)


def _extend(case: Case, order: CaseExtend, at: datetime, _reference: Reference) -> Done:
    changed = change(case, CaseExtended, at)
    return changed, CaseExtended(**head(changed, actor(order.by)), days=order.days, reason=order.reason)


def _reclassify(case: Case, order: CaseReclassify, at: datetime, reference: Reference) -> Done | Refused:
    """Say what the case is; once whistle-blowing it stays restricted, for what was said of it as such must never come out."""
    if order.category is not None and order.category not in reference.categories:
        return Refused(Code.SCHEMA_VIOLATION, Problem("/data/category", "is not a code of the category tree"))
    was = case.facts
    facts = was._replace(kind=order.kind or was.kind, category=order.category or was.category)
    changed = change(case, CaseReclassified, at, facts=facts, restricted=case.restricted or facts.kind == Kind.WHISTLEBLOWING)
    said = {"kind": facts.kind, "category": facts.category, "was_kind": was.kind, "was_category": was.category, "reason": order.reason}
    return changed, CaseReclassified(**head(changed, actor(order.by)), **said)


def _refer(case: Case, order: CaseRefer, at: datetime, _reference: Reference) -> Done:
    changed = change(case, CaseReferred, at)
    return changed, CaseReferred(**head(changed, actor(order.by)), to=order.to, reason=order.reason)


def _archive(case: Case, order: CaseArchive, at: datetime, _reference: Reference) -> Done:
    return archive(case, actor(order.by), at, order.reason)


def _close(case: Case, order: CaseClose, at: datetime, _reference: Reference) -> Done:
    return close(case, actor(order.by), at)


def _reopen(case: Case, order: CaseReopen, at: datetime, _reference: Reference) -> Done:
    by = actor(order.by)
    # an office's reason travels; a reporter's words only do once intake has redacted them, and these never saw it
    return reopen(case, by, at, None if by == "reporter" else order.reason)


def _acknowledge(case: Case, order: CaseAcknowledge, at: datetime, _reference: Reference) -> Done:
    changed = change(case, CaseAcknowledged, at)
    return changed, CaseAcknowledged(**head(changed, actor(order.by)))


# each deed takes the order of its own key, which this type cannot say
DEEDS: Final[Mapping[type[Action], Callable[[Case, Any, datetime, Reference], Done | Refused]]] = {
    CaseVerify: _verify,
    CaseDefer: _defer,
    CaseResume: _resume,
    CaseTransfer: transfer,
    CaseDecideTransfer: decide_transfer,
    CaseHandDown: _hand_down,
    CaseFollowUp: _follow_up,
    CaseExtend: _extend,
    CaseReclassify: _reclassify,
    CaseRefer: _refer,
    CaseArchive: _archive,
    CaseClose: _close,
    CaseReopen: _reopen,
    CaseAcknowledge: _acknowledge,
}
"""What to do for each row of the workflow's table."""
