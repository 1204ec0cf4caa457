"""What notify remembers of a case, what a notice is about, and a notice itself. Pure."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, NamedTuple
from uuid import UUID

from schemas.base import Data
from schemas.words import NoticeChannel


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


class Told(NamedTuple):
    """A mail that somebody can act on, or that tells of something that will end."""

    notice_id: UUID
    cause: str
    rule: str
    channel: str
    agency: str
    role: str


class Case(NamedTuple):
    """A case as its events told it so far; what is None has not been heard of yet.

    A named tuple, like most of what is made for every event: a frozen dataclass sets each field by a call (docs/adr/0015).

    `left` are the agencies that handed it over, each with the time when it last did; `told` are the notices that nobody has
    acknowledged yet. `publisher` is known once `case.routed` was heard. `restricted`: all that is said of the case goes to the
    restricted topic; what was whistle-blowing once remains so.

    What pulse finds stands in a case's place: then `about` says what it is, `tracking_id` is empty, and `told` are those who heard of it.
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
    about: str | None = None

    def left_by(self, agency: str) -> datetime | None:
        """Return when `agency` last handed the case over, None when it never did."""
        return dict(self.left).get(agency)


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers behind a surge or silence, as its event has them (schemas/pulse)."""

    from_: datetime
    until: datetime
    observed: int
    expected: float
    chance: float | None = None
    judged_by: str | None = None
    ended_by: str | None = None
    peak: int | None = None
    peak_from: datetime | None = None
    peak_until: datetime | None = None
    working_days: int | None = None


@dataclass(frozen=True, slots=True)
class Matter:
    """What a notice tells: codes, numbers and times only, never a text of the case or of a person.

    `reserved`: whom it was routed to is the only one that may receive it. `about` and `figures` are those of a surge or silence;
    there is no case then.
    """

    tracking_id: str
    kind: str | None = None
    category: str | None = None
    region: str | None = None
    triage: bool = False
    reserved: bool = False
    owner: str | None = None
    from_: str | None = None
    to: str | None = None
    clock: str | None = None
    agency: str | None = None
    due_at: datetime | None = None
    percent: int | None = None
    level: int | None = None
    about: str | None = None
    publisher: str | None = None
    figures: Figures | None = None


class Notice(NamedTuple):
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

    @property
    def is_read(self) -> bool:
        """Whether somebody will read it: a mail that is sent."""
        return self.state == "queued" and self.channel == NoticeChannel.MAIL

    @property
    def told(self) -> Told:
        """What is remembered of it with its case."""
        return Told(self.notice_id, self.cause, self.rule, self.channel, self.agency, self.role)


class Release(NamedTuple):
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
