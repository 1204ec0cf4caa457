"""The clocks as sla said them. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from deploy.demo.checks.reckon import wanted_runs
from deploy.demo.checks.rules import Rules, Run
from deploy.demo.evidence import Evidence, Fact


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


def wanted_by_said(evidence: Evidence, rules: Rules) -> Iterator[tuple[str, list[tuple[Run, Run]]]]:
    """Yield for each case its runs as said, each beside the one wanted; runs that do not pair are another check's."""
    said, _ = said_runs(evidence)
    for case, wanted in wanted_runs(evidence, rules).items():
        yield case, list(zip(said.get(case, []), wanted, strict=False))


def _tell(runs: list[Run], fact: Fact) -> str | None:
    clock, what = fact.data["clock"], fact.what.rpartition(".")[2]
    run = next((run for run in reversed(runs) if run.clock == clock and (run.ended is None or fact.what.startswith("escalation"))), None)
    if what == "set":
        runs.append(Run(fact.case_id, clock, fact.data["agency"], fact.time, fact.instant("due_at"), fact.cause))
        return None if run is None else "set while it runs"
    if run is None:
        return "it does not run"
    if what in {"moved", "paused", "resumed"}:
        return _move(run, fact, what)
    heard = {"warned": run.warnings, "breached": run.breaches, "raised": run.raised, "unaddressed": run.raised}.get(what)
    if heard is not None:
        heard.append(fact)
    else:
        run.ended, run.ended_at = what, fact.time
    return None


def _move(run: Run, fact: Fact, what: str) -> str | None:
    run.due = fact.instant("due_at")
    if what == "moved":
        return None if fact.data["was"] != fact.data["due_at"] else "it has not moved"
    if what == "paused":
        still, run.paused_at = run.paused_at, fact.time
        return None if still is None else "it stands still already"
    if run.paused_at is None:
        return "it did not stand still"
    run.pauses, run.paused_at = (*run.pauses, (run.paused_at, fact.time)), None
    return None
