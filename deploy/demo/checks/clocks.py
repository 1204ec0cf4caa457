"""Every clock ended as it must: reckoned again from routing's facts, the policy and the calendar. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from deploy.demo.checks.reckon import wanted_runs
from deploy.demo.checks.rules import Rules, Run, Span
from deploy.demo.checks.runs import said_runs, wanted_by_said
from deploy.demo.checks.verdict import Verdict, verdict
from deploy.demo.evidence import Evidence, Fact
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
    """No breach and no end of waiting before the clock is due; each warning at its share of the budget or after.

    Of a clock that was neither stopped nor moved none is left out.
    """
    problems: list[str] = []
    rules, counts = Rules(evidence.once), Counter[str]()
    flight = evidence.flight
    for _, runs in wanted_by_said(evidence, rules):
        for told, must in runs:
            problems += _warned(told, must, rules, evidence.now, flight)
            counts["warnings"] += len(told.warnings)
    for fact in evidence.said("sla", "deadline.breached", "deadline.elapsed"):
        counts[fact.what.rpartition(".")[2]] += 1
        if fact.instant("fired_at") < fact.instant("due_at"):
            problems.append(f"{fact.what} of {fact.data['clock']} on {fact.case_id} at {fact.data['fired_at']}, due {fact.data['due_at']}")
    return verdict("nothing fires before its time", ", ".join(f"{count} {name}" for name, count in counts.items()), problems)


def breaches_are_deserved(evidence: Evidence) -> Verdict:
    """A clock is breached once each time its office came too late or not at all, and never when it came in time."""
    problems, breached, in_flight = [], 0, 0
    for _, runs in wanted_by_said(evidence, Rules(evidence.once)):
        for told, must in runs:
            if told.clock in {"reply", "completion"}:
                problems += [f"{told}: breached, but its end is normal" for _ in told.breaches]
                continue
            breached += len(told.breaches)
            in_flight += len(told.breaches) - len(must.missed)
            if not len(must.missed) <= len(told.breaches) <= len(must.missed) + must.near:
                when = f"ended {must.ended_at.isoformat()}" if must.ended_at else "has not ended"
                problems.append(f"{told}: {len(told.breaches)} breaches instead of {len(must.missed)}; it {when}")
    problems += _in_time_yet_breached(evidence)
    note = f", {in_flight} of them while the fact was on its way" if in_flight else ""
    return verdict("breaches where offices were late or silent, only there", f"{breached} breaches{note}", problems)


def escalations_climb(evidence: Evidence) -> Verdict:
    """Each breach that time found goes up from the agency level by level, without a gap, until nobody is left."""
    rules, problems, raised = Rules(evidence.once), [], 0
    said, _ = said_runs(evidence)
    for run in (run for runs in said.values() for run in runs):
        heard = {fact.id for fact in evidence.by_case("routing").get(run.case_id, ())}
        by_time = [fact for fact in run.breaches if fact.cause not in heard]
        raised += len(run.raised)
        level = begun = 0
        for fact in run.raised:
            begins = level == 0 or fact.data["level"] == 1
            begun, level = begun + begins, 1 if begins else level + 1
            wanted = [*rules.above(fact.data["agency"]), None][level - 1 :][:1]
            if fact.data["level"] != level or [fact.data["to"]] != wanted:
                problems.append(f"{run}: level {fact.data['level']} was told to {fact.data['to']}, must be {level} and {wanted}")
        if begun != len(by_time):
            problems.append(f"{run}: {len(by_time)} breaches by time, {begun} went up")
    return verdict("escalations climb the tree", f"{raised} escalations", problems)


def _warned(told: Run, must: Run, rules: Rules, now: datetime, flight: timedelta) -> Iterator[str]:
    if len(must.spans) == 1 and must.paused_at is None and not must.pauses:
        shares = rules.policy(told.clock, must.kind).warn_percent
        until = min(must.ended_at or now, must.due) - flight
        reached = sum(_moment(share, must.spans[0], told, rules) < until for share in shares)
        if not reached <= len(told.warnings) <= len(shares):
            yield f"{told}: {len(told.warnings)} warnings, {reached} of {len(shares)} shares were reached"
        for share, warned in zip(shares, told.warnings, strict=False):
            moment = _moment(share, must.spans[0], told, rules)
            if warned.instant("fired_at") < moment or warned.data["consumed_percent"] < share:
                yield f"{told}: warned of {share} % at {warned.data['fired_at']}, reached {moment.isoformat()}"
        return
    for warned in told.warnings:
        if not any(_fits(warned, span, told, rules) for span in must.spans if span.since <= warned.instant("fired_at")):
            yield f"{told}: warned at {warned.data['fired_at']} before a share was reached"


def _fits(warned: Fact, span: Span, told: Run, rules: Rules) -> bool:
    shares = rules.policy(told.clock, span.kind).warn_percent
    return bool(shares) and warned.instant("fired_at") >= _moment(shares[0], span, told, rules)


def _moment(share: int, span: Span, told: Run, rules: Rules) -> datetime:
    return moment_of_percent(share, span.start, span.due, rules.calendar(told.agency), span.pauses)


def _compared(evidence: Evidence, told: Run, must: Run) -> Iterator[str]:
    if told.due != must.due:
        yield f"{told}: reckoned again it is due {must.due.isoformat()}"
    if told.ended != must.ended and not (told.ended == "elapsed" and _missed(evidence, told)):
        yield f"{told}: ended {told.ended or 'not'}, must have ended {must.ended or 'not'}"
    if told.ended in {"met", "cancelled"} and told.ended_at != must.ended_at:
        yield f"{told}: ended at {told.ended_at}, the fact came at {must.ended_at}"
    if (told.paused_at is None) is not (must.paused_at is None) or told.pauses != must.pauses[-len(told.pauses) :][: len(told.pauses)]:
        yield f"{told}: stood still {told.pauses} {told.paused_at}, must have {must.pauses} {must.paused_at}"
    if told.ended is None and told.paused_at is None and not told.breaches and told.due < evidence.now:
        yield f"{told}: ran out unnoticed"


def _missed(evidence: Evidence, told: Run) -> bool:
    """Whether waiting ran out while somebody was just closing, answering or replying: routing rightly ignores its end."""
    steps, flight = evidence.by_case("routing")[told.case_id], evidence.flight
    return any(told.due - flight < fact.time < told.due + flight for fact in steps if fact.what != "case.routed")


def _in_time_yet_breached(evidence: Evidence) -> Iterator[str]:
    """Compare with what the offices themselves noted: an action answered before the end of a clock that ran was in time."""
    clocks = {"verify": "verification", "follow_up": "follow_up", "decide_transfer": "decision"}
    said, _ = said_runs(evidence)
    for act in evidence.acts:
        for run in said.get(act.case_id, ()):
            if (run.clock, run.agency) != (clocks.get(act.action), act.agency) or not run.breaches or act.sent < run.start:
                continue
            due = run.breaches[0].instant("due_at")
            if act.answered is not None and act.sent < act.answered < due - evidence.flight:
                yield f"{act.action} by {act.agency} on {act.case_id} was answered {act.answered.isoformat()}, breached {due.isoformat()}"
