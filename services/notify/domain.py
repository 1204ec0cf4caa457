"""What notify decides: which notices follow from an event, and what is said of each. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from schemas.base import Data, Decision, Event
from schemas.common import CaseData
from schemas.ids import caused_id
from schemas.notify.notice import Notice as NoticeSaid
from schemas.notify.notice import Recipient
from schemas.notify.notice_delivered_v1 import NoticeDelivered
from schemas.notify.notice_queued_v1 import NoticeQueued
from schemas.notify.notice_suppressed_v1 import NoticeSuppressed
from schemas.notify.notice_undeliverable_v1 import NoticeUndeliverable
from schemas.notify.notice_without_recipient_v1 import NoticeWithoutRecipient
from schemas.routing.case_routed_v1 import CaseRouted
from schemas.routing.case_transferred_v1 import CaseTransferred
from services.notify.case import Case, Notice, NoticeOutcome
from services.notify.offices import Offices
from services.notify.rules import RULES, Rule, matter_of, needless

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
    notices = [notice for rule in RULES if rule.hears_of is type(data) for notice in _notices(rule, case, event, data, at, reference)]
    return Decision(case, tuple(_say(notice) for notice in notices), tuple(notices), restricted=case.restricted)


def _learn(case: Case, data: CaseData, time: datetime) -> Case:
    match data:
        case CaseRouted():
            return replace(case, owner=case.owner or data.owner, kind=str(data.kind), category=data.category, region=data.region)
        case CaseTransferred():
            left = {**dict(case.left), data.from_: time}
            return replace(case, owner=data.to, left=tuple(sorted(left.items())))
    return case


def _notices(rule: Rule, case: Case, event: Event[Data], data: CaseData, at: datetime, offices: Offices) -> Iterator[Notice]:
    """Yield the notice to the office meant, and one to the office that stands in where that one has no address."""
    agency = rule.agency(data)
    reason = needless(data, case)
    told = offices.hears(agency, rule.role)
    intended = (agency, str(rule.role))

    def notice(office: tuple[str, str], state: str, reason: str | None, meant_for: str | None = None) -> Notice:
        return Notice(
            notice_id=_notice_id(event, office, rule, at),
            case_id=data.case_id,
            cause=event.id,
            rule=rule.name,
            channel=str(rule.channel),
            agency=office[0],
            role=office[1],
            state=state,
            reason=reason,
            meant_for=meant_for,
            matter=matter_of(data, case),
            correlationid=event.correlationid or event.id,
            at=at,
        )

    if reason is not None:
        yield notice(intended, SUPPRESSED, reason)
    elif told == intended:
        yield notice(intended, QUEUED, None)
    else:
        yield notice(intended, WITHOUT_RECIPIENT, "no_address")
        if told is not None:
            yield notice(told, QUEUED, None, meant_for=agency)


def _notice_id(event: Event[Data], office: tuple[str, str], rule: Rule, at: datetime) -> UUID:
    return caused_id(f"{event.source}\n{event.id}", f"notice\n{office[0]}\n{office[1]}\n{rule.channel}", at)


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
    ended = NoticeUndeliverable(**said) if data.message_id is None else NoticeDelivered(**said, message_id=data.message_id)
    return Decision(state, (ended,), restricted=state.restricted)
