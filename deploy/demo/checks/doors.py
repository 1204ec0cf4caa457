"""Nothing is lost or doubled at the doors: one answer each, one case each, one effect each. Pure."""

from __future__ import annotations

from collections import Counter

from deploy.demo.checks.verdict import Verdict, verdict
from deploy.demo.complaints import Sending
from deploy.demo.evidence import Answer, Evidence, Fact

_SAYS = {
    "verify": {"case.verified"},
    "transfer": {"case.transferred", "case.transfer_requested"},
    "decide_transfer": {"case.transferred"},
    "follow_up": {"case.followed_up"},
    "close": {"case.closed"},
}


def every_sending_is_answered(evidence: Evidence) -> Verdict:
    """Each submission gets the answer it must get; of those that share an id one is accepted."""
    receipts = _receipts(evidence)
    found = [(sending, _answer(evidence, sending, receipts)) for sending in evidence.week.sendings]
    problems = [problem for sending, answer in found if (problem := _wrong(evidence, sending, answer)) is not None]
    codes = Counter(answer.code for _, answer in found if answer is not None)
    told = ", ".join(f"{count} {code}" for code, count in codes.most_common())
    return verdict("every submission got its one answer", f"{len(found)} sent: {told}", problems)


def every_record_has_one_receipt(evidence: Evidence) -> Verdict:
    """Each record of the two inbound topics has exactly one final receipt that names its place; none has no record."""
    receipts = Counter(
        (fact.data["topic"], fact.data["partition"], fact.data["offset"])
        for fact in evidence.once
        if fact.what == "receipt" and fact.data["outcome"] != "parked"
    )
    places = {(place.topic, place.partition, place.offset) for place in evidence.inbound}
    problems = [f"{_place(place)} has {receipts[place]} receipts" for place in sorted(places) if receipts[place] != 1]
    problems += [f"{_place(place)} has a receipt and no record" for place in receipts if place not in places]
    return verdict("every Kafka record has one receipt", f"{len(places)} records, {receipts.total()} receipts", problems)


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
    effects: dict[str, list[Fact]] = {}
    for fact in evidence.said("routing"):
        effects.setdefault(fact.cause, []).append(fact)
    closed = {fact.case_id: fact.time for fact in evidence.said("routing", "case.closed") if fact.data["by"] == "system"}
    problems, too_late = [], 0
    for act in evidence.acts:
        what = f"{act.action} by {act.agency or 'the reporter'} on {act.case_id} over {act.door}"
        said = [fact.what for fact in effects.get(act.id, ())]
        if (
            act.code == "illegal_action"
            and act.action == "close"
            and act.answered is not None
            and closed.get(act.case_id, act.answered) < act.answered
        ):
            too_late += 1
        elif act.outcome != "accepted":
            problems.append(f"{what} was answered {act.outcome} {act.code}")
        if len(said) != (act.outcome == "accepted") or any(name not in _SAYS[act.action] for name in said):
            problems.append(f"{what} led to {said}")
    known = {act.id for act in evidence.acts}
    by_hand = [fact for fact in evidence.said("routing") if fact.data["by"] != "system"]
    problems += [f"{fact.what} of {fact.case_id} without an action" for fact in by_hand if fact.cause not in known]
    doors = Counter(act.door for act in evidence.acts)
    note = f", {too_late} refused: the case was closed already" if too_late else ""
    return verdict("every action took effect once", f"{doors['http']} over HTTP, {doors['kafka']} over Kafka{note}", problems)


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


def _wrong(evidence: Evidence, sending: Sending, answer: Answer | None) -> str | None:
    who = f"submission {sending.number} ({sending.door})"
    if answer is None:
        return f"{who} got no answer"
    if answer.code != sending.code:
        return f"{who} was answered {answer.code}, not {sending.code}"
    if sending.code in {"ok", "duplicate"}:
        first = sending if sending.twin_of is None else evidence.week.sendings[sending.twin_of]
        cases = evidence.cases_of.get(str(first.data["external_ref"]), [])
        if [answer.case_id] != cases:
            return f"{who} was told case {answer.case_id}, intake said {cases}"
    return None


def _place(place: tuple[str, int, int]) -> str:
    return "{}, partition {}, offset {}".format(*place)
