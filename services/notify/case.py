"""What notify remembers of a case, what a notice is about, and a notice itself. Pure."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from schemas.base import Data


@dataclass(frozen=True, slots=True)
class Said:
    """An event that is to be passed on to the case's publisher, `body` being the whole of it, and waits for those before it."""

    sequence: int
    cause: str
    source: str
    correlationid: str
    at: datetime
    body: str


@dataclass(frozen=True, slots=True)
class Stream:
    """How far the case's publisher has been told, by the sequence of routing's events.

    `heard` is the last one that became a notice; `queued` are those whose notice has not ended, the first of them on its way;
    `early` came before one that they follow.
    """

    heard: int = 0
    queued: tuple[int, ...] = ()
    early: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """A notice whose link somebody can act on."""

    notice_id: UUID
    cause: str
    rule: str
    channel: str
    agency: str
    role: str


@dataclass(frozen=True, slots=True)
class Case:
    """A case as its events told it so far; what is None has not been heard of yet.

    `left` are the agencies that handed it over, each with the time when it last did; `told` are the notices that nobody has
    acknowledged yet. `publisher` is known once `case.routed` was heard. `restricted`: all that is said of the case goes to the
    restricted topic; what was whistle-blowing once remains so.
    """

    tracking_id: str
    owner: str | None = None
    kind: str | None = None
    category: str | None = None
    region: str | None = None
    left: tuple[tuple[str, datetime], ...] = ()
    told: tuple[Told, ...] = ()
    restricted: bool = False
    publisher: str | None = None
    reply_to: str | None = None
    stream: Stream = Stream()

    def left_by(self, agency: str) -> datetime | None:
        """Return when `agency` last handed the case over, None when it never did."""
        return dict(self.left).get(agency)


@dataclass(frozen=True, slots=True)
class Matter:
    """What a notice tells: codes, numbers and times only, never a text of the case or of a person."""

    tracking_id: str
    kind: str | None = None
    category: str | None = None
    region: str | None = None
    triage: bool = False
    owner: str | None = None
    from_: str | None = None
    to: str | None = None
    clock: str | None = None
    agency: str | None = None
    due_at: datetime | None = None
    percent: int | None = None
    level: int | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """One message about one event (`cause`) to one office by one channel; an effect: it becomes a row of the delivery log.

    `state` is `queued`, `suppressed` or `without_recipient`. `meant_for` is the office in whose place this one is told. A webhook
    carries `body` to `host`; with a `turn` it is one of its case's stream to the publisher, and `held` until those before it ended.
    """

    notice_id: UUID
    case_id: UUID
    cause: str
    rule: str
    channel: str
    agency: str
    role: str
    state: str
    reason: str | None
    meant_for: str | None
    matter: Matter
    correlationid: str
    at: datetime
    body: bytes | None = None
    host: str | None = None
    turn: int | None = None
    held: bool = False

    @property
    def key(self) -> Hashable:
        """One row a notice."""
        return ("notice", self.notice_id)


@dataclass(frozen=True, slots=True)
class Release:
    """The turn of a held notice has come: it may be sent."""

    case_id: UUID
    turn: int

    @property
    def key(self) -> Hashable:
        """A turn comes once."""
        return ("release", self.case_id, self.turn)


class NoticeOutcome(Data):
    """A notice came to its end: what notify hears from its own delivery, never on a topic. `message_id` None: undeliverable."""

    TYPE: ClassVar[str] = "notice.outcome"

    notice_id: UUID
    cause: str
    rule: str
    channel: str
    agency: str
    role: str
    reason: str | None
    message_id: str | None
    turn: int | None = None
