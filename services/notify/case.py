"""What notify remembers of a case, what a notice is about, and a notice itself. Pure."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from schemas.base import Data
from schemas.words import Kind


@dataclass(frozen=True, slots=True)
class Case:
    """A case as its events told it so far; what is None has not been heard of yet.

    `left` are the agencies that handed it over, each with the time when it last did.
    """

    tracking_id: str
    owner: str | None = None
    kind: str | None = None
    category: str | None = None
    region: str | None = None
    left: tuple[tuple[str, datetime], ...] = ()

    @property
    def restricted(self) -> bool:
        """Whether all that is said of the case goes to the restricted topic.

        A whistle-blowing case is known as one from its first event on: all of its events come by one partition of one topic.
        """
        return self.kind == Kind.WHISTLEBLOWING

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

    `state` is `queued`, `suppressed` or `without_recipient`. `meant_for` is the office in whose place this one is told.
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

    @property
    def key(self) -> Hashable:
        """One row a notice."""
        return ("notice", self.notice_id)


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
