"""Nothing is lost or doubled at the doors: one answer each, one case each, one effect each. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from deploy.demo.checks.verdict import Verdict, verdict
from deploy.demo.complaints import Sending
from deploy.demo.evidence import Act, Answer, Evidence, Fact

_TAKEN = ("ok", "duplicate")
_SAYS = {
    "verify": {"case.verified"},
    "transfer": {"case.transferred", "case.transfer_requested"},
    "decide_transfer": {"case.transferred"},
    "follow_up": {"case.followed_up"},
    "close": {"case.closed"},
    "acknowledge": {"case.acknowledged"},
    "defer": {"case.deferred"},
    "resume": {"case.resumed"},
    "hand_down": {"case.handed_down"},
    "extend": {"case.extended"},
    "reclassify": {"case.reclassified"},
    "refer": {"case.referred"},
    "archive": {"case.archived"},
    "reopen": {"case.reopened"},
}
_WORDS = {
    "supplement": ("complaint.supplement_accepted", {"case.resumed", "case.replied", "case.reopened"}),
    "withdraw": ("complaint.withdrawal_accepted", {"case.withdrawn"}),
    "rate": ("complaint.rating_accepted", None),
}
"""What intake says of a publisher's later word, and what routing says then."""


def every_sending_is_answered(evidence: Evidence) -> Verdict:
    """Each submission gets the answer it must get; of those that share an id one is accepted."""
    receipts = _receipts(evidence)
    found = [(sending, _answer(evidence, sending, receipts)) for sending in evidence.week.sendings]
    same: dict[tuple[str, str], Counter[tuple[str, str]]] = {}
    for sending, answer in found:
        if sending.code in _TAKEN and answer is not None:
            same.setdefault((sending.source, sending.id), Counter()).update([("must", sending.code), ("was", answer.code)])
    swapped = {pair for pair, codes in same.items() if all(codes["must", code] == codes["was", code] for code in _TAKEN)}
    problems = [problem for sending, answer in found if (problem := _wrong(evidence, sending, answer, swapped)) is not None]
    codes = Counter(answer.code for _, answer in found if answer is not None)
    told = ", ".join(f"{count} {code}" for code, count in codes.most_common())
    return verdict("every submission got its one answer", f"{len(found)} sent: {told}", problems)


def every_record_has_one_receipt(evidence: Evidence) -> Verdict:
    """Each record of the two inbound topics has exactly one final receipt that names its place; none has no record."""
    receipts, parked = Counter[tuple[str, int, int]](), Counter[tuple[str, int, int]]()
    order: dict[tuple[str, int, int], list[str]] = {}
    for fact in evidence.once:
        if fact.what == "receipt":
            place = (fact.data["topic"], fact.data["partition"], fact.data["offset"])
            (parked if fact.data["outcome"] == "parked" else receipts)[place] += 1
            order.setdefault(place, []).append(fact.data["outcome"])
    places = {(place.topic, place.partition, place.offset) for place in evidence.inbound}
    problems = [f"{_place(place)} has {receipts[place]} receipts" for place in sorted(places) if receipts[place] != 1]
    problems += [f"{_place(place)} has a receipt and no record" for place in order if place not in places]
    problems += [f"{_place(place)} was told {told}" for place, told in order.items() if "parked" in told[1:]]
    note = f", {parked.total()} parked first" if parked else ""
    return verdict("every Kafka record has one receipt", f"{len(places)} records, {receipts.total()} receipts{note}", problems)


def every_good_submission_is_one_case(evidence: Evidence) -> Verdict:
    """Each well-formed submission became exactly one case, and there is no other case."""
    accepted = Counter(str(fact.data["external_ref"]) for fact in evidence.said("intake", "complaint.accepted"))
    cases = {fact.case_id for fact in evidence.said("intake", "complaint.accepted")}
    wanted = {str(sending.data["external_ref"]) for sending in evidence.week.sendings if sending.code == "ok"}
    problems = [f"{reference} became {accepted[reference]} cases" for reference in sorted(wanted) if accepted[reference] != 1]
    problems += [f"{reference} is a case and was not to be one" for reference in sorted(accepted.keys() - wanted)]
    if len(cases) != accepted.total():
        problems.append(f"{accepted.total()} acceptances share {len(cases)} case ids")
    return verdict("every good submission is one case", f"{len(wanted)} submissions, {len(cases)} cases", problems)


