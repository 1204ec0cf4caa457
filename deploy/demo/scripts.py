"""How each case is meant to go: who answers in time, late or never, who hands over, and how it ends. Seeded and pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Pace(StrEnum):
    """When an office acts, measured by its clock."""

    PROMPT = "prompt"
    """Within a day."""
    SLOW = "slow"
    """In time, after a warning."""
    LATE = "late"
    """After the breach."""
    NEVER = "never"


class Handover(StrEnum):
    """What the first owner does with a case that it holds not to be its own."""

    NONE = "none"
    DIRECT = "direct"
    """To an agency it names."""
    ASK = "ask"
    """Without a target: the coordinator above decides."""
    BOUNCE = "bounce"
    """Handed over, handed back: the coordinator above decides."""


class Ending(StrEnum):
    """Who closes after the final answer."""

    SYSTEM = "system"
    COORDINATOR = "coordinator"
    REPORTER = "reporter"


@dataclass(frozen=True, slots=True)
class Script:
    """The way of one case."""

    verify: Pace
    handover: Handover
    decide: Pace
    answer: Pace
    interim: bool
    ending: Ending
    role: str


_VERIFY = {Pace.PROMPT: 72, Pace.SLOW: 14, Pace.LATE: 9, Pace.NEVER: 5}
_HANDOVER = {Handover.NONE: 82, Handover.DIRECT: 9, Handover.ASK: 6, Handover.BOUNCE: 3}
_DECIDE = {Pace.PROMPT: 8, Pace.LATE: 2}
_ANSWER = {Pace.PROMPT: 68, Pace.SLOW: 16, Pace.LATE: 11, Pace.NEVER: 5}
_ENDING = {Ending.SYSTEM: 80, Ending.COORDINATOR: 14, Ending.REPORTER: 6}
"""Shares: four of five closures are the system's, as in a regency's four years; the rest spreads what can happen."""


def draw(rng: Random) -> Script:
    """Return the script of one case."""
    return Script(
        verify=_one(rng, _VERIFY),
        handover=_one(rng, _HANDOVER),
        decide=_one(rng, _DECIDE),
        answer=_one(rng, _ANSWER),
        interim=rng.random() < 0.2,
        ending=_one(rng, _ENDING),
        role=rng.choice(("coordinator", "coordinator", "liaison")),
    )


def _one(rng: Random, shares: dict[T, int]) -> T:
    return rng.choices(list(shares), weights=list(shares.values()))[0]
