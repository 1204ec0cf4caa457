"""What one fact does to the clocks of a case: starts, moves and ends them, and says so. Pure."""

from __future__ import annotations

from dataclasses import replace
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
    """One decision in the making: `case` as it becomes, and what is said and kept meanwhile. `at` is when the fact happened."""

    def __init__(self, before: Case | None, case: Case, at: datetime, reference: Reference) -> None:
        self.case = case
        self._before = before
        self._at = at
        self._reference = reference
        self._said: list[Data] = []
        self._effects: list[Effect] = []

    def start(self, clock: Clock, agency: str, started_at: datetime) -> None:
        """Let a clock run for an agency; one of its name that still runs is cancelled."""
        self.end(clock, Standing.CANCELLED)
        run = self._reckoned(clock, agency, started_at)
        self.case = replace(self.case, runs=(*self.case.runs, run))
        self._said.append(DeadlineSet(**facts(self.case, run)))
        self._arm(run)

    def begin_again(self, clock: Clock, agency: str, started_at: datetime) -> None:
        """Let a running clock count from now on, and say so where its end moves; start it when it does not run."""
        old = self.case.live(clock)
        if old is None:
            self.start(clock, agency, started_at)
            return
        run = self._reckoned(clock, agency, started_at)
        self._put(old, run)
        if run.due_at != old.due_at:
            why = moved_words(started_at, self._policy(clock).budget, run.zone)
            self._said.append(DeadlineMoved(**facts(self.case, run), was=old.due_at, why=why))
        self._arm(run)

    def end(self, clock: Clock, how: Standing) -> None:
        """End a clock, if it runs: `how` is MET when what it waits for came, CANCELLED when that is awaited no longer.

        The moment of the fact judges: one that came late finds the clock breached, though its timer has not gone off yet; one
        that came in time has met it, though its timer went off before the fact was known.
        """
        old = self.case.live(clock)
        if old is None:
            return
        run, late = old, self._at > old.due_at
        if late and run.state is Standing.RUNNING and self._policy(clock).at_end is AtEnd.BREACH:
            run, event = breach(self.case, run, self._at, self._reference)
            self._said.append(event)
        said = DeadlineMet if how is Standing.MET else DeadlineCancelled
        self._said.append(said(**facts(self.case, run)))
        stays = run.state is Standing.BREACHED and (late or how is Standing.CANCELLED)
        self._put(old, replace(run, state=Standing.BREACHED if stays else how, ended_at=self._at, next_at=None))
        if old.next_at is not None:
            self._effects.append(Disarm(self.case.case_id, clock))

    def fall_due(self, run: ClockRun) -> None:
        """Say everything of a clock that is due by now, and set its timer for what comes next."""
        after, said = fall_due(self.case, run, self._at, self._reference)
        self._said += said
        self._put(run, after)
        self._arm(after)

    def decision(self) -> Decision[Case]:
        """Return what has come together."""
        self.case = replace(self.case, revision=self.case.revision + 1)
        effects = (*self._effects, *tallies(self._before, self.case))
        return Decision(self.case, tuple(self._said), effects, restricted=self.case.restricted)

    def _reckoned(self, clock: Clock, agency: str, started_at: datetime) -> ClockRun:
        policy, zone = self._policy(clock), self._reference.directory.find(agency).zone
        calendar = self._reference.calendar(zone)
        run = ClockRun(
            clock=clock,
            agency=agency,
            zone=zone,
            started_at=started_at,
            due_at=due_at(started_at, policy.budget, calendar, policy.options).astimezone(UTC),
            basis=self.case.sequence,
            policy_version=self._reference.policies.version,
            calendar_version=calendar.version,
        )
        return replace(run, next_at=next_moment(run, policy, calendar))

    def _policy(self, clock: Clock) -> Policy:
        return self._reference.policies.of(clock, self.case.kind)

    def _arm(self, run: ClockRun) -> None:
        """Set the run's timer under a new epoch, when anything is still to come."""
        if run.next_at is not None:
            epoch = self.case.armings + 1
            self.case = replace(self.case, armings=epoch)
            self._put(run, replace(run, epoch=epoch))
            self._effects.append(Arm(self.case.case_id, run.clock, epoch, run.next_at))

    def _put(self, old: ClockRun, new: ClockRun) -> None:
        self.case = replace(self.case, runs=tuple(new if run is old else run for run in self.case.runs))
