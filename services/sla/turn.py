"""What one fact does to the clocks of a case: starts, moves and ends them, and says so. Pure."""

from __future__ import annotations

from datetime import UTC, datetime

from schemas.base import Data, Decision, Effect
from schemas.sla.deadline_cancelled_v1 import DeadlineCancelled
from schemas.sla.deadline_met_v1 import DeadlineMet
from schemas.sla.deadline_moved_v1 import DeadlineMoved
from schemas.sla.deadline_set_v1 import DeadlineSet
from schemas.words import Clock
from services.sla.clocks import Arm, Case, ClockRun, Disarm, Standing, tallies
from services.sla.directory import Reference
from services.sla.ladder import breach, facts, fall_due, next_moment
from services.sla.policies import AtEnd, Policy
from services.sla.wording import moved_words
from services.sla.worktime import due_at


class Turn:
    """One decision in the making: what becomes of `case`, and what is said and kept meanwhile. `at` is when the fact happened."""

    def __init__(self, before: Case | None, case: Case, at: datetime, reference: Reference) -> None:
        self._before = before
        self._case = case
        self._runs = list(case.runs)
        self._armings = case.armings
        self._open = case.open
        self._at = at
        self._reference = reference
        self._said: list[Data] = []
        self._effects: list[Effect] = []

    def start(self, clock: Clock, agency: str, started_at: datetime) -> None:
        """Let a clock run for an agency; one of its name that still runs is cancelled."""
        self.end(clock, Standing.CANCELLED)
        run = self._armed(self._reckoned(clock, agency, started_at))
        self._runs.append(run)
        self._said.append(DeadlineSet(**facts(self._case, run)))

    def begin_again(self, clock: Clock, agency: str, started_at: datetime) -> None:
        """Let a running clock count from now on, and say so where its end moves; start it when it does not run."""
        place = self._live(clock)
        if place is None:
            self.start(clock, agency, started_at)
            return
        old, run = self._runs[place], self._armed(self._reckoned(clock, agency, started_at))
        self._runs[place] = run
        if run.due_at != old.due_at:
            why = moved_words(started_at, self._policy(clock).budget, run.zone)
            self._said.append(DeadlineMoved(**facts(self._case, run), was=old.due_at, why=why))

    def end(self, clock: Clock, how: Standing) -> None:
        """End a clock, if it runs: `how` is MET when what it waits for came, CANCELLED when that is awaited no longer.

        The moment of the fact judges: one that came late finds the clock breached, though its timer has not gone off yet; one
        that came in time has met it, though its timer went off before the fact was known.
        """
        place = self._live(clock)
        if place is None:
            return
        run = self._runs[place]
        if run.next_at is not None:
            self._effects.append(Disarm(self._case.case_id, clock))
        late = self._at > run.due_at
        if late and run.state is Standing.RUNNING and self._policy(clock).at_end is AtEnd.BREACH:
            run, event = breach(self._case, run, self._at, self._reference)
            self._said.append(event)
        said = DeadlineMet if how is Standing.MET else DeadlineCancelled
        self._said.append(said(**facts(self._case, run)))
        stays = late and run.state is Standing.BREACHED
        self._runs[place] = run._replace(state=Standing.BREACHED if stays else how, ended_at=self._at, next_at=None)

    def fall_due(self, place: int) -> None:
        """Say everything of the clock at a place that is due by now, and set its timer for what comes next."""
        run, said = fall_due(self._case, self._runs[place], self._at, self._reference)
        self._said += said
        self._runs[place] = self._armed(run)

    def close(self) -> None:
        """Let the case be over."""
        self._open = False

    def decision(self) -> Decision[Case]:
        """Return what has come together."""
        case = self._case
        case = case._replace(runs=tuple(self._runs), armings=self._armings, open=self._open, revision=case.revision + 1)
        effects = (*self._effects, *tallies(self._before, case))
        return Decision(case, tuple(self._said), effects, restricted=case.restricted)

    def _live(self, clock: Clock) -> int | None:
        """Return the place of the live run of a clock; there is at most one."""
        return next((n for n, run in enumerate(self._runs) if run.clock is clock and run.ended_at is None), None)

    def _reckoned(self, clock: Clock, agency: str, started_at: datetime) -> ClockRun:
        policy, zone = self._policy(clock), self._reference.directory.find(agency).zone
        calendar = self._reference.calendar(zone)
        due = due_at(started_at, policy.budget, calendar, policy.options).astimezone(UTC)
        versions = self._reference.policies.version, calendar.version
        run = ClockRun(clock, agency, zone, started_at, due, self._case.sequence, *versions)
        return run._replace(next_at=next_moment(run, policy, calendar))

    def _policy(self, clock: Clock) -> Policy:
        return self._reference.policies.of(clock, self._case.kind)

    def _armed(self, run: ClockRun) -> ClockRun:
        """Return the run with its timer set under a new epoch, when anything is still to come."""
        if run.next_at is None:
            return run
        self._armings += 1
        self._effects.append(Arm(self._case.case_id, run.clock, self._armings, run.next_at))
        return run._replace(epoch=self._armings)
