"""How a case comes to another owner: by its holder, or by the decision of the coordinator above (product rule 1). Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from schemas.base import Problem
from schemas.inbound.case_decide_transfer_v1 import CaseDecideTransfer
from schemas.inbound.case_transfer_v1 import CaseTransfer
from schemas.routing.case_transfer_requested_v1 import CaseTransferRequested
from schemas.routing.case_transferred_v1 import CaseTransferred
from schemas.words import Code
from services.routing.case import Case, Hop, Request
from services.routing.change import Done, Refused, actor, change, head
from services.routing.directory import Agency, Directory
from services.routing.rules import Reference

UNKNOWN_TARGET: Final = Refused(Code.SCHEMA_VIOLATION, Problem("/data/to", "is not the code of an agency of the directory"))


def decider_of(case: Case, directory: Directory) -> Agency:
    """Return the coordinator that decides, or would decide, a transfer: the level above the holder.

    When that level or a higher one has decided before, this is a second refusal: one level up from there (product rule 1).
    """
    decider = directory.coordinator_above(case.owner)
    if case.decided_by is not None and len(directory.above(case.decided_by)) <= len(directory.above(decider.code)):
        return directory.coordinator_above(case.decided_by)
    return decider


def transfer(case: Case, order: CaseTransfer, at: datetime, reference: Reference) -> Done | Refused:
    """Hand the case over at once, or ask the coordinator above when the holder may not choose (any more)."""
    target = None if order.to is None else reference.directory.get(order.to)
    if order.to is not None and target is None:
        return UNKNOWN_TARGET
    if target is not None and target.code == case.owner:
        return Refused(Code.ILLEGAL_ACTION, Problem("/data/to", "is the owner already"))
    if target is None or case.bound or case.transfers >= reference.hop_limit or case.was_held_by(target.code):
        return _ask(case, order, at, reference.directory)
    return _hand_over(case, order, target, at, reference.directory)


def decide_transfer(case: Case, order: CaseDecideTransfer, at: datetime, reference: Reference) -> Done | Refused:
    """Give the case to the agency named, which may be its holder: it is bound from then on."""
    target = reference.directory.get(order.to)
    return UNKNOWN_TARGET if target is None else _hand_over(case, order, target, at, reference.directory)


def _ask(case: Case, order: CaseTransfer, at: datetime, directory: Directory) -> Done:
    decider = decider_of(case, directory).code
    request = Request(decider, order.to, order.reason, agency=case.owner, role=order.by.role)
    changed = change(case, CaseTransferRequested, at, request=request)
    said = head(changed, actor(order.by))
    return changed, CaseTransferRequested(**said, decider=decider, to=order.to, hop=case.transfers, reason=order.reason)


def _hand_over(case: Case, order: CaseTransfer | CaseDecideTransfer, target: Agency, at: datetime, directory: Directory) -> Done:
    by = actor(order.by)
    decided = isinstance(order, CaseDecideTransfer)
    # a sender's clock may run behind: nobody leaves before having come
    moment = max(at, case.hops[-1].since)
    changed = change(
        case,
        CaseTransferred,
        at,
        hops=(*case.hops[:-1], case.hops[-1]._replace(until=moment), Hop(target.code, moment, reason=order.reason)),
        because=(_because(case, order, target, directory),),
        triage=False,
        decided_by=order.by.agency if decided else case.decided_by,
        # the new owner must give its own answer
        answered=False,
        follow_up_version=None,
    )
    said = {
        **head(changed, by),
        "from": case.owner,
        "to": target.code,
        "hop": changed.transfers,
        "decided_by": by if decided else None,
        "reason": order.reason,
    }
    return changed, CaseTransferred(**said)


def _because(case: Case, order: CaseTransfer | CaseDecideTransfer, target: Agency, directory: Directory) -> str:
    """Return why the target has the case now, as a sentence for people."""
    decided = isinstance(order, CaseDecideTransfer)
    code = (order.by.agency if decided else None) or case.owner
    agency = directory.get(code)
    who = code if agency is None else agency.name
    how = f"sebagai koordinator memutuskan {target.name} yang menanganinya" if decided else f"menyerahkannya kepada {target.name}"
    return f"{who} {how}: {order.reason}"
