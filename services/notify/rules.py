"""Who hears of what, by which channel (contracts §6): one row for each. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from schemas.base import Data
from schemas.routing.case_routed_v1 import CaseRouted
from schemas.routing.case_transfer_requested_v1 import CaseTransferRequested
from schemas.routing.case_transferred_v1 import CaseTransferred
from schemas.sla.deadline import Deadline
from schemas.sla.deadline_breached_v1 import DeadlineBreached
from schemas.sla.deadline_warned_v1 import DeadlineWarned
from schemas.sla.escalation import Escalation
from schemas.sla.escalation_raised_v1 import EscalationRaised
from schemas.words import Kind, NoticeChannel, Role
from services.notify.case import Case, Matter


@dataclass(frozen=True, slots=True)
class Rule:
    """An event of type `hears_of` is told to `role` of the agency that `agency` finds in its data, by `channel`."""

    name: str
    hears_of: type[Data]
    agency: Callable[[Any], str]
    role: Role = Role.COORDINATOR
    channel: NoticeChannel = NoticeChannel.MAIL


RULES: Final = (
    Rule("new-case", CaseRouted, lambda routed: routed.owner),
    Rule("transfer-requested", CaseTransferRequested, lambda requested: requested.decider),
    Rule("transferred", CaseTransferred, lambda transferred: transferred.to),
    Rule("warned", DeadlineWarned, lambda warned: warned.agency),
    Rule("breached", DeadlineBreached, lambda breached: breached.agency),
    Rule("escalated", EscalationRaised, lambda raised: raised.to),
)


def needless(data: Data, case: Case) -> str | None:
    """Return why a notice about `data` would be noise, None when it is needed.

    Only a warning can be: its agency handed the case over after it was warned. By time, not by who is owner now, for the
    speakers' topics have no order among each other. A breach stays the agency's own and is told in any case.
    """
    if isinstance(data, DeadlineWarned):
        left = case.left_by(data.agency)
        if left is not None and left >= data.fired_at:
            return "owner_changed"
    return None


def matter_of(data: Data, case: Case) -> Matter:
    """Return what a notice about `data` may tell; of a restricted case nothing that hints at its subject."""
    subject: dict[str, Any] = {}
    if not case.restricted:
        subject = {"kind": case.kind, "category": case.category, "region": case.region}
    return Matter(case.tracking_id, **subject, **_particulars(data))


def _particulars(data: Data) -> dict[str, Any]:
    match data:
        case CaseRouted():
            # The national coordinator has it because others may be the ones reported, not because nobody could be found.
            reserved = data.kind == Kind.WHISTLEBLOWING
            return {"owner": data.owner, "triage": data.triage and not reserved, "reserved": reserved}
        case CaseTransferRequested():
            return {"owner": data.owner, "to": data.to}
        case CaseTransferred():
            return {"owner": data.to, "from_": data.from_}
        case DeadlineWarned() | DeadlineBreached():
            return {**_clock(data), "percent": data.consumed_percent}
        case EscalationRaised():
            return {**_clock(data), "level": data.level}
    raise TypeError(f"notify does not react to {data.TYPE}")


def _clock(data: Deadline | Escalation) -> dict[str, Any]:
    return {"clock": str(data.clock), "agency": data.agency, "due_at": data.due_at}
