"""A small counting service: adds numbers up per case, says each total, rings when an alarm falls due.

It has every part that a real service has, and knobs that real ones have not: `boom` makes its decision fail, `note` holds a text
that the database may refuse, `alarm` sets a timer.
"""

from __future__ import annotations

import os
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar
from uuid import UUID

from asyncpg import Record

from chassis import run
from chassis.item import Service, Write
from chassis.settings import ChassisSettings, knob
from chassis.wiring import Extras, Parts
from schemas.base import Answer, Data, Decision, Event, GivenUp, Problem, TimerDue

MIGRATIONS = Path(__file__).parent / "migrations"
INSIST = "insist"
"""The note of a number that the service cannot do without."""


def topics(name: str) -> tuple[str, str, str]:
    """Return the topics of a counting service of this name: feed, orders, and the one it speaks on."""
    return f"salur.{name}-feed", f"salur.{name}-orders", f"salur.{name}"


class Added(Data):
    """A number for a case, on a topic of our own."""

    TYPE: ClassVar[str] = "salur.test.added.v1"
    case_id: UUID
    number: int
    boom: bool = False
    note: str | None = None
    alarm_ms: int | None = None
    alarm_boom: bool = False
    after: int = 0
    """Waits until so many numbers were added."""


class Add(Data):
    """The same as an order from outside; a case must be known by an `Added` before."""

    TYPE: ClassVar[str] = "salur.test.add.v1"
    case_id: UUID
    number: int
    boom: bool = False


class Counted(Data):
    """What the service says."""

    TYPE: ClassVar[str] = "salur.test.counted.v1"
    case_id: UUID
    number: int
    total: int


class Rang(Data):
    """An alarm fell due."""

    TYPE: ClassVar[str] = "salur.test.rang.v1"
    case_id: UUID
    due_at: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class Tally:
    """A case's total and the numbers in the order in which they were added."""

    total: int
    seen: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """A text kept beside the state."""

    case_id: UUID
    number: int
    text: str

    @property
    def key(self) -> Hashable:
        """One note a number."""
        return ("note", self.case_id, self.number)


@dataclass(frozen=True, slots=True)
class Alarm:
    """A timer to arm."""

    case_id: UUID
    epoch: int
    due_at: datetime
    clock: str = "alarm"

    @property
    def key(self) -> Hashable:
        """One alarm a case."""
        return ("timer", self.case_id)


def decide(state: Tally | None, event: Event[Data], at: datetime, reference: Path | None) -> Decision[Tally]:
    """Add; refuse negative orders; wait for the case of an order; fail when told to."""
    data = event.data
    if isinstance(data, TimerDue):
        if data.clock == "boom" and not (reference and reference.exists()):
            raise RuntimeError("told to fail")
        return Decision(state, (Rang(case_id=UUID(data.kind), due_at=data.due_at, at=at),))
    if isinstance(data, GivenUp):
        if (data.said or {}).get("note") == INSIST and not (reference and reference.exists()):
            raise RuntimeError("told to fail")
        return Decision(state)
    assert isinstance(data, (Added, Add))
    if isinstance(data, Add) and state is None:
        return Decision(None, wait=True)
    if isinstance(data, Added) and len(state.seen if state else ()) < data.after:
        return Decision(state, wait=True)
    if isinstance(data, Add) and data.number < 0:
        return Decision(state, answer=Answer("rejected", "illegal_action", (Problem("/data/number", "must not be negative"),)))
    if data.boom and not (reference and reference.exists()):
        raise RuntimeError("told to fail")
    now = Tally((state.total if state else 0) + data.number, (*(state.seen if state else ()), data.number))
    effects: list[Note | Alarm] = []
    if isinstance(data, Added) and data.note is not None:
        effects.append(Note(data.case_id, len(now.seen), data.note))
    if isinstance(data, Added) and data.alarm_ms is not None:
        effects.append(Alarm(data.case_id, len(now.seen), at + timedelta(milliseconds=data.alarm_ms), "boom" if data.alarm_boom else "alarm"))
    return Decision(now, (Counted(case_id=data.case_id, number=data.number, total=now.total),), tuple(effects))


def state(row: Record) -> Tally | None:
    """Return the state of a loaded row."""
    return None if row["total"] is None else Tally(row["total"], tuple(row["seen"]))


def service(name: str) -> Service[Tally]:
    """Return a counting service of its own schema and topics."""
    feed, orders, _ = topics(name)
    return Service(
        name=name,
        decide=decide,
        load="SELECT case_id, total, seen FROM tally WHERE case_id = ANY($1::uuid[])",
        state=state,
        writes={
            Tally: Write(
                "INSERT INTO tally (case_id, total, seen) SELECT case_id, total, seen::int[] FROM unnest({}::uuid[], {}::bigint[], {}::text[]) "
                "AS t (case_id, total, seen) ON CONFLICT (case_id) DO UPDATE SET total = EXCLUDED.total, seen = EXCLUDED.seen",
                lambda pair: (pair[0], pair[1].total, "{" + ",".join(map(str, pair[1].seen)) + "}"),
            ),
            Note: Write(
                "INSERT INTO note (case_id, number, text) SELECT * FROM unnest({}::uuid[], {}::int[], {}::text[])",
                lambda note: (note.case_id, note.number, note.text),
            ),
            Alarm: Write(
                "INSERT INTO timer (case_id, clock, kind, epoch, due_at) "
                "SELECT * FROM unnest({}::uuid[], {}::text[], {}::text[], {}::int[], {}::timestamptz[]) "
                "ON CONFLICT (case_id, clock, kind) DO UPDATE SET epoch = EXCLUDED.epoch, due_at = EXCLUDED.due_at",
                lambda alarm: (alarm.case_id, alarm.clock, str(alarm.case_id), alarm.epoch, alarm.due_at),
            ),
        },
        tracking=lambda _tally: "",
        reads={feed: {Added.TYPE: Added}},
        internal={TimerDue.TYPE: TimerDue, GivenUp.TYPE: GivenUp},
        inbound=orders,
        orders={Add.TYPE: Add},
    )


class CountingSettings(ChassisSettings):
    """The counting service's own knobs."""

    counting_port: int = knob(8190, "where its health answers", "port")
    test_boom: Path | None = knob(None, "a file; once it exists, decisions told to fail succeed", "path")


async def wire(parts: Parts) -> Extras:
    """Wire it: nothing but the mended-file as its reference, and timers."""
    return Extras(reference=lambda: parts.settings.test_boom, timers=True)


def main() -> None:
    """Run the service."""
    run.main(service(os.environ["COUNTING_NAME"]), CountingSettings, "counting_port", wire)
