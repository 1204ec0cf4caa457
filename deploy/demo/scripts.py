"""How each case is meant to go: who answers in time, late or never, who asks, hands over, lays aside, and how it ends. Seeded and pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from random import Random
from typing import Final, TypeVar

T = TypeVar("T")


class Pace(StrEnum):
    """When an office acts, measured by its clock."""

    PROMPT = "prompt"
    """Within a day."""
    SLOW = "slow"
    """In time, after a warning."""
    LATE = "late"
    """After the breach."""
    STIRRED = "stirred"
    """Only when the agency above was told of the breach, and some days passed."""
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


class Question(StrEnum):
    """What becomes of a question to the reporter."""

    NONE = "none"
    ANSWERED = "answered"
    SETTLED = "settled"
    """The office finds it out itself and goes on."""
    UNANSWERED = "unanswered"
    """Salur archives the case when the time to answer is over."""


class Aside(StrEnum):
    """Why a case is never answered, though nobody is late."""

    NONE = "none"
    ARCHIVED = "archived"
    REFERRED = "referred"
    WITHDRAWN = "withdrawn"


class Ending(StrEnum):
    """Who closes after the final answer."""

    SYSTEM = "system"
    COORDINATOR = "coordinator"
    REPORTER = "reporter"


class Reopening(StrEnum):
    """Who takes a closed case up again."""

    NONE = "none"
    REPORTER = "reporter"
    OFFICE = "office"


class Correction(StrEnum):
    """What the owner finds to be wrong about a case."""

    NONE = "none"
    CATEGORY = "category"
    KIND = "kind"
    WHISTLEBLOWING = "whistleblowing"


@dataclass(frozen=True, slots=True)
class Script:
    """The way of one case; `extend` are working days, 0 for none, `rating` 1…4 when the reporter gives one."""

    verify: Pace
    handover: Handover
    decide: Pace
    answer: Pace
    interim: bool
    ending: Ending
    role: str
    acknowledge: bool = False
    question: Question = Question.NONE
    asks_first: bool = False
    """Before it verifies; its time to verify goes on meanwhile."""
    aside: Aside = Aside.NONE
    hand_down: bool = False
    extend: int = 0
    correction: Correction = Correction.NONE
    reply: bool = False
    reopening: Reopening = Reopening.NONE
    rating: int | None = None


_VERIFY: Final = {Pace.PROMPT: 74, Pace.SLOW: 13, Pace.LATE: 9, Pace.NEVER: 4}
_HANDOVER: Final = {Handover.NONE: 83, Handover.DIRECT: 9, Handover.ASK: 5, Handover.BOUNCE: 3}
_DECIDE: Final = {Pace.PROMPT: 8, Pace.LATE: 2}
_QUESTION: Final = {Question.NONE: 92, Question.ANSWERED: 4, Question.SETTLED: 2, Question.UNANSWERED: 2}
_ASIDE: Final = {Aside.NONE: 940, Aside.ARCHIVED: 25, Aside.REFERRED: 18, Aside.WITHDRAWN: 17}
_ANSWER: Final = {Pace.PROMPT: 70, Pace.SLOW: 15, Pace.LATE: 11, Pace.NEVER: 4}
_CORRECTION: Final = {Correction.NONE: 950, Correction.CATEGORY: 30, Correction.KIND: 17, Correction.WHISTLEBLOWING: 3}
_ENDING: Final = {Ending.SYSTEM: 80, Ending.COORDINATOR: 14, Ending.REPORTER: 6}
_REOPENING: Final = {Reopening.NONE: 97, Reopening.REPORTER: 2, Reopening.OFFICE: 1}
_RATING: Final = {4: 75, 3: 6, 2: 6, 1: 13}
"""Shares: four of five closures are the system's, one in twenty is archived, ratings as counted: a regency's four years (research
of the domain); the rest spreads what can happen."""
_TOO_LATE: Final = frozenset({Pace.LATE, Pace.STIRRED, Pace.NEVER})
LONG_KINDS: Final = frozenset({"oversight_complaint", "whistleblowing"})
"""Their resolution has sixty working days: an office that says nothing is made to speak by the agency above, or the play had no end."""


def draw(rng: Random, kind: str | None = None) -> Script:
    """Return the script of one case of a kind (None: a complaint)."""
    correction, long = _one(rng, _CORRECTION), kind in LONG_KINDS
    may_be_long = long or correction in {Correction.KIND, Correction.WHISTLEBLOWING}
    drawn = Script(
        verify=_spoken(_one(rng, _VERIFY), long=may_be_long),
        handover=_one(rng, _HANDOVER),
        decide=_one(rng, _DECIDE),
        answer=_spoken(_one(rng, _ANSWER), long=may_be_long),
        interim=rng.random() < 0.2,
        ending=_one(rng, _ENDING),
        role=rng.choice(("coordinator", "coordinator", "liaison")),
        acknowledge=rng.random() < 0.1,
        question=_one(rng, _QUESTION),
        asks_first=rng.random() < 0.4,
        aside=_one(rng, _ASIDE),
        hand_down=rng.random() < 0.4,
        extend=rng.choice((3, 5, 7)) if rng.random() < 0.05 else 0,
        correction=correction,
        reply=rng.random() < 0.07,
        reopening=_one(rng, _REOPENING),
        rating=_one(rng, _RATING) if rng.random() < 0.3 else None,
    )
    return _late_once(drawn)


def _late_once(script: Script) -> Script:
    """Return the script without what would make its case late a second time: nobody watches a clock for that."""
    late = script.handover in {Handover.ASK, Handover.BOUNCE} and script.decide is Pace.LATE
    if late:
        script = replace(script, verify=Pace.PROMPT)
    late = late or script.verify in _TOO_LATE
    if late:
        script = replace(script, answer=Pace.PROMPT)
    late = late or script.answer in _TOO_LATE
    if late:
        script = replace(script, extend=0, reply=False, reopening=Reopening.NONE)
    soon = not late and script.verify is Pace.PROMPT and script.handover is Handover.NONE
    if script.question is Question.UNANSWERED and not soon:  # thirty days more
        script = replace(script, question=Question.SETTLED)
    return script


def _spoken(pace: Pace, *, long: bool) -> Pace:
    return Pace.STIRRED if long and pace is Pace.NEVER else pace


def _one(rng: Random, shares: dict[T, int]) -> T:
    return rng.choices(list(shares), weights=list(shares.values()))[0]
