"""What becomes of a case's clocks in one decision: they start, move, pause and end, and it is said. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from schemas.base import Data, Decision, Effect
from schemas.sla.deadline_cancelled_v1 import DeadlineCancelled
from schemas.sla.deadline_met_v1 import DeadlineMet
from schemas.sla.deadline_moved_v1 import DeadlineMoved
from schemas.sla.deadline_paused_v1 import DeadlinePaused
from schemas.sla.deadline_resumed_v1 import DeadlineResumed
from schemas.sla.deadline_set_v1 import DeadlineSet
from schemas.words import Clock, Kind
from services.sla.clocks import STOPPED, Arm, Case, Change, ChangeKind, ClockRun, Disarm, Standing, tallies
from services.sla.directory import Reference
from services.sla.ladder import beginning, breach, elapse, facts, fall_due, next_moment, percent_used
from services.sla.policies import AtEnd, Policy
from services.sla.wording import extended_words, moved_words, reclassified_words
from services.sla.worktime import due_at_utc


class Turn:
    """One decision in the making: what becomes of `case`, and what is said and kept meanwhile. `at` is when the fact happened."""

    def __init__(self, before: Case | None, case: Case, at: datetime, reference: Reference) -> None:
        self.at = at
        self._before = before
        self._case = case
        self._runs = list(case.runs)
        self._armings = case.armings
        self._open = case.open
        self._reference = reference
        self._said: list[Data] = []
        self._effects: list[Effect] = []

    def start(self, clock: Clock, agency: str, started_at: datetime) -> None:
        """Let a clock run for an agency; one of its name that still runs is cancelled."""
        self.end(clock, Standing.CANCELLED)
        self._set(self._new(clock, agency, started_at))

    def begin_again(self, clock: Clock, agency: str, started_at: datetime) -> None:
        """Let a running clock count from now on, and say so where its end moves; start it when it does not run (any more)."""
        place = self._live(clock)
        if place is None or self.at > self._runs[place].due_at:
            self.start(clock, agency, started_at)
            return
        old, run = self._runs[place], self._new(clock, agency, started_at)
        self._runs[place] = run
        if run.due_at != old.due_at:
            why = moved_words(started_at, self._policy(clock).budget, run.zone)
            self._said.append(DeadlineMoved(**facts(self._case, run), was=old.due_at, why=why))

    def run_on(self, clock: Clock, agency: str) -> None:
        """Let a clock that never restarts bind an agency from now on; one that had ended runs on with what was left of it then."""
        place = max((n for n, run in enumerate(self._runs) if run.clock is clock), default=None)
        if place is None:
            return  # the case is older than the clock
        run = self._runs[place]
        if run.agency != agency:
            change = Change(ChangeKind.BOUND, self.at, run.due_at, run.agency)
            run = run._replace(agency=agency, changes=(*run.changes, change))
        if run.ended_at is None:
            self._runs[place] = run
            return
        pauses = (*run.pauses, (run.paused_at or run.ended_at, self.at))
        run = run._replace(basis=self._case.sequence, kind=self._case.kind, pauses=pauses, ended_at=None)
        self._set(self._running(self._reckoned(run)))

    def pause(self) -> None:
        """Let the clocks that a question stops stand still, but those that had run out by then.

        A timer that went off before the fact was known may have said of one that it had run out, and then it was wrong.
        """
        for clock in STOPPED:
            place = self._live(clock)
            if place is not None and self._runs[place].state is not Standing.PAUSED and self.at <= self._runs[place].due_at:
                self._runs[place] = self._paused(self._runs[place], self.at)

    def resume(self) -> None:
        """Let everything run on that stands still."""
        for place, run in enumerate(self._runs):
            if run.state is Standing.PAUSED and run.paused_at is not None:
                pauses = (*run.pauses, (run.paused_at, self.at))
                self._runs[place] = again = self._running(self._reckoned(run._replace(pauses=pauses)))
                self._said.append(DeadlineResumed(**facts(self._case, again)))

    def extend(self, clock: Clock, days: int) -> None:
        """Give a live clock more working days."""
        place = self._live(clock)
        if place is not None:
            run = self._runs[place]
            change = Change(ChangeKind.EXTENDED, self.at, run.due_at, str(days))
            self._move(place, run._replace(extra_days=run.extra_days + days), change, extended_words(days, self.at, run.zone))

    def reclassify(self, kind: Kind, *, waiting: bool) -> None:
        """Let the case be of another kind: what is live gets that kind's budget, from the same start; `waiting` for the reporter."""
        if kind is self._case.kind:
            return
        self._case = self._case._replace(kind=kind, restricted=self._case.restricted or kind is Kind.WHISTLEBLOWING)
        for place, run in enumerate(self._runs):
            if run.ended_at is None:
                change = Change(ChangeKind.RECLASSIFIED, self.at, run.due_at, kind)
                budget = self._policy(run.clock).budget_with(run.extra_days)
                stopped_at = self._asked_at() if waiting and run.clock in STOPPED else None
                self._move(place, run._replace(kind=kind), change, reclassified_words(kind, budget, self.at, run.zone), stopped_at)

    def end(self, clock: Clock, how: Standing) -> None:
        """End a clock, if it runs: `how` is MET when what it waits for came, CANCELLED when that is awaited no longer.

        The moment of the fact judges: one that came late finds the clock breached (or elapsed), though its timer has not gone off
        yet; one that came in time has met it, though its timer went off before the fact was known.
        """
        place = self._live(clock)
        if place is None:
            return
        run = self._disarmed(self._runs[place])
        late = self.at > run.due_at
        if late and run.state is Standing.RUNNING:
            if self._policy(clock).at_end is AtEnd.ELAPSED:
                self._runs[place], event = elapse(self._case, run, self.at, self._reference)
                self._said.append(event)
                return
            run = self._breached(run)
        said = DeadlineMet if how is Standing.MET else DeadlineCancelled
        self._said.append(said(**facts(self._case, run)))
        stays = late and run.state is Standing.BREACHED
        self._runs[place] = run._replace(state=Standing.BREACHED if stays else how, ended_at=self.at)

    def close(self, how: Mapping[Clock, Standing]) -> None:
        """Let the case be over: every clock ends as `how` says of it, cancelled where it says nothing."""
        for clock in Clock:
            self.end(clock, how.get(clock, Standing.CANCELLED))
        self._open = False

    def reopen(self) -> None:
        """Let the case be open again."""
        self._open = True

    def fall_due(self, place: int) -> None:
        """Say everything of the clock at a place that is due by now, and set its timer for what comes next."""
        run, said = fall_due(self._case, self._runs[place], self.at, self._reference)
        self._said += said
        self._runs[place] = run if run.next_at is None else run._replace(epoch=self._arm(run.clock, run.next_at))

    def decision(self) -> Decision[Case]:
        """Return what has come together."""
        case = self._case
        case = case._replace(runs=tuple(self._runs), armings=self._armings, open=self._open, revision=case.revision + 1)
        effects = (*self._effects, *tallies(self._before, case))
        return Decision(case, tuple(self._said), effects, restricted=case.restricted)

    def _new(self, clock: Clock, agency: str, started_at: datetime) -> ClockRun:
        """Return a clock that starts, its timer set for what comes first."""
        reference, case = self._reference, self._case
        zone, policies = reference.directory.find(agency).zone, reference.policies
        due, first = beginning(policies.of(clock, case.kind), started_at, zone, reference.calendar)
        versions = policies.version, reference.calendar(zone).version
        epoch = self._arm(clock, first)
        return ClockRun(clock, agency, zone, started_at, due, case.sequence, *versions, case.kind, epoch=epoch, next_at=first)

    def _reckoned(self, run: ClockRun) -> ClockRun:
        """Return a clock with the end that its budget has now."""
        policies, calendar = self._reference.policies, self._reference.calendar(run.zone)
        policy = policies.of(run.clock, run.kind)
        due = due_at_utc(run.started_at, policy.budget_with(run.extra_days), calendar, policy.options, run.pauses)
        return run._replace(due_at=due, policy_version=policies.version, calendar_version=calendar.version)

    def _set(self, run: ClockRun) -> None:
        self._runs.append(run)
        self._said.append(DeadlineSet(**facts(self._case, run)))

    def _move(self, place: int, run: ClockRun, change: Change, why: str, stopped_at: datetime | None = None) -> None:
        """Give a live clock the end that its budget has now, and say so where that is another one.

        It stands still when its case waits for the reporter since `stopped_at`, unless its end is before that.
        """
        was, moved = run.due_at, self._reckoned(run)
        if moved.due_at != was:
            if self.at > was and run.state is Standing.RUNNING and moved.due_at > self.at:
                if self._policy(run.clock).at_end is AtEnd.ELAPSED:
                    return  # it is over; its timer is about to say so
                self._breached(run)
            moved = moved._replace(changes=(*run.changes, change))
            self._said.append(DeadlineMoved(**facts(self._case, moved), was=was, why=why))
            if stopped_at is not None and stopped_at <= moved.due_at:
                moved = moved if run.state is Standing.PAUSED else self._paused(moved, stopped_at)
            elif run.state is not Standing.BREACHED or moved.due_at > self.at:
                moved = self._running(moved)
        self._runs[place] = moved

    def _asked_at(self) -> datetime | None:
        """Return when the reporter was asked last."""
        return next((run.started_at for run in reversed(self._runs) if run.clock is Clock.COMPLETION), None)

    def _paused(self, run: ClockRun, at: datetime) -> ClockRun:
        """Return a clock as one that stands still since `at`, and say so."""
        run = self._disarmed(run)._replace(state=Standing.PAUSED, paused_at=at, breached_at=None, level=0)
        self._said.append(DeadlinePaused(**facts(self._case, run)))
        return run

    def _running(self, run: ClockRun) -> ClockRun:
        """Return a clock as one that runs, its timer set for what comes next; a share that is yet to come is warned of again."""
        policy, calendar = self._policy(run.clock), self._reference.calendar(run.zone)
        if run.warned:
            used = percent_used(run, self.at, self._reference.calendar)
            run = run._replace(warned=max((share for share in policy.warn_percent if share <= min(used, run.warned)), default=0))
        next_at = next_moment(run, policy, calendar)
        epoch = self._arm(run.clock, next_at)
        return run._replace(state=Standing.RUNNING, paused_at=None, breached_at=None, level=0, epoch=epoch, next_at=next_at)

    def _breached(self, run: ClockRun) -> ClockRun:
        run, event = breach(self._case, run, self.at, self._reference)
        self._said.append(event)
        return run

    def _live(self, clock: Clock) -> int | None:
        """Return the place of the live run of a clock; there is at most one."""
        return next((n for n, run in enumerate(self._runs) if run.clock is clock and run.ended_at is None), None)

    def _policy(self, clock: Clock) -> Policy:
        return self._reference.policies.of(clock, self._case.kind)

    def _disarmed(self, run: ClockRun) -> ClockRun:
        """Return the run without a timer."""
        if run.next_at is None:
            return run
        self._effects.append(Disarm(self._case.case_id, run.clock))
        return run._replace(next_at=None)

    def _arm(self, clock: Clock, at: datetime) -> int:
        """Set the timer of a clock, and return the epoch that it has now."""
        self._armings += 1
        self._effects.append(Arm(self._case.case_id, clock, self._armings, at))
        return self._armings
