"""What notify decides: which notices follow from an event, and what is said of each. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from schemas.base import Data, Decision, Event
from schemas.common import Actor, CaseData
from schemas.notify.notice import Notice as NoticeSaid
from schemas.notify.notice import Recipient
from schemas.notify.notice_acknowledged_v1 import NoticeAcknowledged
from schemas.notify.notice_delivered_v1 import NoticeDelivered
from schemas.notify.notice_queued_v1 import NoticeQueued
from schemas.notify.notice_suppressed_v1 import NoticeSuppressed
from schemas.notify.notice_undeliverable_v1 import NoticeUndeliverable
from schemas.notify.notice_without_recipient_v1 import NoticeWithoutRecipient
from schemas.pulse.silence import Silence
from schemas.pulse.surge import Surge
from schemas.routing.case_acknowledged_v1 import CaseAcknowledged
from schemas.routing.case_event import CaseEvent
from schemas.routing.case_reclassified_v1 import CaseReclassified
from schemas.routing.case_routed_v1 import CaseRouted
from schemas.routing.case_transferred_v1 import CaseTransferred
from schemas.words import Kind
from services.notify.case import Case, Notice, NoticeOutcome
from services.notify.intents import QUEUED, SUPPRESSED, WITHOUT_RECIPIENT, Intent
from services.notify.intents import notices as notices_of
from services.notify.offices import Offices
from services.notify.rules import RULES, Rule, matter_of, needless
from services.notify.status import ended, tell
from services.notify.unusual import tell as tell_unusual

_SAID: Final[Mapping[str, type[NoticeSaid]]] = {QUEUED: NoticeQueued, SUPPRESSED: NoticeSuppressed, WITHOUT_RECIPIENT: NoticeWithoutRecipient}


def decide(state: Case | None, event: Event[Data], at: datetime, reference: Offices) -> Decision[Case]:
    """Return what is now known of the case, the notices that follow, and what is said of each.

    Every event is told by its own facts, whatever came before it: topics have no order among each other.
    """
    data = event.data
    if isinstance(data, NoticeOutcome):
        return _ended(state, event, data)
    if isinstance(data, Surge | Silence):
        unusual, told = tell_unusual(state, event, data, at, reference)
        return Decision(unusual, tuple(_say(notice) for notice in told), told)
    if not isinstance(data, CaseData):
        raise TypeError(f"notify does not react to {data.TYPE}")
    case = _learn(state or Case(data.tracking_id), data, event.time)
    case, seen = _acknowledged(case, data) if isinstance(data, CaseAcknowledged) else (case, ())
    notices = [notice for rule in RULES if rule.hears_of is type(data) for notice in _notices(rule, case, event, data, at, reference)]
    case = case._replace(told=(*case.told, *(notice.told for notice in notices if notice.is_read))) if notices else case
    if isinstance(data, CaseEvent):
        case, status = tell(case, event, data, at)
        notices += status
    return Decision(case, (*seen, *(_say(notice) for notice in notices)), tuple(notices), restricted=case.restricted)


def _learn(case: Case, data: CaseData, time: datetime) -> Case:
    match data:
        case CaseRouted():
            return case._replace(
                owner=case.owner or data.owner,
                kind=case.kind or str(data.kind),
                category=case.category or data.category,
                region=data.region,
                restricted=case.restricted or data.kind == Kind.WHISTLEBLOWING,
                publisher=data.publisher,
                reply_to=data.reply_to,
            )
        case CaseTransferred():
            left = {**dict(case.left), data.from_: time}
            return case._replace(owner=data.to, left=tuple(sorted(left.items())))
        case CaseReclassified():
            restricted = case.restricted or data.kind == Kind.WHISTLEBLOWING
            return case._replace(kind=str(data.kind), category=data.category, restricted=restricted)
    return case


def _notices(rule: Rule, case: Case, event: Event[Data], data: CaseData, at: datetime, offices: Offices) -> Iterator[Notice]:
    """Yield what a rule makes of an event; of a whistle-blowing case by mail alone, for the event would name its subject."""
    intent = Intent(
        case_id=data.case_id,
        rule=rule.name,
        office=(rule.agency(data), str(rule.role)),
        matter=matter_of(data, case),
        channel=rule.channel,
        needless=needless(data, case),
        hooked=not case.restricted,
    )
    return notices_of(intent, event, at, offices)


def _say(notice: Notice) -> Data:
    return _SAID[notice.state](
        case_id=notice.case_id,
        tracking_id=notice.matter.tracking_id,
        notice_id=notice.notice_id,
        cause=notice.cause,
        rule=notice.rule,
        channel=notice.channel,
        recipient=Recipient(agency=notice.agency, role=notice.role),
        reason=notice.reason,
        **_about(notice.matter.about),
    )


def _about(about: str | None) -> dict[str, str]:
    """Return what a notice says besides when it is about no case; what is not about that is left unsaid."""
    return {} if about is None else {"about": about}


def _acknowledged(case: Case, data: CaseAcknowledged) -> tuple[Case, tuple[Data, ...]]:
    """Return what is said of every notice to the office that acted: that it was acknowledged, each once."""
    by = data.by
    seen = [told for told in case.told if isinstance(by, Actor) and (told.agency, told.role) == (by.agency, str(by.role))]
    said = tuple(
        NoticeAcknowledged(
            case_id=data.case_id,
            tracking_id=case.tracking_id,
            notice_id=told.notice_id,
            cause=told.cause,
            rule=told.rule,
            channel=told.channel,
            recipient=Recipient(agency=told.agency, role=told.role),
            reason=None,
        )
        for told in seen
    )
    return case._replace(told=tuple(told for told in case.told if told not in seen)), said


def _ended(state: Case | None, event: Event[Data], data: NoticeOutcome) -> Decision[Case]:
    if state is None or event.subject is None:
        raise LookupError("a notice ended whose case is not known")
    said: dict[str, Any] = {
        "case_id": UUID(event.subject),
        "tracking_id": state.tracking_id,
        "notice_id": data.notice_id,
        "cause": data.cause,
        "rule": data.rule,
        "channel": data.channel,
        "recipient": Recipient(agency=data.agency, role=data.role),
        "reason": data.reason,
        **_about(state.about),
    }
    case, released = (state, ()) if data.turn is None else ended(state, UUID(event.subject), data.turn)
    if data.message_id is not None:
        return Decision(case, (NoticeDelivered(**said, message_id=data.message_id),), released, restricted=case.restricted)
    told = tuple(told for told in case.told if told.notice_id != data.notice_id)  # nobody can act on what never came
    return Decision(case._replace(told=told), (NoticeUndeliverable(**said),), released, restricted=case.restricted)
