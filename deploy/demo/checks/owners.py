"""Every case has exactly one owner at every moment, and all services tell the same of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from deploy.demo.checks.verdict import Verdict, verdict
from deploy.demo.evidence import Evidence, Fact

SPEAKERS = ("intake", "routing", "sla", "notify")


def sequences_have_no_gap(evidence: Evidence) -> Verdict:
    """Per case and speaker the sequence is 1…n in the order of the topic, and time never goes back; repeated records are told."""
    problems = []
    for speaker in SPEAKERS:
        for case, facts in evidence.by_case(speaker).items():
            sequences = [fact.sequence for fact in facts]
            if sequences != list(range(1, len(facts) + 1)):
                problems.append(f"{speaker} on {case}: {sequences}")
            if len({(fact.topic, fact.partition) for fact in facts}) != (2 if _turned(evidence, facts) else 1):
                problems.append(f"{speaker} on {case}: on more than one partition")
    chains = sum(len(evidence.by_case(speaker)) for speaker in SPEAKERS)
    repeated = len(evidence.facts) - len(evidence.once)
    return verdict("sequences have no gap and no disorder", f"{len(evidence.once)} facts in {chains} sequences, {repeated} repeated", problems)


def one_owner_at_every_moment(evidence: Evidence) -> Verdict:
    """Replayed from routing's facts: each accepted case is routed at once, and only a transfer changes its owner."""
    routing = evidence.by_case("routing")
    accepted = evidence.said("intake", "complaint.accepted")
    problems = [f"{fact.case_id} has no owner" for fact in accepted if fact.case_id not in routing]
    for case, facts in routing.items():
        problems += [f"{case}: {problem}" for problem in _replay(facts)]
    steps, moves = len(evidence.said("routing")), len(evidence.said("routing", "case.transferred"))
    return verdict("every case has one owner at every moment", f"{len(accepted)} cases, {steps} steps, {moves} transfers", problems)


def services_agree(evidence: Evidence) -> Verdict:
    """What routing, intake and sla answer over HTTP is what was said: the owner of that version, one open hop, the same clocks."""
    problems = []
    for case, facts in evidence.by_case("routing").items():
        told = evidence.cases.get(case, {})
        version = told.get("version", 0)
        if not 0 < version <= len(facts):
            problems.append(f"{case}: routing answers version {version}, it has said {len(facts)} facts")
            continue
        fact = facts[version - 1]
        if (told["owner"], told["state"]) != (fact.data["owner"], fact.data["state"]):
            problems.append(f"{case}: routing answers {told['owner']}, {told['state']}; it said {fact.data['owner']}, {fact.data['state']}")
        problems += [f"{case}: {problem}" for problem in _hops(told, facts[:version])]
        problems += [f"{case}: {problem}" for problem in _tracking(evidence, case, facts)]
    return verdict("services answer what was said", f"{len(evidence.cases)} cases asked of routing, intake and sla", problems)


def _replay(facts: list[Fact]) -> Iterator[str]:
    owner: str | None = None
    before: datetime | None = None
    for fact in facts:
        if (fact.what == "case.routed") is not (owner is None):
            yield f"{fact.what} as fact {fact.sequence}"
        if fact.what == "case.transferred" and (fact.data["from"], fact.data["to"]) != (owner, fact.data["owner"]):
            yield f"handed over from {fact.data['from']} to {fact.data['to']} while {owner} had it"
        if fact.what not in {"case.routed", "case.transferred"} and fact.data["owner"] != owner:
            yield f"{fact.what} says owner {fact.data['owner']} while {owner} had it"
        if before is not None and fact.time < before:
            yield f"{fact.what} lies before the fact it follows"
        owner, before = fact.data["owner"], fact.time


def _turned(evidence: Evidence, facts: list[Fact]) -> bool:
    """Whether the case became a whistle-blower's in the middle of this: then it goes on in the topic for such cases, in order."""
    return facts[0].case_id in evidence.turned and len({fact.topic for fact in facts}) > 1


def _hops(told: object, facts: list[Fact]) -> Iterator[str]:
    assert isinstance(told, dict)
    hops = told["hops"]
    wanted = [fact.data["owner"] for fact in facts if fact.what in {"case.routed", "case.transferred"}]
    if [hop["agency"] for hop in hops] != wanted:
        yield f"hops {[hop['agency'] for hop in hops]}, said {wanted}"
    for hop, following in zip(hops, [*hops[1:], None], strict=True):
        if hop["until"] != (following and following["from"]):
            yield f"{hop['agency']} until {hop['until']}, the next from {following and following['from']}"


def _tracking(evidence: Evidence, case: str, facts: list[Fact]) -> Iterator[str]:
    """Compare the tracking view, which may lag, and sla's clocks; a whistle-blowing case is not shown."""
    view = evidence.tracking.get(case, {})
    if any(fact.data.get("kind") == "whistleblowing" for fact in facts):
        if view:
            yield "the tracking view shows a whistle-blowing case"
    elif (view.get("owner"), view.get("status")) not in {(fact.data["owner"], fact.data["state"]) for fact in facts[-2:]}:
        yield f"the tracking view shows {view.get('owner')}, {view.get('status')}"
    clocks = [_binds(told) for told in evidence.deadlines.get(case, {}).get("deadlines", ())]
    said = [_binds(fact.data) for fact in evidence.by_case("sla").get(case, ()) if fact.what == "deadline.set"]
    if clocks != said[: len(clocks)] or len(said) - len(clocks) > 1:
        yield f"sla answers the clocks {clocks}, it set {said}"


def _binds(clock: Mapping[str, str]) -> tuple[str, str]:
    """Return which clock it is and whom it binds; `resolution` binds whoever owns the case, and a transfer says nothing of it."""
    return clock["clock"], "the owner" if clock["clock"] == "resolution" else clock["agency"]
