"""What the tracking view tells of a case: made of the steps that all speakers said of it, in any order they arrived. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final, NamedTuple

import orjson

from schemas.base import Event
from schemas.words import State
from services.intake.domain import Submission
from services.intake.heard import Moved, Office, Timed

INTAKE: Final = "intake"
ROUTING: Final = "routing"
SLA: Final = "sla"
_SYSTEM: Final = "system"
_REPORTER: Final = "reporter"
_CLOCK_STATES: Final = {
    "deadline.set": "running",
    "deadline.resumed": "running",
    "deadline.paused": "paused",
    "deadline.met": "met",
    "deadline.breached": "breached",
    "deadline.elapsed": "elapsed",
    "deadline.cancelled": "cancelled",
}
"""What a clock is after an event; one that is not here (moved, warned) leaves it as it was."""
_BREACHED: Final = "breached"
_ENDS: Final = frozenset({"deadline.met", "deadline.elapsed", "deadline.cancelled"})
"""What ends a breached clock leaves it breached, as at sla; given more time or stopped, it is no longer."""


class Step(NamedTuple):
    """One event of a case as the view keeps it; routing's have state and owner, sla's clock, agency and due time."""

    speaker: str
    sequence: int
    at: datetime
    what: str
    who: str
    state: str | None = None
    owner: str | None = None
    clock: str | None = None
    agency: str | None = None
    due_at: datetime | None = None


def step_of(event: Event[Moved | Timed]) -> Step:
    """Return the step that an event of another speaker is."""
    speaker, what, said = event.source.rpartition(":")[2], _short(event.type), event.data
    if isinstance(said, Timed):
        return Step(speaker, event.sequence or 0, event.time, what, _SYSTEM, clock=said.clock, agency=said.agency, due_at=said.due_at)
    who = f"{said.by.agency}/{said.by.role}" if isinstance(said.by, Office) else said.by
    return Step(speaker, event.sequence or 0, event.time, what, who, state=said.state, owner=said.owner)


def own_step(sequence: int, header: bytes) -> Step:
    """Return the step that an event of intake's own is, by its attributes: what the reporter said after the submission."""
    said = orjson.loads(header)
    return Step(INTAKE, sequence, datetime.fromisoformat(said["time"]), _short(said["type"]), _REPORTER)


@cache
def _short(type_: str) -> str:
    return type_.removeprefix("salur.").rpartition(".")[0]


def tell(case: Submission, steps: Sequence[Step]) -> dict[str, Any]:
    """Return the view of a case (contracts §6); `as_of` is the time of the latest event that it takes into account."""
    told = sorted(steps, key=lambda step: (step.at, step.speaker, step.sequence))
    way = [step for step in sorted(told, key=lambda step: step.sequence) if step.speaker == ROUTING]
    history = [{"at": case.accepted_at, "what": "complaint.accepted", "who": _SYSTEM}]
    return {
        "tracking_id": case.tracking_id,
        "status": way[-1].state if way else State.ACCEPTED,
        "owner": way[-1].owner if way else None,
        "kind": case.kind,
        "category": case.category,
        "history": [*history, *({"at": step.at, "what": step.what, "who": step.who} for step in told)],
        "deadlines": deadlines(step for step in told if step.speaker == SLA),
        "as_of": max([case.accepted_at, *(step.at for step in told)]),
    }


def deadlines(steps: Iterable[Step]) -> list[dict[str, Any]]:
    """Return every clock that was ever set, in the order of setting; the same clock set again is another one."""
    found: list[dict[str, Any]] = []
    latest: dict[str | None, dict[str, Any]] = {}
    for step in sorted(steps, key=lambda step: step.sequence):
        if step.what == "deadline.set" or step.clock not in latest:
            latest[step.clock] = {"clock": step.clock, "agency": step.agency, "due_at": step.due_at, "state": "running"}
            found.append(latest[step.clock])
        clock = latest[step.clock]
        # a clock that goes on in other hands binds these, and nothing is said of it but its next event
        clock["due_at"], clock["agency"] = step.due_at, step.agency
        clock["state"] = _state(clock["state"], step)
    return found


def _state(before: str, step: Step) -> str:
    """Return what a clock is after a step, given what it was before."""
    if before == _BREACHED and step.what in _ENDS:
        return before
    if before == _BREACHED and step.what == "deadline.moved" and step.due_at is not None and step.due_at > step.at:
        return "running"
    return _CLOCK_STATES.get(step.what, before)
