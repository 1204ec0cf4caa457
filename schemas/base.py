"""The shapes that every event shares: its data, its envelope, and the answer of a decision."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, ClassVar, Generic, NamedTuple, Protocol, TypeVar
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict


def _to_utc(value: datetime) -> datetime:
    if not value.utcoffset():
        return value  # the usual case, and an astimezone a field is felt in every hop
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("lies beyond the calendar") from None


GivenTime = Annotated[AwareDatetime, AfterValidator(_to_utc)]
"""An instant that somebody else wrote: read with any offset, kept in UTC."""

UtcTime = AwareDatetime
"""An instant that we write, in UTC: a call to make it so for each field would be felt in every hop (docs/adr/0006)."""


class Data(BaseModel):
    """The data of one type of event; readers ignore what they do not know, fields left unset are not written."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    TYPE: ClassVar[str]
    """The CloudEvents type, `salur.<thing>.<fact>.v<major>`."""

    def to_json(self) -> bytes:
        """Return the JSON of the fields that were set; times are UTC with `Z`."""
        return self.__pydantic_serializer__.to_json(self, exclude_unset=True)


D_co = TypeVar("D_co", bound=Data, covariant=True)
S = TypeVar("S")


class Event(NamedTuple, Generic[D_co]):
    """One CloudEvent as a decision sees it; `time` is when it happened, `sequence` counts the speaker's events of a case."""

    id: str
    source: str
    type: str
    time: datetime
    data: D_co
    subject: str | None = None
    tracking: str | None = None
    sequence: int | None = None
    causationid: str | None = None
    correlationid: str | None = None
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with an input: a JSON Pointer into the event and a sentence that never quotes the value."""

    path: str
    message: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the sender of an inbound event is told: outcome and code of the closed list in contracts §3."""

    outcome: str
    code: str
    errors: tuple[Problem, ...] = ()
    tracking_id: str | None = None


ACCEPTED = Answer("accepted", "ok")


class Effect(Protocol):
    """Something to keep beside the state; two effects of one batch with the same `key` collapse, the later stands."""

    @property
    def key(self) -> Hashable:
        """What this effect is about, the table's name first."""


class Decision(NamedTuple, Generic[S]):
    """What follows from an event: the case's new state, the events to say, the effects to keep, the answer to its sender.

    `state` None means that the case has none (yet). `wait` holds the event back until its case is known (a cause that is
    late); everything else is then ignored. A `rejected` answer must come without events and effects. `restricted` sends the
    events to `salur.restricted` instead of the speaker's own topic.
    """

    state: S | None
    events: tuple[Data, ...] = ()
    effects: tuple[Effect, ...] = ()
    answer: Answer = ACCEPTED
    wait: bool = False
    restricted: bool = False


@dataclass(frozen=True, slots=True)
class Draw:
    """What is random about a new case, drawn by the shell and handed into the decision: its two ids."""

    case_id: UUID
    tracking_id: str


class TimerDue(Data):
    """A timer of the case ran out: what a service hears from its own firing loop, never on a topic."""

    TYPE: ClassVar[str] = "timer.due"

    clock: str
    kind: str
    epoch: int
    due_at: UtcTime
