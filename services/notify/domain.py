"""What notify decides: which notices follow from an event, and what is said of each. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from schemas.base import Data, Decision, Event
from schemas.common import Actor, CaseData
from schemas.ids import caused_id
from schemas.notify.notice import Notice as NoticeSaid
from schemas.notify.notice import Recipient
from schemas.notify.notice_acknowledged_v1 import NoticeAcknowledged
from schemas.notify.notice_delivered_v1 import NoticeDelivered
from schemas.notify.notice_queued_v1 import NoticeQueued
from schemas.notify.notice_suppressed_v1 import NoticeSuppressed
from schemas.notify.notice_undeliverable_v1 import NoticeUndeliverable
from schemas.notify.notice_without_recipient_v1 import NoticeWithoutRecipient
from schemas.routing.case_acknowledged_v1 import CaseAcknowledged
from schemas.routing.case_event import CaseEvent
from schemas.routing.case_reclassified_v1 import CaseReclassified
from schemas.routing.case_routed_v1 import CaseRouted
from schemas.routing.case_transferred_v1 import CaseTransferred
from schemas.words import Kind, NoticeChannel
from services.notify.case import Case, Notice, NoticeOutcome, Told
from services.notify.offices import Offices
from services.notify.rules import RULES, Rule, matter_of, needless
from services.notify.status import ended, tell, whole

QUEUED: Final = "queued"
SUPPRESSED: Final = "suppressed"
WITHOUT_RECIPIENT: Final = "without_recipient"
_SAID: Final[Mapping[str, type[NoticeSaid]]] = {QUEUED: NoticeQueued, SUPPRESSED: NoticeSuppressed, WITHOUT_RECIPIENT: NoticeWithoutRecipient}


def decide(state: Case | None, event: Event[Data], at: datetime, reference: Offices) -> Decision[Case]:
    """Return what is now known of the case, the notices that follow, and what is said of each.

    Every event is told by its own facts, whatever came before it: topics have no order among each other.
    """
    data = event.data
    if isinstance(data, NoticeOutcome):
        return _ended(state, event, data)
    if not isinstance(data, CaseData):
        raise TypeError(f"notify does not react to {data.TYPE}")
    case = _learn(state or Case(data.tracking_id), data, event.time)
    case, seen = _acknowledged(case, data) if isinstance(data, CaseAcknowledged) else (case, ())
    notices = [notice for rule in RULES if rule.hears_of is type(data) for notice in _notices(rule, case, event, data, at, reference)]
    case = replace(case, told=(*case.told, *(_told(notice) for notice in notices if _has_link(notice)))) if notices else case
    if isinstance(data, CaseEvent):
        case, status = tell(case, event, data, at)
        notices += status
    return Decision(case, (*seen, *(_say(notice) for notice in notices)), tuple(notices), restricted=case.restricted)


def _learn(case: Case, data: CaseData, time: datetime) -> Case:
    match data:
        case CaseRouted():
            return replace(
                case,
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
            return replace(case, owner=data.to, left=tuple(sorted(left.items())))
        case CaseReclassified():
            restricted = case.restricted or data.kind == Kind.WHISTLEBLOWING
            return replace(case, kind=str(data.kind), category=data.category, restricted=restricted)
    return case


def _notices(rule: Rule, case: Case, event: Event[Data], data: CaseData, at: datetime, offices: Offices) -> Iterator[Notice]:
    """Yield the notice to the office meant, and one to the office that stands in where that one has no address.

    An office that has a webhook besides is told by it too, but not of a whistle-blowing case: the event would name its subject.
    """
    agency = rule.agency(data)
    reason = needless(data, case)
    told = offices.hears(agency, rule.role)
    intended = (agency, str(rule.role))
    hooked = intended if reason is not None else told

    def notice(office: tuple[str, str], state: str, reason: str | None, meant_for: str | None = None, channel: str = rule.channel) -> Notice:
        by_webhook = channel == NoticeChannel.WEBHOOK
        return Notice(
            notice_id=_notice_id(event, office, channel, at),
            case_id=data.case_id,
            cause=event.id,
            rule=rule.name,
            channel=str(channel),
            agency=office[0],
            role=office[1],
            state=state,
            reason=reason,
            meant_for=meant_for,
            matter=matter_of(data, case),
            correlationid=event.correlationid or event.id,
            at=at,
            body=whole(event) if by_webhook and state == QUEUED else None,
            host=offices.webhooks.get(office) if by_webhook else None,
        )

    if reason is not None:
        yield notice(intended, SUPPRESSED, reason)
    elif told == intended:
        yield notice(intended, QUEUED, None)
    else:
        yield notice(intended, WITHOUT_RECIPIENT, "no_address")
        if told is not None:
            yield notice(told, QUEUED, None, meant_for=agency)
    if hooked is not None and hooked in offices.webhooks and not case.restricted:
        meant_for = None if hooked == intended else agency
        yield notice(hooked, QUEUED if reason is None else SUPPRESSED, reason, meant_for, NoticeChannel.WEBHOOK)


def _notice_id(event: Event[Data], office: tuple[str, str], channel: str, at: datetime) -> UUID:
    return caused_id(f"{event.source}\n{event.id}", f"notice\n{office[0]}\n{office[1]}\n{channel}", at)


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
    )


def _has_link(notice: Notice) -> bool:
    return notice.state == QUEUED and notice.channel == NoticeChannel.MAIL


def _told(notice: Notice) -> Told:
    return Told(notice.notice_id, notice.cause, notice.rule, notice.channel, notice.agency, notice.role)


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
    return replace(case, told=tuple(told for told in case.told if told not in seen)), said


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
    }
    case, released = (state, ()) if data.turn is None else ended(state, UUID(event.subject), data.turn)
    if data.message_id is not None:
        return Decision(case, (NoticeDelivered(**said, message_id=data.message_id),), released, restricted=case.restricted)
    told = tuple(told for told in case.told if told.notice_id != data.notice_id)  # nobody can act on what never came
    return Decision(replace(case, told=told), (NoticeUndeliverable(**said),), released, restricted=case.restricted)
