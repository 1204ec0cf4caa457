"""Every clock ended as it must: reckoned again from routing's facts, the policy and the calendar. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from deploy.demo.checks.runs import FLIGHT_SECONDS, Rules, Run, said_runs, wanted_runs
from deploy.demo.checks.verdict import Verdict, verdict
from deploy.demo.evidence import Evidence
from services.sla.worktime import moment_of_percent


def clocks_are_those_of_the_contract(evidence: Evidence) -> Verdict:
    """Each clock that routing's facts call for was set once, for the right agency and time, and had exactly its end."""
    rules = Rules(evidence.once)
    said, problems = said_runs(evidence)
    for case, wanted in wanted_runs(evidence, rules).items():
        found = said.get(case, [])
        if [(run.clock, run.agency, run.cause) for run in found] != [(run.clock, run.agency, run.cause) for run in wanted]:
            problems.append(f"{case}: sla set {[str(run) for run in found]}, the contract {[str(run) for run in wanted]}")
            continue
        for told, must in zip(found, wanted, strict=True):
            problems += _compared(evidence, told, must)
    problems += [f"{case}: clocks of a case without owner" for case in said.keys() - evidence.by_case("routing").keys()]
    runs = [run for case in said.values() for run in case]
    ends = Counter(run.ended or ("breached, still awaited" if run.breaches else "not due yet") for run in runs)
    told_ends = ", ".join(f"{count} {end}" for end, count in ends.most_common())
    return verdict("every clock was set right and ended as it must", f"{len(runs)} clocks: {told_ends}", problems)


def nothing_fires_early(evidence: Evidence) -> Verdict:
    """No breach and no end of waiting before the clock is due; each warning at its share of the budget or after, none left out."""
    rules, counts, problems = Rules(evidence.once), Counter[str](), []
    for case, runs in wanted_by_said(evidence, rules):
        kind = evidence.by_case("routing")[case][0].data["kind"]
        for told, must in runs:
            shares = rules.policy(told.clock, kind).warn_percent
            until = min(must.ended_at or evidence.now, must.due) - evidence.in_flight(FLIGHT_SECONDS)
            reached = sum(moment_of_percent(share, must.start, must.due, rules.calendar(told.agency)) < until for share in shares)
            if not reached <= len(told.warnings) <= len(shares):
                problems.append(f"{told}: {len(told.warnings)} warnings, {reached} of {len(shares)} shares were reached")
            for share, warned in zip(shares, told.warnings, strict=False):
                moment = moment_of_percent(share, must.start, must.due, rules.calendar(told.agency))
                if warned.instant("fired_at") < moment or warned.data["consumed_percent"] < share:
                    problems.append(f"{told}: warned of {share} % at {warned.data['fired_at']}, reached {moment.isoformat()}")
            counts["warnings"] += len(told.warnings)
    for fact in evidence.said("sla", "deadline.breached", "deadline.elapsed"):
        counts[fact.what.rpartition(".")[2]] += 1
        if fact.instant("fired_at") < fact.instant("due_at"):
            problems.append(f"{fact.what} of {fact.data['clock']} on {fact.case_id} at {fact.data['fired_at']}, due {fact.data['due_at']}")
    return verdict("nothing fires before its time", ", ".join(f"{count} {name}" for name, count in counts.items()), problems)


def breaches_are_deserved(evidence: Evidence) -> Verdict:
    """A clock is breached once when its office came too late or not at all, and never when it came in time."""
    problems, breached, flight = [], 0, evidence.in_flight(FLIGHT_SECONDS)
    in_flight = 0
    for _, runs in wanted_by_said(evidence, Rules(evidence.once)):
        for told, must in runs:
            if must.clock == "reply":
                problems += [f"{told}: breached, but its end is normal" for _ in told.breaches]
                continue
            late = must.due < (must.ended_at or evidence.now)
            near = must.ended_at is not None and must.ended_at <= must.due < must.ended_at + flight
            breached += len(told.breaches)
            if len(told.breaches) != late and not (near and len(told.breaches) == 1):
                when = f"ended {must.ended_at.isoformat()}" if must.ended_at else "has not ended"
                problems.append(f"{told}: {len(told.breaches)} breaches, though it {when}")
            in_flight += near and bool(told.breaches)
    problems += _in_time_yet_breached(evidence)
    note = f", {in_flight} of them while the fact was on its way" if in_flight else ""
    return verdict("breaches where offices were late or silent, only there", f"{breached} breaches{note}", problems)


def escalations_climb(evidence: Evidence) -> Verdict:
    """Each breach that time found goes up from the agency level by level, without a gap, until nobody is left."""
    rules, problems, raised = Rules(evidence.once), [], 0
    said, _ = said_runs(evidence)
    for run in (run for runs in said.values() for run in runs):
        chain = [*rules.above(run.agency), None]
        told = [fact.data["to"] for fact in run.raised]
        raised += len(told)
        by_time = bool(run.breaches) and run.breaches[0].cause not in {fact.id for fact in evidence.by_case("routing").get(run.case_id, ())}
        if told != chain[: len(told)] or bool(told) != by_time:
            problems.append(f"{run}: {len(run.breaches)} breaches, told to {told}; above it are {chain[:-1]}")
    return verdict("escalations climb the tree", f"{raised} escalations", problems)


def wanted_by_said(evidence: Evidence, rules: Rules) -> Iterator[tuple[str, list[tuple[Run, Run]]]]:
    """Yield for each case its runs as said, each beside the one wanted; runs that do not pair are another check's."""
    said, _ = said_runs(evidence)
    for case, wanted in wanted_runs(evidence, rules).items():
        yield case, list(zip(said.get(case, []), wanted, strict=False))


def _compared(evidence: Evidence, told: Run, must: Run) -> Iterator[str]:
    if told.due != must.due:
        yield f"{told}: reckoned again it is due {must.due.isoformat()}"
    if told.ended != must.ended and not (told.clock == "reply" and told.ended == "elapsed" and _missed(evidence, told)):
        yield f"{told}: ended {told.ended or 'not'}, must have ended {must.ended or 'not'}"
    if told.ended in {"met", "cancelled"} and told.ended_at != must.ended_at:
        yield f"{told}: ended at {told.ended_at}, the fact came at {must.ended_at}"
    if told.ended is None and not told.breaches and told.due < evidence.now:
        yield f"{told}: ran out unnoticed"


def _missed(evidence: Evidence, told: Run) -> bool:
    """Whether a reply clock ran out while an office was just closing or answering again: routing rightly ignores its end."""
    steps = evidence.by_case("routing")[told.case_id]
    return any(told.due <= fact.time < told.due + evidence.in_flight(FLIGHT_SECONDS) for fact in steps if fact.what != "case.routed")


def _in_time_yet_breached(evidence: Evidence) -> Iterator[str]:
    """Compare with what the offices themselves noted: an action answered before the end of a clock was in time."""
    clocks = {"verify": "verification", "follow_up": "follow_up", "decide_transfer": "decision"}
    breaches = {(fact.case_id, fact.data["clock"], fact.data["agency"]): fact for fact in evidence.said("sla", "deadline.breached")}
    for act in evidence.acts:
        fact = breaches.get((act.case_id, clocks.get(act.action, ""), act.agency))
        if fact is not None and act.answered is not None and act.sent < act.answered < fact.instant("due_at") - evidence.in_flight(FLIGHT_SECONDS):
            yield f"{act.action} by {act.agency} on {act.case_id} was answered {act.answered.isoformat()}, breached {fact.data['due_at']}"
