"""Clocks as they were told: each ends at most once, and nothing fires before its time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.system.evidence import Evidence, Fact, by_case, instant

ENDS = ("met", "cancelled", "elapsed")
CLIMBS = ("raised", "unaddressed")
LEAST_PERCENT = 50
"""The first warning of every policy there is."""
SLACK_SECONDS = 0.1
"""Real time by which a client's idea of now may be off: answers take their way."""


@dataclass
class Run:
    """One run of one clock."""

    due: datetime
    breached: bool = False


def deadlines(evidence: Evidence) -> Iterator[str]:
    """Every routed case has a clock; each set has one end at most; no warning, breach or end is early, by its own words or by the clock's."""
    latest = _latest(evidence)
    cases = by_case(fact for fact in evidence.facts if fact.source == "urn:salur:sla")
    for fact in evidence.of("case.routed"):
        if not any(told.type == "salur.deadline.set.v1" for told in cases.get(str(fact.case_id), ())):
            yield f"case {fact.case_id} has an owner and no clock"
    for facts in cases.values():
        runs: dict[str, Run] = {}
        for fact in facts:
            yield from _step(fact, runs)
            if "fired_at" in fact.data and latest is not None:
                now = latest(fact.record.timestamp / 1000)
                if instant(fact.data["fired_at"]) > now:
                    yield f"{fact} fired at {fact.data['fired_at']}, and it was not later than {now} when it was published"


def _step(fact: Fact, runs: dict[str, Run]) -> Iterator[str]:
    """Let one event happen to the clocks of its case."""
    clock, what = fact.data["clock"], fact.type.split(".")[2]
    run, due = runs.get(clock), instant(fact.data["due_at"])
    if what == "set":
        if run is not None:
            yield f"{fact}: {clock} is set while it runs"
        runs[clock] = Run(due)
    elif what in CLIMBS:
        if run is not None and not run.breached:
            yield f"{fact}: {clock} climbs without a breach"
    elif run is None:
        yield f"{fact}: {clock} does not run"
    else:
        yield from _live_step(fact, what, run, due)
        if what in ENDS:
            del runs[clock]


def _live_step(fact: Fact, what: str, run: Run, due: datetime) -> Iterator[str]:
    """Let one event happen to a clock that runs or is breached."""
    if what == "moved" and instant(fact.data["was"]) != run.due:
        yield f"{fact}: moves from {fact.data['was']}, but was due at {run.due}"
    if what in ("moved", "resumed"):
        run.due = due
    if what in ("moved", "paused", "resumed"):
        # a breach that was said before an earlier fact was known, or whose end has moved: the clock runs again
        run.breached = run.breached and what == "moved" and due <= fact.time
    if due != run.due:
        yield f"{fact}: is due at {due}, and was said to be at {run.due}"
    if what in ("breached", "elapsed") and instant(fact.data["fired_at"]) < due:
        yield f"{fact}: fired at {fact.data['fired_at']}, before {due}"
    if what in ("breached", "warned") and run.breached:
        yield f"{fact}: is {what} after it was breached"
    if what == "warned" and fact.data["consumed_percent"] < LEAST_PERCENT:
        yield f"{fact}: warned at {fact.data['consumed_percent']} %"
    run.breached = run.breached or what == "breached"


def _latest(evidence: Evidence):
    """Return the latest that Salur's clock can show at a real time, by what it answered to requests; None when nothing was."""
    speed = evidence.meta.get("speed")
    if speed is None:
        return None
    begun = min(line["at"] for line in evidence.ledger)
    attempts = {id_: [line["at"] - begun for line in lines if line["op"] == "invoke"] for id_, lines in evidence.attempts.items()}
    # of several attempts under one id nobody knows which one counted
    bounds = [
        instant(fact.data["accepted_at"]) - timedelta(seconds=speed * attempts[str(fact.cause)][0])
        for fact in evidence.of("complaint.accepted")
        if len(attempts.get(str(fact.cause), ())) == 1
    ]
    if not bounds:
        return None
    return lambda real: min(bounds) + timedelta(seconds=speed * (real - begun + SLACK_SECONDS))
