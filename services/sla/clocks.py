"""The clocks of a case, as they stand: the state that sla decides on. Pure."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from schemas.words import Clock, Kind

TIMER_KIND: Final = "next"
"""A clock has one timer, for whatever comes next of it: warnings, due, a level. Its epoch tells it from all that were before."""
STOPPED: Final = (Clock.FOLLOW_UP, Clock.RESOLUTION)
"""The clocks that stand still while the reporter is asked (contracts §5, Clocks)."""
AT_RISK_PERCENT: Final = 75
"""A case is at risk once it has been warned of this share of a budget."""


class Standing(StrEnum):
    """What has become of a clock (contracts §6)."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"
    """It ran out. It lives on (and climbs the ladder) until what it waits for comes, and stays breached afterwards."""
    ELAPSED = "elapsed"
    CANCELLED = "cancelled"


class ChangeKind(StrEnum):
    """What changed a clock as it ran."""

    EXTENDED = "extended"
    """Its owner took `detail` more working days."""
    RECLASSIFIED = "reclassified"
    """The case became one of the kind `detail`."""
    BOUND = "bound"
    """Until then it bound the agency `detail`."""


class Change(NamedTuple):
    """One change of a clock as it ran; `was` is when it would have run out before."""

    what: ChangeKind
    at: datetime
    was: datetime
    detail: str


class ClockRun(NamedTuple):
    """One run of one clock: whom it binds, from when to when, and how far it has come. Times are UTC.

    Like `Case` a named tuple, for a changed copy of one costs a tenth of a dataclass's: a timer that goes off makes several.
    """

    clock: Clock
    agency: str
    zone: str
    started_at: datetime
    due_at: datetime
    basis: int
    """The `sequence` of routing's event on which it rests."""
    policy_version: str
    calendar_version: str
    kind: Kind
    """Of the case when its budget was last reckoned: which row of the policy it follows."""
    state: Standing = Standing.RUNNING
    warned: int = 0
    """The last share (percent) that was warned of."""
    level: int = 0
    """How many levels above its agency have been told of the breach."""
    breached_at: datetime | None = None
    ended_at: datetime | None = None
    epoch: int = 0
    """Of its timer; a case gives each number once."""
    next_at: datetime | None = None
    """When its timer falls due; None: it has none."""
    pauses: tuple[tuple[datetime, datetime], ...] = ()
    """Those that are over; `due_at` takes them into account."""
    paused_at: datetime | None = None
    """Since when it stands still, also of one that ended so: `due_at` is where it would have run out."""
    extra_days: int = 0
    """Working days taken on top of its budget."""
    changes: tuple[Change, ...] = ()

    @property
    def live(self) -> bool:
        """Whether what it waits for is still awaited."""
        return self.ended_at is None


class SlaState(StrEnum):
    """How an open case stands, by the worst of its live clocks; a paused one counts as it stood when it was paused."""

    ON_TIME = "on_time"
    AT_RISK = "at_risk"
    BREACHED = "breached"


class Case(NamedTuple):
    """A case's clocks, the oldest first; ended ones stay, for they explain."""

    case_id: UUID
    tracking_id: str
    kind: Kind
    owner: str
    runs: tuple[ClockRun, ...] = ()
    open: bool = True
    sequence: int = 0
    """The last of routing's events that was decided on."""
    armings: int = 0
    """Timers set so far: the last epoch given."""
    revision: int = 0
    """Changes so far."""
    restricted: bool = False
    """Whether what is said of it goes to salur.restricted: it is, or once was, a whistle-blower's."""

    @property
    def sla_state(self) -> SlaState:
        """How it stands."""
        worst = SlaState.ON_TIME
        for run in self.runs:
            if run.ended_at is None:
                if run.state is Standing.BREACHED:
                    return SlaState.BREACHED
                if run.warned >= AT_RISK_PERCENT:
                    worst = SlaState.AT_RISK
        return worst


class Arm(NamedTuple):
    """Set the timer of a clock, in place of the one it had."""

    case_id: UUID
    clock: Clock
    epoch: int
    due_at: datetime

    @property
    def key(self) -> Hashable:
        """One timer a clock."""
        return ("timer", self.case_id, self.clock)


class Disarm(NamedTuple):
    """Take the timer of a clock away."""

    case_id: UUID
    clock: Clock

    @property
    def key(self) -> Hashable:
        """One timer a clock."""
        return ("timer", self.case_id, self.clock)


class Tally(NamedTuple):
    """How many more (or fewer) open cases, cases without a clock and timers an agency has in a state, by one change of one case."""

    case_id: UUID
    revision: int
    agency: str
    sla_state: str
    cases: int
    clockless: int
    timers: int

    @property
    def key(self) -> Hashable:
        """Each change counts, also beside others of its case in one batch; one may move the case from one count to another."""
        return ("tally", self.case_id, self.revision, self.agency, self.sla_state)


class Count(NamedTuple):
    """Open cases of an agency in a state, those of them without a clock, and their timers."""

    agency: str
    sla_state: str
    cases: int
    clockless: int
    timers: int


def tallies(before: Case | None, after: Case) -> tuple[Tally, ...]:
    """Return what a change means for the counts of open cases."""
    old, new = _counted(before), _counted(after)
    if old == new:
        return ()
    if old is not None and new is not None and old[:2] == new[:2]:
        return (_tally(after, new, new.cases - old.cases, new.clockless - old.clockless, new.timers - old.timers),)
    gone = () if old is None else (_tally(after, old, -old.cases, -old.clockless, -old.timers),)
    return gone if new is None else (*gone, _tally(after, new, new.cases, new.clockless, new.timers))


def _tally(case: Case, place: Count, cases: int, clockless: int, timers: int) -> Tally:
    return Tally(case.case_id, case.revision, place.agency, place.sla_state, cases, clockless, timers)


def _counted(case: Case | None) -> Count | None:
    """Return where a case is counted: with itself, whether it has no clock, and its timers; None when it is over."""
    if case is None or not case.open:
        return None
    live = timers = 0
    for run in case.runs:
        live += run.ended_at is None
        timers += run.next_at is not None
    return Count(case.owner, case.sla_state, 1, int(not live), timers)
