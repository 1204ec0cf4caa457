"""What a clock does as time goes by: its warnings, its end, and the levels a breach climbs. Pure.

Everything that is due by a moment is said in one go and in order, so that after an outage the first look catches up.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from schemas.base import Data
from schemas.sla.deadline_breached_v1 import DeadlineBreached
from schemas.sla.deadline_elapsed_v1 import DeadlineElapsed
from schemas.sla.deadline_warned_v1 import DeadlineWarned
from schemas.sla.escalation_raised_v1 import EscalationRaised
from schemas.sla.escalation_unaddressed_v1 import EscalationUnaddressed
from services.sla.calendars import Calendar
from services.sla.clocks import Case, ClockRun, Standing
from services.sla.directory import CalendarOf, Reference
from services.sla.policies import AtEnd, Policy
from services.sla.wording import breach_words
from services.sla.worktime import Budget, consumed_percent, due_at, elapsed_working_seconds, moment_of_percent


def fall_due(case: Case, run: ClockRun, at: datetime, reference: Reference) -> tuple[ClockRun, list[Data]]:
    """Return the run after everything of it that is due by `at`, and what is said of it, in order."""
    said: list[Data] = []
    policy = reference.policies.of(run.clock, case.kind)
    while (due := run.next_at) is not None and due <= at:
        if run.state is Standing.BREACHED:
            run, event = _climb(case, run, policy, reference)
            said.append(event)
        elif due < run.due_at:
            run, event = _warn(case, run, policy, at, reference)
            said.append(event)
        elif policy.at_end is AtEnd.ELAPSED:
            run, event = elapse(case, run, at, reference)
            said.append(event)
        else:
            run, event = breach(case, run, at, reference)
            said.append(event)
            run, event = _climb(case, run, policy, reference)
            said.append(event)
    return run, said


def next_moment(run: ClockRun, policy: Policy, calendar: Calendar) -> datetime:
    """Return when something is next due of a running clock: its next warning, unless that falls on the end, or the end."""
    for percent in policy.warn_percent:
        if percent > run.warned:
            moment = moment_of_percent(percent, run.started_at, run.due_at, calendar, run.pauses).astimezone(UTC)
            return min(moment, run.due_at)
    return run.due_at


def breach(case: Case, run: ClockRun, at: datetime, reference: Reference) -> tuple[ClockRun, Data]:
    """Return a running clock as breached, and the telling of it; it climbs no level yet."""
    percent = percent_used(run, at, reference.calendar)
    event = DeadlineBreached(**facts(case, run), consumed_percent=percent, fired_at=at)
    return replace(run, state=Standing.BREACHED, breached_at=at, next_at=None), event


def elapse(case: Case, run: ClockRun, at: datetime, reference: Reference) -> tuple[ClockRun, Data]:
    """Return a clock as over whose end is normal, and the telling of it."""
    percent = percent_used(run, at, reference.calendar)
    event = DeadlineElapsed(**facts(case, run), consumed_percent=percent, fired_at=at, basis=run.basis)
    return replace(run, state=Standing.ELAPSED, ended_at=at, next_at=None), event


def percent_used(run: ClockRun, at: datetime, calendar_of: CalendarOf) -> int:
    """Return how much of a run's budget is used at `at`, in whole percent; from the moment it is due on at least 100."""
    if at >= run.due_at and not _worked(run.due_at, at, run.zone, calendar_of):
        # no work follows the end of a day: thousands of clocks that fall due at one instant share this answer
        return 100
    percent = int(consumed_percent(run.started_at, at, run.due_at, calendar_of(run.zone), run.pauses))
    return percent if at < run.due_at else max(100, percent)


def facts(case: Case, run: ClockRun) -> dict[str, Any]:
    """Return the fields that all events of a clock share."""
    return {
        "case_id": case.case_id,
        "tracking_id": case.tracking_id,
        "clock": run.clock,
        "agency": run.agency,
        "due_at": run.due_at,
        "policy_version": run.policy_version,
        "calendar_version": run.calendar_version,
    }


def _warn(case: Case, run: ClockRun, policy: Policy, at: datetime, reference: Reference) -> tuple[ClockRun, Data]:
    share = next(percent for percent in policy.warn_percent if percent > run.warned)
    # rounding may fall short of the share by a hair at the very moment at which it is reached
    percent = max(share, percent_used(run, at, reference.calendar))
    event = DeadlineWarned(**facts(case, run), consumed_percent=percent, fired_at=at)
    run = replace(run, warned=share)
    return replace(run, next_at=next_moment(run, policy, reference.calendar(run.zone))), event


def _climb(case: Case, run: ClockRun, policy: Policy, reference: Reference) -> tuple[ClockRun, Data]:
    """Tell the next level up, and set when the one after it follows; at the top say that nobody is left."""
    level = run.level + 1
    told = {
        "case_id": case.case_id,
        "tracking_id": case.tracking_id,
        "clock": run.clock,
        "agency": run.agency,
        "due_at": run.due_at,
        "level": level,
        "reason": breach_words(run.clock, run.due_at, run.zone),
    }
    above = reference.directory.above(run.agency)
    if level > len(above):
        return replace(run, level=level, next_at=None), EscalationUnaddressed.model_validate({**told, "to": None})
    next_at = _rung(run.due_at, policy.ladder, level, run.zone, reference.calendar)
    return replace(run, level=level, next_at=next_at), EscalationRaised.model_validate({**told, "to": above[level - 1].code})


@lru_cache(maxsize=4096)
def _rung(due: datetime, ladder: Budget, level: int, zone: str, calendar_of: CalendarOf) -> datetime:
    """Return when the level after `level` is told: that many times the ladder's budget after due."""
    budget = Budget(
        None if ladder.working_days is None else ladder.working_days * level,
        None if ladder.working_time is None else ladder.working_time * level,
        None if ladder.calendar_days is None else ladder.calendar_days * level,
    )
    return due_at(due, budget, calendar_of(zone)).astimezone(UTC)


@lru_cache(maxsize=4096)
def _worked(due: datetime, at: datetime, zone: str, calendar_of: CalendarOf) -> bool:
    return elapsed_working_seconds(due, at, calendar_of(zone)) > 0
