"""What the workflow's one table is made of: its rows, who may do what, and what follows. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum, auto

from schemas.base import Data
from schemas.inbound.action import Action
from schemas.routing.case_event import CaseEvent
from schemas.words import Clock, Role, State


class Standing(StrEnum):
    """What somebody is to a case at this moment."""

    OWNER = "owner"
    DECIDER = "decider"
    """The coordinator one level up, which decides a transfer."""
    REPORTER = "reporter"


class Back(Enum):
    """Where something leads that leads to no state of its own."""

    SAME = auto()
    """The state does not change."""
    BEFORE = auto()
    """The state in which the case was deferred."""


@dataclass(frozen=True, slots=True)
class Who:
    """Those who stand so to the case, in one of these roles; `in_time`: only within the reopening time."""

    standing: Standing
    roles: frozenset[Role]
    in_time: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is said and where it leads; `when` tells the outcomes of one action apart; clocks as in contracts §5."""

    says: type[CaseEvent]
    leads_to: State | Back
    when: str = ""
    starts: tuple[Clock, ...] = ()
    ends: tuple[Clock, ...] = ()
    pauses: tuple[Clock, ...] = ()
    resumes: tuple[Clock, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One action: in which states, by whom, with which outcomes; `after_final`: only once this owner has answered finally."""

    order: type[Action]
    allowed_in: frozenset[State]
    who: tuple[Who, ...]
    outcomes: tuple[Outcome, ...]
    after_final: bool = False

    @property
    def action(self) -> str:
        """The action's name, as in its type `salur.case.<action>.v1`."""
        return self.order.TYPE.split(".")[2]


@dataclass(frozen=True, slots=True)
class Happening:
    """What becomes of a case without an action: by its reporter, heard through intake, or by a `clock` whose end is normal.

    `in_time`: only within the reopening time; `after_final` as in a row. In any other state nothing becomes of it.
    """

    cause: type[Data]
    happens_in: frozenset[State]
    outcome: Outcome
    clock: Clock | None = None
    after_final: bool = False
    in_time: bool = False


@dataclass(frozen=True, slots=True)
class StateWords:
    """What people read for a state, and whether the case still needs somebody."""

    label: str
    meaning: str
    is_open: bool
