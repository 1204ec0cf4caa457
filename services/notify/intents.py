"""Notices made of an intent: to the office meant, or to the one that stands in, by mail and by webhook. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from schemas.base import Data, Event
from schemas.ids import caused_id
from schemas.words import NoticeChannel
from services.notify.case import Matter, Notice
from services.notify.offices import Office, Offices
from services.notify.status import whole

QUEUED: Final = "queued"
SUPPRESSED: Final = "suppressed"
WITHOUT_RECIPIENT: Final = "without_recipient"


class Intent(NamedTuple):
    """An office is to be told of a matter by one channel, because of a rule; with a `needless` it is on purpose not told.

    `hooked` lets an office that has a webhook be told by it too.
    """

    case_id: UUID
    rule: str
    office: Office
    matter: Matter
    channel: NoticeChannel = NoticeChannel.MAIL
    needless: str | None = None
    hooked: bool = True


def notices(intent: Intent, event: Event[Data], at: datetime, offices: Offices) -> Iterator[Notice]:
    """Yield the notice to the office meant, and one to the office that stands in where that one has no address."""
    intended, reason = intent.office, intent.needless
    told = offices.hears(*intended)
    hooked = intended if reason is not None else told

    def notice(office: Office, state: str, reason: str | None, meant_for: str | None = None, channel: str = intent.channel) -> Notice:
        by_webhook = channel == NoticeChannel.WEBHOOK
        return Notice(
            notice_id=_notice_id(event, office, channel, at),
            case_id=intent.case_id,
            cause=event.id,
            rule=intent.rule,
            channel=str(channel),
            agency=office[0],
            role=office[1],
            state=state,
            reason=reason,
            meant_for=meant_for,
            matter=intent.matter,
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
            yield notice(told, QUEUED, None, meant_for=intended[0])
    if hooked is not None and hooked in offices.webhooks and intent.hooked:
        meant_for = None if hooked == intended else intended[0]
        yield notice(hooked, QUEUED if reason is None else SUPPRESSED, reason, meant_for, NoticeChannel.WEBHOOK)


def once_each(intents: Iterable[Intent], event: Event[Data], at: datetime, offices: Offices) -> tuple[Notice, ...]:
    """Return the notices of several intents about one event: an office that would stand in for another and is told anyway is told once."""
    kept: dict[UUID, Notice] = {}
    for intent in intents:
        for notice in notices(intent, event, at, offices):
            there = kept.get(notice.notice_id)
            if there is None or there.meant_for is not None:
                kept[notice.notice_id] = notice
    return tuple(kept.values())


def _notice_id(event: Event[Data], office: Office, channel: str, at: datetime) -> UUID:
    return caused_id(f"{event.source}\n{event.id}", f"notice\n{office[0]}\n{office[1]}\n{channel}", at)
