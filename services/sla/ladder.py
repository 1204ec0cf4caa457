"""What a clock does as time goes by: its warnings, its end, and the levels a breach climbs. Pure.

A timer that goes off tells the one thing it was set for and is set for the next, which after an outage may be past too and then
goes off at once: a catch-up is in order, the most overdue of all cases first, and no batch is larger for it.
"""

from __future__ import annotations

from datetime import datetime
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
from services.sla.worktime import Budget, consumed_percent, due_at_utc, elapsed_working_seconds, moment_of_percent


def fall_due(case: Case, run: ClockRun, at: datetime, reference: Reference) -> tuple[ClockRun, tuple[Data, ...]]:
    """Return the run after the one thing of it that is next, and what is said of that; nothing when it is not due at `at`."""
    due = run.next_at
    if due is None or due > at:
        return run, ()
    policy = reference.policies.of(run.clock, run.kind)
    if run.state is Standing.BREACHED:
        run, told = _climb(case, run, policy, reference)
        return run, (told,)
    if due < run.due_at:
        run, warned = _warn(case, run, policy, at, reference)
        return run, (warned,)
    if policy.at_end is AtEnd.ELAPSED:
        run, elapsed = elapse(case, run, at, reference)
        return run, (elapsed,)
    run, breached = breach(case, run, at, reference)
    run, told = _climb(case, run, policy, reference)
    return run, (breached, told)


@lru_cache(maxsize=4096)
def beginning(policy: Policy, at: datetime, zone: str, calendar_of: CalendarOf) -> tuple[datetime, datetime]:
    """Return when a clock that starts at `at` (UTC) runs out, and when something is first due of it.

    The cases of one batch are accepted at one instant, so nearly all of them share a few answers.
    """
    calendar = calendar_of(zone)
    due = due_at_utc(at, policy.budget, calendar, policy.options)
    return due, moment_of_percent(policy.warn_percent[0], at, due, calendar) if policy.warn_percent else due


def next_moment(run: ClockRun, policy: Policy, calendar: Calendar) -> datetime:
    """Return when something is next due of a running clock: its next warning (one on the end is the end), or the end."""
    for percent in policy.warn_percent:
        if percent > run.warned:
            return moment_of_percent(percent, run.started_at, run.due_at, calendar, run.pauses)
    return run.due_at


def breach(case: Case, run: ClockRun, at: datetime, reference: Reference) -> tuple[ClockRun, Data]:
    """Return a running clock as breached, and the telling of it; it climbs no level yet."""
    percent = percent_used(run, at, reference.calendar)
    event = DeadlineBreached(**facts(case, run), consumed_percent=percent, fired_at=at)
    return run._replace(state=Standing.BREACHED, breached_at=at, next_at=None), event


def elapse(case: Case, run: ClockRun, at: datetime, reference: Reference) -> tuple[ClockRun, Data]:
    """Return a clock as over whose end is normal, and the telling of it."""
    percent = percent_used(run, at, reference.calendar)
    event = DeadlineElapsed(**facts(case, run), consumed_percent=percent, fired_at=at, basis=run.basis)
    return run._replace(state=Standing.ELAPSED, ended_at=at, next_at=None), event


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
    run = run._replace(warned=share)
    return run._replace(next_at=next_moment(run, policy, reference.calendar(run.zone))), event


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
        return run._replace(level=level, next_at=None), EscalationUnaddressed.model_validate({**told, "to": None})
    next_at = _rung(run.due_at, policy.ladder, level, run.zone, reference.calendar)
    return run._replace(level=level, next_at=next_at), EscalationRaised.model_validate({**told, "to": above[level - 1].code})


@lru_cache(maxsize=4096)
def _rung(due: datetime, ladder: Budget, level: int, zone: str, calendar_of: CalendarOf) -> datetime:
    """Return when the level after `level` is told: that many times the ladder's budget after due."""
    budget = Budget(
        None if ladder.working_days is None else ladder.working_days * level,
        None if ladder.working_time is None else ladder.working_time * level,
        None if ladder.calendar_days is None else ladder.calendar_days * level,
    )
    return due_at_utc(due, budget, calendar_of(zone))


@lru_cache(maxsize=4096)
def _worked(due: datetime, at: datetime, zone: str, calendar_of: CalendarOf) -> bool:
    return elapsed_working_seconds(due, at, calendar_of(zone)) > 0
