"""The clocks twice over: as they must run by the contract's table, reckoned from routing's facts alone, and as sla said them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Final

from deploy.demo.evidence import Evidence, Fact
from schemas.words import Clock, Kind
from services.sla.calendars import Calendar
from services.sla.policies import Policies, Policy, read_policies
from services.sla.reference_data import default_policies, national_calendar
from services.sla.worktime import due_at

HIGHEST_LEVEL: Final = 16
FLIGHT_SECONDS: Final = 2.0
"""Real time within which sla may not have heard yet of a fact that came just before a clock ran out, or its timer not have gone off."""


@dataclass(slots=True)
class Run:
    """One run of one clock. `cause` is the id of the fact on which it rests, `ended` how it ended."""

    case_id: str
    clock: str
    agency: str
    start: datetime
    due: datetime
    cause: str
    ended: str | None = None
    ended_at: datetime | None = None
    breaches: list[Fact] = field(default_factory=list)
    warnings: list[Fact] = field(default_factory=list)
    raised: list[Fact] = field(default_factory=list)

    def __str__(self) -> str:
        """Name it for a counterexample."""
        return f"{self.clock} of {self.agency} on {self.case_id}, due {self.due:%Y-%m-%d %H:%M:%S}Z"


class Rules:
    """The promises and calendars that a run is reckoned by, and the tree of agencies as `salur.reference` tells it."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._agencies = {fact.data["code"]: fact.data for fact in facts if fact.what == "reference.agency"}

    @cached_property
    def policies(self) -> Policies:
        """Return the policies that come with the repository."""
        return read_policies(default_policies())

    def policy(self, clock: str, kind: str) -> Policy:
        """Return the promise of a clock."""
        return self.policies.of(Clock(clock), Kind(kind))

    def calendar(self, agency: str) -> Calendar:
        """Return the calendar by the wall clock of an agency."""
        return national_calendar(self._agencies[agency]["zone"])

    def due(self, clock: str, kind: str, agency: str, start: datetime) -> datetime:
        """Return when a clock runs out."""
        policy = self.policy(clock, kind)
        return due_at(start, policy.budget, self.calendar(agency), policy.options).astimezone(UTC)

    def above(self, agency: str) -> list[str]:
        """Return the agencies above, the nearest first."""
        chain: list[str] = []
        while (parent := self._agencies[chain[-1] if chain else agency]["parent"]) is not None and len(chain) < HIGHEST_LEVEL:
            chain.append(parent)
        return chain


class Wanted:
    """The runs of one case as the contract's table wants them.

    `elapsed` are the due times at which sla said that waiting was over: they decide only where the next answer came within
    `flight` of one, so that both ways are right.
    """

    def __init__(self, rules: Rules, routed: Fact, elapsed: frozenset[datetime], flight: timedelta) -> None:
        self.runs: list[Run] = []
        self._elapsed = elapsed
        self._flight = flight
        self._rules = rules
        self._kind = routed.data["kind"]

    def take(self, fact: Fact) -> None:
        """Let a fact of routing start and end clocks (contracts §5)."""
        owner = fact.data["owner"]
        match fact.what:
            case "case.routed":
                self._start("verification", owner, fact.instant("accepted_at"), fact)
            case "case.verified":
                self._end("verification", "met", fact)
                self._start("follow_up", owner, fact.time, fact)
            case "case.transfer_requested":
                self._end("verification", "met", fact)
                self._start("decision", fact.data["decider"], fact.time, fact)
            case "case.transferred":
                self._end("decision", "met", fact)
                self._end("verification", "met", fact)
                self._end("follow_up", "cancelled", fact)
                self._start("verification", owner, fact.time, fact)
            case "case.followed_up":
                self._end("follow_up", "met", fact)
                self._again("reply", owner, fact)
            case "case.closed":
                ends = "met" if fact.data["by"] == "reporter" else "elapsed" if fact.data["by"] == "system" else "cancelled"
                self._end("reply", ends, fact)

    def _start(self, clock: str, agency: str, start: datetime, fact: Fact) -> None:
        due = self._rules.due(clock, self._kind, agency, start)
        self.runs.append(Run(fact.case_id, clock, agency, start, due, fact.id))

    def _again(self, clock: str, agency: str, fact: Fact) -> None:
        run = self._live(clock)
        if run is not None and self._over(run, fact.time):
            run.ended, run.ended_at, run = "elapsed", run.due, None
        if run is None:
            self._start(clock, agency, fact.time, fact)
        else:
            run.start, run.due = fact.time, self._rules.due(clock, self._kind, agency, fact.time)

    def _end(self, clock: str, how: str, fact: Fact) -> None:
        run = self._live(clock)
        if run is not None:
            run.ended, run.ended_at = how, fact.time

    def _over(self, run: Run, at: datetime) -> bool:
        """Whether waiting was over before the next answer came (after an interim answer: nothing closes then)."""
        return at > run.due + self._flight or (run.due in self._elapsed and at > run.due - self._flight)

    def _live(self, clock: str) -> Run | None:
        return next((run for run in self.runs if run.clock == clock and run.ended is None), None)


def wanted_runs(evidence: Evidence, rules: Rules) -> dict[str, list[Run]]:
    """Return the runs that each case must have."""
    found: dict[str, list[Run]] = {}
    for case, facts in evidence.by_case("routing").items():
        if facts[0].what != "case.routed":
            continue
        ended = (fact for fact in evidence.by_case("sla").get(case, ()) if fact.what == "deadline.elapsed")
        elapsed = frozenset(fact.instant("due_at") for fact in ended)
        wanted = Wanted(rules, facts[0], elapsed, evidence.in_flight(FLIGHT_SECONDS))
        for fact in facts:
            wanted.take(fact)
        found[case] = wanted.runs
    return found


def said_runs(evidence: Evidence) -> tuple[dict[str, list[Run]], list[str]]:
    """Return the runs that sla said of each case, and what of its telling makes no sense."""
    found: dict[str, list[Run]] = {}
    problems: list[str] = []
    for case, facts in evidence.by_case("sla").items():
        runs = found[case] = []
        for fact in facts:
            problem = _tell(runs, fact)
            if problem is not None:
                problems.append(f"{fact.what} {fact.data['clock']} on {case}: {problem}")
    return found, problems


def _tell(runs: list[Run], fact: Fact) -> str | None:
    clock, what = fact.data["clock"], fact.what.rpartition(".")[2]
    run = next((run for run in reversed(runs) if run.clock == clock and (run.ended is None or fact.what.startswith("escalation"))), None)
    if what == "set":
        runs.append(Run(fact.case_id, clock, fact.data["agency"], fact.time, fact.instant("due_at"), fact.cause))
        return None if run is None else "set while it runs"
    if run is None:
        return "it does not run"
    match what:
        case "moved":
            run.due = fact.instant("due_at")
        case "warned":
            run.warnings.append(fact)
        case "breached":
            run.breaches.append(fact)
        case "raised" | "unaddressed":
            run.raised.append(fact)
        case _:
            run.ended, run.ended_at = what, fact.time
    return None