def every_action_took_effect(evidence: Evidence) -> Verdict:
    """Each action was accepted, and routing said exactly one fact of it; each fact by an office had its action.

    An office that closes what the clock has closed just before is refused, rightly.
    """
    effects = _effects(evidence, "routing")
    closed = {fact.case_id: fact.time for fact in evidence.said("routing", "case.closed") if fact.data["by"] == "system"}
    acts = [act for act in evidence.acts if act.action not in _WORDS]
    problems, too_late = [], 0
    for act in acts:
        said = [fact.what for fact in effects.get(act.id, ())]
        if act.code == "illegal_action" and act.action == "close" and act.answered and closed.get(act.case_id, act.answered) < act.answered:
            too_late += 1
        elif act.outcome != "accepted":
            problems.append(f"{_what(act)} was answered {act.outcome} {act.code}")
        if len(said) != (act.outcome == "accepted") or any(name not in _SAYS[act.action] for name in said):
            problems.append(f"{_what(act)} led to {said}")
    known = {act.id for act in acts} | {fact.id for fact in evidence.said("intake", *(says for says, _ in _WORDS.values()))}
    by_hand = [fact for fact in evidence.said("routing") if fact.data["by"] != "system"]
    problems += [f"{fact.what} of {fact.case_id} without an action" for fact in by_hand if fact.cause not in known]
    note = f", {too_late} refused: the case was closed already" if too_late else ""
    kinds = len({act.action for act in acts})
    return verdict("every action took effect once", f"{_doors(acts)}, {kinds} kinds{note}", problems)


def every_word_was_heard(evidence: Evidence) -> Verdict:
    """Each later word of a publisher was taken once by intake, and led to what it must lead to; there is no other."""
    problems: list[str] = []
    words = [act for act in evidence.acts if act.action in _WORDS]
    taken, followed = _effects(evidence, "intake"), _effects(evidence, "routing")
    for act in words:
        problems += _unheard(act, taken, followed)
    known = {act.id for act in words}
    others = evidence.said("intake", *(says for says, _ in _WORDS.values()))
    problems += [f"{fact.what} of {fact.case_id} that nobody said" for fact in others if fact.cause not in known]
    kinds = Counter(act.action for act in words)
    told = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
    return verdict("every later word of a reporter was heard", f"{_doors(words)}: {told}" if words else "none", problems)


def _unheard(act: Act, taken: dict[str, list[Fact]], followed: dict[str, list[Fact]]) -> Iterator[str]:
    says, leads_to = _WORDS[act.action]
    if act.outcome != "accepted":
        yield f"{_what(act)} was answered {act.outcome} {act.code}"
        return
    said = taken.get(act.id, [])
    if [fact.what for fact in said] != [says]:
        yield f"{_what(act)} was taken as {[fact.what for fact in said]}"
        return
    then = [fact.what for fact in followed.get(said[0].id, ())]
    if (then and leads_to is None) or (leads_to is not None and not (len(then) == 1 and then[0] in leads_to)):
        yield f"{_what(act)} led to {then}"


def _effects(evidence: Evidence, speaker: str) -> dict[str, list[Fact]]:
    effects: dict[str, list[Fact]] = {}
    for fact in evidence.said(speaker):
        effects.setdefault(fact.cause, []).append(fact)
    return effects


def _what(act: Act) -> str:
    return f"{act.action} by {act.agency or 'the reporter'} on {act.case_id} over {act.door}"


def _doors(acts: list[Act]) -> str:
    doors = Counter(act.door for act in acts)
    return f"{doors['http']} over HTTP, {doors['kafka']} over Kafka"


def _receipts(evidence: Evidence) -> dict[tuple[str | None, str | None], list[Answer]]:
    receipts: dict[tuple[str | None, str | None], list[Answer]] = {}
    for fact in evidence.once:
        if fact.what == "receipt" and fact.data["topic"] == "salur.submissions":
            data = fact.data
            answer = Answer(0, data["outcome"], data["code"], data["case_id"], data["tracking_id"])
            receipts.setdefault((data["received_source"], data["received_id"]), []).append(answer)
    return receipts


def _answer(evidence: Evidence, sending: Sending, receipts: dict[tuple[str | None, str | None], list[Answer]]) -> Answer | None:
    """Return the answer of one sending; of several receipts under one id, the one with the code it must get."""
    if not sending.by_kafka:
        return evidence.answers.get(sending.number)
    told = receipts.get((None, None) if sending.raw is not None else (sending.source, sending.id), [])
    return next((answer for answer in told if answer.code == sending.code), told[0] if told else None)


def _wrong(evidence: Evidence, sending: Sending, answer: Answer | None, swapped: set[tuple[str, str]]) -> str | None:
    """Return what is wrong with an answer; of `swapped` ids, whose sendings met on the way, one was taken first and that is enough."""
    who = f"submission {sending.number} ({sending.door})"
    if answer is None:
        return f"{who} got no answer"
    if answer.code != sending.code and not (sending.code in _TAKEN and (sending.source, sending.id) in swapped):
        return f"{who} was answered {answer.code}, not {sending.code}"
    if sending.code in _TAKEN:
        first = sending if sending.twin_of is None else evidence.week.sendings[sending.twin_of]
        cases = evidence.cases_of.get(str(first.data["external_ref"]), [])
        if [answer.case_id] != cases:
            return f"{who} was told case {answer.case_id}, intake said {cases}"
    return None


def _place(place: tuple[str, int, int]) -> str:
    return "{}, partition {}, offset {}".format(*place)
