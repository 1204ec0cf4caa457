"""The clocks of one case as they must run by the contract's table, reckoned from routing's facts alone. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from deploy.demo.checks.rules import Rules, Run, Span
from deploy.demo.evidence import Evidence, Fact
from schemas.words import Clock
from services.sla.policies import AtEnd

STOPPED: Final = ("follow_up", "resolution")
"""The clocks that stand still while the reporter is asked."""
ALL: Final = tuple(Clock)


class Wanted:
    """The runs of one case as the contract's table wants them.

    `elapsed` are the due times at which sla said that waiting was over: they decide only where the next fact came within
    `flight` of one, so that both ways are right.
    """

    def __init__(self, rules: Rules, routed: Fact, elapsed: frozenset[datetime], flight: timedelta) -> None:
        self.runs: list[Run] = []
        self._zones: dict[int, str] = {}
        self._elapsed = elapsed
        self._flight = flight
        self._rules = rules
        self._kind = routed.data["kind"]
        # handing down and acknowledging do nothing
        self._deeds: Mapping[str, Callable[[Fact], None]] = {
            "case.routed": self._routed,
            "case.verified": self._verified,
            "case.deferred": self._deferred,
            "case.resumed": self._resumed,
            "case.transfer_requested": self._transfer_requested,
            "case.transferred": self._transferred,
            "case.followed_up": self._followed_up,
            "case.replied": self._replied,
            "case.extended": self._extended,
            "case.reclassified": self._reclassified,
            "case.referred": self._over_with,
            "case.archived": self._over_with,
            "case.withdrawn": self._over_with,
            "case.closed": self._over_with,
            "case.reopened": self._reopened,
        }

    def take(self, fact: Fact) -> None:
        """Let a fact of routing start, stop, move and end clocks (contracts §5)."""
        deed = self._deeds.get(fact.what)
        if deed is not None:
            deed(fact)

    def _routed(self, fact: Fact) -> None:
        for clock in ("verification", "resolution"):
            self._start(clock, fact.data["owner"], fact.instant("accepted_at"), fact)

    def _verified(self, fact: Fact) -> None:
        self._end(fact, "met", "verification")
        self._start("follow_up", fact.data["owner"], fact.time, fact)

    def _deferred(self, fact: Fact) -> None:
        self._pause(fact)
        self._start("completion", fact.data["owner"], fact.time, fact)

    def _resumed(self, fact: Fact) -> None:
        self._end(fact, "met", "completion")
        self._resume(fact)

    def _transfer_requested(self, fact: Fact) -> None:
        self._end(fact, "met", "verification")
        self._start("decision", fact.data["decider"], fact.time, fact)

    def _transferred(self, fact: Fact) -> None:
        self._end(fact, "met", "decision")
        self._end(fact, "met" if fact.data["decided_by"] is None else "cancelled", "verification")
        self._end(fact, "cancelled", "follow_up")
        self._run_on(fact)
        self._start("verification", fact.data["owner"], fact.time, fact)

    def _followed_up(self, fact: Fact) -> None:
        self._end(fact, "met", "follow_up", *(("resolution",) if fact.data["final"] else ()))
        self._again("reply", fact.data["owner"], fact)

    def _replied(self, fact: Fact) -> None:
        self._end(fact, "met", "reply")
        self._run_on(fact)

    def _over_with(self, fact: Fact) -> None:
        """End the case: who lays it aside has met its verification, a reporter that closes has met its reply; the rest is cancelled."""
        by_office = isinstance(fact.data["by"], dict)
        if by_office and fact.what in {"case.referred", "case.archived"}:
            self._end(fact, "met", "verification")
        if fact.data["by"] == "reporter" and fact.what == "case.closed":
            self._end(fact, "met", "reply")
        self._end(fact, "cancelled", *ALL)

    def _reopened(self, fact: Fact) -> None:
        self._run_on(fact)
        self._start("follow_up", fact.data["owner"], fact.time, fact)

    def finish(self, now: datetime) -> None:
        """Let time go on to `now` without another fact."""
        for run in self.runs:
            self._pass(run, now)

    def _start(self, clock: str, agency: str, start: datetime, fact: Fact) -> None:
        self._end(fact, "cancelled", clock)
        self._add(Run(fact.case_id, clock, agency, start, start, fact.id, kind=self._kind), agency, fact)

    def _add(self, run: Run, zone: str, fact: Fact) -> None:
        self.runs.append(run)
        self._zones[id(run)] = zone
        self._reckon(run, fact.time)

    def _reckon(self, run: Run, since: datetime) -> None:
        run.due = self._rules.due(run.clock, run.kind, self._zones[id(run)], run.start, run.pauses, run.extra)
        run.spans.append(Span(since, run.start, run.due, run.pauses, run.kind))

    def _again(self, clock: str, agency: str, fact: Fact) -> None:
        run = self._live(clock)
        if run is None or self._over(run, fact.time):
            self._start(clock, agency, fact.time, fact)
            return
        run.start = fact.time
        self._reckon(run, fact.time)

    def _run_on(self, fact: Fact) -> None:
        """Let `resolution` bind the owner; one that has ended runs on with what was left of it."""
        run = next((run for run in reversed(self.runs) if run.clock == "resolution"), None)
        if run is None or run.ended_at is None:
            return
        pauses = (*run.pauses, (run.paused_at or run.ended_at, fact.time))
        again = Run(fact.case_id, run.clock, fact.data["owner"], run.start, run.start, fact.id, kind=self._kind, extra=run.extra, pauses=pauses)
        self._add(again, self._zones[id(run)], fact)

    def _pause(self, fact: Fact) -> None:
        for clock in STOPPED:
            run = self._live(clock)
            if run is None:
                continue
            self._pass(run, fact.time)
            if not run.breached and run.paused_at is None:
                run.near += self._near(run, fact.time)
                run.paused_at = fact.time

    def _resume(self, fact: Fact) -> None:
        for run in self.runs:
            if run.ended is None and run.paused_at is not None:
                run.pauses, run.paused_at = (*run.pauses, (run.paused_at, fact.time)), None
                self._reckon(run, fact.time)

    def _extended(self, fact: Fact) -> None:
        run = self._live("resolution")
        if run is not None:
            run.extra += fact.data["days"]
            self._move(run, fact)

    def _reclassified(self, fact: Fact) -> None:
        kind = fact.data["kind"]
        if kind == self._kind:
            return
        self._kind = kind
        for run in self.runs:
            if run.ended is None:
                run.kind = kind
                self._move(run, fact)

    def _move(self, run: Run, fact: Fact) -> None:
        self._pass(run, fact.time)
        was = run.due
        run.near += self._near(run, fact.time)
        self._reckon(run, fact.time)
        if run.due != was and run.due > fact.time:
            run.breached = False

    def _end(self, fact: Fact, how: str, *clocks: str) -> None:
        for clock in clocks:
            run = self._live(clock)
            if run is not None:
                waits = self._rules.policy(clock, run.kind).at_end is AtEnd.ELAPSED
                self._pass(run, fact.time)
                run.near += self._near(run, fact.time)
                run.ended = "elapsed" if waits and self._over(run, fact.time) else how
                run.ended_at = fact.time

    def _pass(self, run: Run, now: datetime) -> None:
        """Note that a promise was not kept, once."""
        waits = self._rules.policy(run.clock, run.kind).at_end is AtEnd.ELAPSED
        if not waits and run.ended is None and run.paused_at is None and not run.breached and run.due < now:
            run.breached = True
            run.missed.append(run.due)

    def _near(self, run: Run, at: datetime) -> bool:
        """Whether a timer may have gone off just before this fact, which came in time, was known."""
        return not run.breached and run.paused_at is None and at <= run.due < at + self._flight

    def _over(self, run: Run, at: datetime) -> bool:
        """Whether waiting was over before the fact came."""
        return at > run.due or (run.due in self._elapsed and at > run.due - self._flight)

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
        wanted = Wanted(rules, facts[0], elapsed, evidence.flight)
        for fact in facts:
            wanted.take(fact)
        wanted.finish(evidence.now)
        found[case] = wanted.runs
    return found
