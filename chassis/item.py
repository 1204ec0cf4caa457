"""What a batch is made of: records, what was read from them, and where they came from."""

from __future__ import annotations

import asyncio
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum, auto
from typing import Any, Generic
from uuid import UUID

import asyncpg
import orjson

from schemas.base import Answer, Data, Decision, Draw, Event, S, TimerDue


@dataclass(frozen=True, slots=True)
class Raw:
    """A record byte for byte, with its position; over HTTP `topic` is the path and `offset` random."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()

    def pack(self) -> bytes:
        """Return the record as bytes: a line of JSON, then the value as it was."""
        line = {
            "topic": self.topic,
            "partition": self.partition,
            "offset": self.offset,
            "timestamp": self.timestamp,
            "key": None if self.key is None else b64encode(self.key).decode(),
            "null": self.value is None,
            "headers": [(name, b64encode(value or b"").decode()) for name, value in self.headers],
        }
        return orjson.dumps(line) + b"\n" + (self.value or b"")

    @staticmethod
    def unpack(packed: bytes) -> Raw:
        """Return the record that `pack` wrote."""
        line, value = packed.split(b"\n", 1)
        read = orjson.loads(line)
        key = None if read["key"] is None else b64decode(read["key"])
        headers = [(name, b64decode(text)) for name, text in read["headers"]]
        return Raw(read["topic"], read["partition"], read["offset"], read["timestamp"], key, None if read["null"] else value, headers)

    @property
    def place(self) -> bytes:
        """Return the position as bytes: what sealed bytes are bound to."""
        return f"{self.topic}:{self.partition}:{self.offset}".encode()


HTTP = "http:"
"""What the topic of a request begins with; its path follows."""
INTERNAL = "internal:"
"""What the topic of an event begins with that a service told itself."""


def position(topic: str, partition: int, offset: int) -> dict[str, Any]:
    """Return where an input came from; a request, or what a service told itself, has no position."""
    if topic.startswith((HTTP, INTERNAL)):
        return {"topic": None, "partition": None, "offset": None}
    return {"topic": topic, "partition": partition, "offset": offset}


def internal_raw(event: Event[Any], case_id: UUID) -> Raw:
    """Return an event that a service told itself as a record, so that it can be parked like any other."""
    attributes = event._replace(data=None)._asdict()
    document = {**attributes, "case_id": str(case_id), "data": orjson.Fragment(event.data.to_json())}
    return Raw(f"{INTERNAL}{event.type}/{event.source}/{event.id}", 0, 0, 0, None, orjson.dumps(document))


class Origin(Enum):
    """Where an item came from, which decides how it is claimed and answered."""

    OWN = auto()
    """One of our own topics."""
    INBOUND = auto()
    """A topic that others write to: answered with a receipt."""
    HTTP = auto()
    """A request: answered to the caller."""
    TIMER = auto()
    """The firing loop."""


class Item:
    """One event to decide on; `draw` holds what is random, `digest` tells two contents under one id apart.

    A plain class whose rare attributes stand on the class: one is made for each event of a topic.
    """

    key: UUID | None = None
    """The id of an event of our own."""
    instant: str | None = None
    """`at` as it is written, where it was read so."""
    digest: bytes = b""
    draw: Draw | None = None
    reply: asyncio.Future[Reply] | None = None
    claimed: bool = False
    """It took its row of the inbox before, and was then parked or held."""
    kept_id: UUID | None = None
    """It is taken up from parking, where this is its id."""
    held: int | None = None
    """It is taken up from holding, where this is its place."""
    expired: bool = False
    """Its time of waiting for its case is over."""
    order: int = 0
    """Its place in the batch."""
    behind: UUID | None = None
    """Taken up from parking, what of its case is parked next: that blocks the case once this one is through."""
    redrawn: bool = False
    """Its random ids were drawn a second time."""
    fault: str | None = None
    """The database refused what its decision wrote: park it without deciding again."""

    def __init__(self, origin: Origin, event: Event[Any], case_id: UUID | None, at: datetime, raw: Raw | None = None) -> None:
        self.origin = origin
        self.event = event
        self.case_id = case_id
        self.at = at
        self.raw = raw


@dataclass(slots=True, eq=False)
class Unreadable:
    """A record from which no event could be read; parked when `answer.outcome` says so, else rejected."""

    raw: Raw
    answer: Answer
    at: datetime
    origin: Origin
    id: str | None = None
    source: str | None = None
    case_id: UUID | None = None
    type: str | None = None
    correlationid: str | None = None
    traceparent: str | None = None
    reply: asyncio.Future[Reply] | None = None
    kept_id: UUID | None = None
    held: int | None = None
    """It is taken up from holding, where this is its place."""
    order: int = 0
    ends_as: str = "rejected"
    """Taken up from parking and refused, what its row there becomes."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What an HTTP caller is told: the answer, the case's ids, its state after it, and whether its case is not known yet."""

    answer: Answer
    case_id: UUID | None = None
    tracking_id: str | None = None
    state: Any = None
    unknown_yet: bool = False

    def by_key(self, path: str) -> Reply:
        """Return the reply to data alone: what is wrong with its id is wrong with the key at `path`, for an `id` was never sent."""
        if self.answer.code != "idempotency_conflict":
            return self
        return replace(self, answer=replace(self.answer, errors=tuple(replace(problem, path=path) for problem in self.answer.errors)))


