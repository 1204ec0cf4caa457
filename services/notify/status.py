"""Events passed on whole: the stream of a case's status to its publisher, one after the other in routing's sequence. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from schemas.base import Data, Event
from schemas.common import CaseData
from schemas.envelope import Stamp, join
from schemas.ids import caused_id
from schemas.registry import dataschema
from schemas.words import NoticeChannel
from services.notify.case import Case, Matter, Notice, Release, Said, Stream

RULE: Final = "status"
PUBLISHER: Final = "publisher"
"""The role of a publisher in a notice; its agency is the publisher's name, the `source` it publishes under."""
PATIENCE: Final = 8
"""Later events that may wait for one that is missing: it comes by another topic, or an operator gave it up and it never will."""


def whole(event: Event[Any]) -> bytes:
    """Return an event as the structured CloudEvent that it is on its topic."""
    own = {
        "id": event.id,
        "time": f"{event.time.isoformat()[:-6]}Z",
        "subject": event.subject,
        "tracking": event.tracking,
        "sequence": event.sequence,
        "causationid": event.causationid,
        "correlationid": event.correlationid,
        "traceparent": event.traceparent,
    }
    head = _stamp(event.source, event.type).header({name: value for name, value in own.items() if value is not None})
    return join(head, event.data.to_json())


@cache
def _stamp(source: str, type_: str) -> Stamp:
    return Stamp(source, type_, dataschema(type_))


def host_of(url: str) -> str:
    """Return host and port of a URL, by which its receiver is told from others: one that is slow must not delay them."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "?"
    return f"{parts.hostname or ''}:{port or parts.scheme}"


def tell(case: Case, event: Event[Data], data: CaseData, at: datetime) -> tuple[Case, tuple[Notice, ...]]:
    """Return the case and the notices that its publisher gets because of an event of routing, in their order.

    An event that overtook an earlier one waits for it, as does whatever comes before `case.routed`, which says where to.
    """
    if event.sequence is None or (case.publisher is not None and case.reply_to is None):
        return case, ()
    said = Said(event.sequence, event.id, event.source, event.correlationid or event.id, at, whole(event).decode())
    if said.sequence <= case.stream.heard:  # given up on, and here after all
        return case, (_notice(case, data, said, turn=None),)
    early = sorted((*case.stream.early, said), key=lambda each: each.sequence)
    if case.publisher is None:
        return case._replace(stream=replace(case.stream, early=tuple(early[-PATIENCE:]))), ()
    heard, queued, notices = case.stream.heard, case.stream.queued, []
    while early and (early[0].sequence == heard + 1 or len(early) > PATIENCE):
        next_ = early.pop(0)
        heard = next_.sequence
        notices.append(_notice(case, data, next_, turn=heard, held=bool(queued)))
        queued = (*queued, heard)
    return case._replace(stream=Stream(heard, queued, tuple(early))), tuple(notices)


def ended(case: Case, case_id: UUID, turn: int) -> tuple[Case, tuple[Release, ...]]:
    """Return the case after the notice of a turn has ended, and the release of the next one; releasing one again changes nothing."""
    queued = tuple(each for each in case.stream.queued if each != turn)
    releases = (Release(case_id, queued[0]),) if queued else ()
    return case._replace(stream=replace(case.stream, queued=queued)), releases


def _notice(case: Case, data: CaseData, said: Said, *, turn: int | None, held: bool = False) -> Notice:
    assert case.publisher is not None
    assert case.reply_to is not None
    return Notice(
        notice_id=caused_id(f"{said.source}\n{said.cause}", f"notice\n{RULE}\n{NoticeChannel.WEBHOOK}", said.at),
        case_id=data.case_id,
        cause=said.cause,
        rule=RULE,
        channel=str(NoticeChannel.WEBHOOK),
        agency=case.publisher,
        role=PUBLISHER,
        state="queued",
        reason=None,
        meant_for=None,
        matter=Matter(case.tracking_id),
        correlationid=said.correlationid,
        at=said.at,
        body=said.body.encode(),
        host=host_of(case.reply_to),
        turn=turn,
        held=held,
    )
