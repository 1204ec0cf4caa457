"""The shapes that every event shares: its data, its envelope, and the answer of a decision."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic, NamedTuple, Protocol, TypeVar
from uuid import UUID

from orjson import OPT_UTC_Z
from orjson import dumps as _dumps
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, PlainValidator, WithJsonSchema


def _to_utc(value: datetime) -> datetime:
    if not value.utcoffset():
        return value  # the usual case, and an astimezone a field is felt in every hop
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("lies beyond the calendar") from None


GivenTime = Annotated[AwareDatetime, AfterValidator(_to_utc)]
"""An instant that somebody else wrote: read with any offset, kept in UTC."""


def _ours(value: Any) -> datetime:
    time = datetime.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(time, datetime) or time.tzinfo is None:
        raise ValueError("must be a time with offset")
    return time


UtcTime = Annotated[datetime, PlainValidator(_ours), WithJsonSchema({"type": "string", "format": "date-time"})]
"""An instant that we write, in UTC. The standard library reads it: its UTC is written again ten times as fast as pydantic's own."""


_checked = False


def check_what_is_said() -> None:
    """Validate every model that is made by its call from now on, as tests do; without it only its fields' names are looked at."""
    global _checked  # noqa: PLW0603 - one switch, thrown before the first test
    _checked = True


class _Form(NamedTuple):
    """What one way of calling a model leaves unsaid; `names` are the fields that it says."""

    names: set[str]
    defaults: Mapping[str, Any]


def _form(model: type[BaseModel], *given: str) -> _Form | None:
    """Return the form of a call that gives these fields, or None when it has to be validated: the model renames or makes up fields.

    Raises TypeError when it gives too many fields or too few.
    """
    fields = model.model_fields
    if any(field.alias or field.default_factory for field in fields.values()):
        return None
    names = {*given}
    required = {name for name, field in fields.items() if field.is_required()}
    if not required <= names <= fields.keys():
        raise TypeError(f"{model.__name__} has other fields than {', '.join(sorted(given))}")
    return _Form(names, {name: field.default for name, field in fields.items() if name not in names})


if TYPE_CHECKING:
    Said = BaseModel
else:

    class _Saying(type(BaseModel)):
        """Makes a model by its call without validating: what we say is held by types and tests (docs/adr/0010)."""

        def __call__(cls, **fields: Any) -> Any:
            if _checked:
                return super().__call__(**fields)
            way = (cls, *fields)
            try:
                form = _FORMS[way]
            except KeyError:
                form = _FORMS[way] = _form(*way)
            if form is None:
                return super().__call__(**fields)
            names, defaults = form
            made = cls.__new__(cls)
            _set(made, "__pydantic_fields_set__", names)
            _set(made, "__dict__", {**defaults, **fields} if defaults else fields)
            _set(made, "__pydantic_extra__", None)
            _set(made, "__pydantic_private__", None)
            return made

    _set = object.__setattr__
    _FORMS: dict[tuple[Any, ...], _Form | None] = {}

    class Said(BaseModel, metaclass=_Saying):
        """A model whose call is not validated: what we say, and its parts."""


class Data(Said):
    """The data of one type of event; readers ignore what they do not know, fields left unset are not written.

    What is read (`model_validate`) is validated; what is made by a call, for us to say it, is not: a call with a field too many or
    too few raises TypeError, types are the type checker's, and values the tests' (`check_what_is_said`).
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    TYPE: ClassVar[str]
    """The CloudEvents type, `salur.<thing>.<fact>.v<major>`."""

    def to_json(self) -> bytes:
        """Return the JSON of the fields that were set; times are UTC with `Z`."""
        return _dumps(_fields(self), _shown, OPT_UTC_Z)


def _shown(value: Any) -> Any:
    """Return the fields of a model that were set, by the names they travel under; an id of the database driver's kind as its text."""
    if not isinstance(value, BaseModel):
        if isinstance(value, UUID):
            return str(value)
        raise TypeError(f"{type(value).__name__} cannot travel")
    return _fields(value)


def _fields(model: BaseModel) -> dict[str, Any]:
    fields, told = model.__dict__, model.__pydantic_fields_set__
    if len(told) != len(fields):
        fields = {name: value for name, value in fields.items() if name in told}
    aliases = _aliases(type(model))
    return {aliases.get(name, name): value for name, value in fields.items()} if aliases else fields


@cache
def _aliases(model: type[BaseModel]) -> Mapping[str, str]:
    return {name: field.alias for name, field in model.model_fields.items() if field.alias}


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


class GivenUp(Data):
    """An event of our own that was parked will never be decided on: what a service hears instead of it, never on a topic.

    The event it comes in bears what is known of that one's `source`, `subject`, `tracking` and `sequence`.
    """

    TYPE: ClassVar[str] = "event.given_up"

    type: str | None
    """Of that event; None when even that could not be read."""
    said: dict[str, Any] | None
    """Its data, where they could be read."""