@dataclass(slots=True)
class Slot:
    """A case within a batch: its locked head and its state, as the events of the batch leave them."""

    case_id: UUID
    sequence: int
    chain: bytes
    blocked_by: UUID | None
    waiting: bool
    state: Any
    held: list[Item | Unreadable] = field(default_factory=list)
    ripe: bool = False
    """What waits for it may be able to go on: something was decided on since."""
    changed: bool = False
    """Its state is another one than was loaded."""
    touched: bool = False
    """Its head is another one than was loaded."""
    marked: bool = False
    """It began or ceased to be blocked, or to have something held for it: rare, so written apart."""

    def mark(self) -> None:
        """Note that `blocked_by` or `waiting` changed."""
        self.touched = self.marked = True


@dataclass(slots=True)
class Work:
    """A batch: what could be read and what could not."""

    items: list[Item] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.items) + len(self.unreadable)


@dataclass(frozen=True, slots=True)
class Write:
    """How effects (or states) of one type become rows: one common table expression, and the columns of an effect in its order.

    `sql` has a `{}` for each array parameter, typed: `unnest({}::uuid[], {}::text[])`.
    """

    sql: str
    row: Callable[[Any], tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Service(Generic[S]):
    """All that the chassis must know of a service: what it reads, how it decides, how its state is loaded and saved."""

    name: str
    decide: Callable[..., Decision[S]]
    """`(state, event, at, reference)`, and a Draw or None besides where anything `draws`."""
    load: str
    """SELECT of `case_id` and the state's columns for `$1::uuid[]`."""
    state: Callable[[asyncpg.Record], S | None]
    """A loaded row → the state, or None where the columns are all null."""
    writes: Mapping[type, Write]
    """Effects by type; the state's own type is among them, its row function takes `(case_id, state)`."""
    tracking: Callable[[S], str]
    reads: Mapping[str, Mapping[str, type[Data]]] = field(default_factory=dict)
    """Our own topics → the types it reacts to, with their models."""
    inbound: str | None = None
    """The topic that others write to and this service answers."""
    orders: Mapping[str, type[Data]] = field(default_factory=dict)
    """The inbound types it takes, with their models."""
    draws: frozenset[str] = frozenset()
    """The inbound types that begin a case of their own; where there are any, `decide` takes a Draw (or None) besides."""
    internal: Mapping[str, type[Data]] = field(default_factory=lambda: {TimerDue.TYPE: TimerDue})
    """What it tells itself, never on a topic: elapsed timers, and results of its own side effects."""
    resolve: str | None = None
    """SELECT of `name, case_id` for `$1::text[]`, where orders may name their case otherwise than by its id."""
    named: Callable[[Event[Any]], str | None] = lambda event: event.tracking
    """What `resolve` is asked for an event that names no `case_id`: its tracking id, unless the service knows more names."""

    source: str = field(init=False)
    """The CloudEvents source of what it says."""
    topic: str = field(init=False)
    """The topic it speaks on."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "source", f"urn:salur:{self.name}")
        object.__setattr__(self, "topic", f"salur.{self.name}")
