"""A check that cannot fail is worthless: each is shown a world that is spoilt in one way, and must say so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from deploy.demo.checks.all import judge
from deploy.demo.evidence import Answer, Evidence, Fact, Place
from tests.deploy.demo.world import world

Mutant = Callable[[Evidence], Evidence]


def test_a_world_in_which_all_is_right_passes_every_check() -> None:
    assert [(verdict.name, verdict.problems) for verdict in judge(world()) if not verdict.holds] == []


def test_a_record_that_the_broker_repeats_is_no_problem() -> None:
    evidence = world()
    assert all(verdict.holds for verdict in judge(replace(evidence, facts=(*evidence.facts, evidence.facts[-1]))))


@pytest.mark.parametrize("hours", [72, 400], ids=["while the reporter may reply", "after the time to reply is over"])
def test_a_second_answer_moves_a_clock_that_runs_and_starts_one_that_has_elapsed(hours: int) -> None:
    evidence = world(second_answer=timedelta(hours=hours + 24))
    assert [(verdict.name, verdict.problems) for verdict in judge(evidence) if not verdict.holds] == []


def without(what: str, number: int = 0) -> Mutant:
    """Lose the n-th fact of a kind."""

    def spoil(evidence: Evidence) -> Evidence:
        lost = found(evidence, what, number)
        return replace(evidence, facts=tuple(fact for fact in evidence.facts if fact is not lost))

    return spoil


def changed(what: str, number: int = 0, *, by: timedelta | None = None, **data: Any) -> Mutant:
    """Change a fact: its data, or all its times by a span."""

    def spoil(evidence: Evidence) -> Evidence:
        old = found(evidence, what, number)
        moved = {name: str(datetime.fromisoformat(old.data[name]) + (by or timedelta())) for name in ("fired_at", "due_at") if by and name in data}
        new = replace(old, data={**old.data, **data, **moved})
        return replace(evidence, facts=tuple(new if fact is old else fact for fact in evidence.facts))

    return spoil


def doubled(what: str, number: int = 0) -> Mutant:
    """Say a fact again under another id, as the next of its sequence; what follows is numbered on."""

    def spoil(evidence: Evidence) -> Evidence:
        old = found(evidence, what, number)
        at = evidence.facts.index(old) + 1
        again = replace(old, id=f"{old.id}-again", sequence=old.sequence and old.sequence + 1)
        same = (old.speaker, old.case_id)
        rest = (
            replace(fact, sequence=fact.sequence + 1) if fact.sequence and (fact.speaker, fact.case_id) == same else fact
            for fact in evidence.facts[at:]
        )
        return replace(evidence, facts=(*evidence.facts[:at], again, *rest))

    return spoil


def swapped(evidence: Evidence) -> Evidence:
    """Let two facts of one case change places on the topic."""
    facts = list(evidence.facts)
    one, other = (facts.index(found(evidence, what)) for what in ("case.verified", "case.followed_up"))
    facts[one], facts[other] = facts[other], facts[one]
    return replace(evidence, facts=tuple(facts))


def found(evidence: Evidence, what: str, number: int = 0) -> Fact:
    return [fact for fact in evidence.facts if fact.what == what][number]


def mail_twice(evidence: Evidence) -> Evidence:
    return replace(evidence, mails=(*evidence.mails, {**evidence.mails[0], "id": "99"}))


def mail_of_nobody(evidence: Evidence) -> Evidence:
    return replace(evidence, mails=(*evidence.mails, {**evidence.mails[0], "id": "99", "message_id": "<stray>"}))


def mail_to_another(evidence: Evidence) -> Evidence:
    return replace(evidence, mails=({**evidence.mails[0], "to": ["koordinator.35@salur.test"]}, *evidence.mails[1:]))


def name_in_a_mail(evidence: Evidence) -> Evidence:
    name = evidence.week.people[0].name.split()[1].upper()
    return replace(evidence, mails=({**evidence.mails[0], "html": f"<p>{name}</p>"}, *evidence.mails[1:]))


def phone_in_a_log(evidence: Evidence) -> Evidence:
    phone = evidence.week.people[1].phone
    return replace(evidence, logs={"sla.log": f"called {phone[:4]}-{phone[4:8]}-{phone[8:]}".encode()})


def nik_on_a_topic(evidence: Evidence) -> Evidence:
    return replace(evidence, raw={**evidence.raw, "salur.sla": evidence.week.people[0].nik.encode()})


def identity_nowhere(evidence: Evidence) -> Evidence:
    return replace(evidence, raw={**evidence.raw, "salur.submissions": b""})


def record_without_receipt(evidence: Evidence) -> Evidence:
    return replace(evidence, inbound=(*evidence.inbound, Place("salur.actions", 2, 0)))


def another_answer(evidence: Evidence) -> Evidence:
    return replace(evidence, answers={1: Answer(202, "accepted", "ok", "another case", None)})


def action_refused(evidence: Evidence) -> Evidence:
    return replace(evidence, acts=(replace(evidence.acts[0], outcome="rejected", code="illegal_action"), *evidence.acts[1:]))


def hook_twice(evidence: Evidence) -> Evidence:
    return replace(evidence, hooks=(*evidence.hooks, {**evidence.hooks[0], "id": "99"}))


def hook_unsigned(evidence: Evidence) -> Evidence:
    return replace(evidence, hooks=({**evidence.hooks[0], "verified": False}, *evidence.hooks[1:]))


def hook_elsewhere(evidence: Evidence) -> Evidence:
    return replace(evidence, hooks=({**evidence.hooks[0], "path": "/other"}, *evidence.hooks[1:]))


def hooks_in_disorder(evidence: Evidence) -> Evidence:
    return replace(evidence, hooks=(evidence.hooks[1], evidence.hooks[0], *evidence.hooks[2:]))


def name_in_a_webhook(evidence: Evidence) -> Evidence:
    return replace(evidence, hooks=({**evidence.hooks[0], "note": evidence.week.people[0].name}, *evidence.hooks[1:]))


def link_of_another_case(evidence: Evidence) -> Evidence:
    return replace(evidence, pages={"1": (200, "<h1>AAAA-BBBB-CCCC</h1>")})


def link_refused(evidence: Evidence) -> Evidence:
    return replace(evidence, pages={number: (404, page) for number, (_, page) in evidence.pages.items()})


def word_unheard(evidence: Evidence) -> Evidence:
    """Let a publisher have said more of a case, and nobody have taken it."""
    act = replace(evidence.acts[0], id="a-word", action="supplement", agency="", door="http")
    return replace(evidence, acts=(*evidence.acts, act))


def time_goes_on(evidence: Evidence) -> Evidence:
    """Wait until the last clock is long due, and nothing is said of it."""
    days = timedelta(days=60)
    return replace(evidence, now=evidence.now + days, anchor=evidence.anchor + days.total_seconds() / evidence.speed)


def office_was_in_time(evidence: Evidence) -> Evidence:
    """Let the late office have had its answer long before the clock ran out."""
    act = replace(evidence.acts[0], sent=evidence.acts[0].sent - timedelta(days=3), answered=evidence.acts[0].sent - timedelta(days=3, minutes=-2))
    return replace(evidence, acts=(act, *evidence.acts[1:]))


def routing_answers_another_owner(evidence: Evidence) -> Evidence:
    return replace(evidence, cases={case: {**told, "owner": "35"} for case, told in evidence.cases.items()})


def sla_answers_fewer_clocks(evidence: Evidence) -> Evidence:
    return replace(evidence, deadlines={case: {"deadlines": []} for case in evidence.deadlines})


def tracking_shows_another_state(evidence: Evidence) -> Evidence:
    return replace(evidence, tracking={case: {"owner": "35", "status": "closed"} for case in evidence.tracking})


ANSWERED, RECEIPTS, ONE_CASE, EFFECT = "every submission", "every Kafka record", "every good submission", "every action"
GAPS, OWNER, AGREE = "sequences", "every case has one owner", "services answer"
CLOCKS, EARLY, DESERVED, CLIMB = "every clock", "nothing fires", "breaches", "escalations"
TOLD, ARRIVED, IDENTITY = "everybody", "every notice", "no reporter"
WORDS, HOOKS, LINKS = "every later word", "webhooks", "links"

MUTANTS: tuple[tuple[str, Mutant, str], ...] = (
    ("a submission gets another answer", another_answer, ANSWERED),
    ("a receipt is lost", without("receipt"), RECEIPTS),
    ("a receipt comes twice", doubled("receipt"), RECEIPTS),
    ("a record gets no receipt", record_without_receipt, RECEIPTS),
    ("a submission is lost", without("complaint.accepted"), ONE_CASE),
    ("a submission becomes two cases", doubled("complaint.accepted"), ONE_CASE),
    ("an action is refused", action_refused, EFFECT),
    ("an action is lost", without("case.verified"), EFFECT),
    ("an action counts twice", doubled("case.verified"), EFFECT),
    ("a fact is lost in the middle", without("deadline.met"), GAPS),
    ("two facts change places", swapped, GAPS),
    ("a case has no owner", without("case.routed"), OWNER),
    ("a case changes hands without a transfer", changed("case.verified", owner="35"), OWNER),
    ("a transfer comes from another than the owner", changed("case.transferred", **{"from": "35"}), OWNER),
    ("routing answers another owner than it said", routing_answers_another_owner, AGREE),
    ("sla answers other clocks than it said", sla_answers_fewer_clocks, AGREE),
    ("the tracking view shows another state", tracking_shows_another_state, AGREE),
    ("a clock was never set", without("deadline.set", 1), CLOCKS),
    ("a clock was set twice", doubled("deadline.set", 5), CLOCKS),
    ("a due time is a second off", changed("deadline.set", 2, by=timedelta(seconds=1), due_at=None), CLOCKS),
    ("a clock binds the wrong agency", changed("deadline.set", 5, agency="35"), CLOCKS),
    ("a clock has no end", without("deadline.met", 2), CLOCKS),
    ("a clock ends twice", doubled("deadline.elapsed"), CLOCKS),
    ("a clock runs out unnoticed", time_goes_on, CLOCKS),
    ("a breach fires before its time", changed("deadline.breached", by=timedelta(minutes=-6), fired_at=None), EARLY),
    ("waiting ends before its time", changed("deadline.elapsed", by=timedelta(minutes=-6), fired_at=None), EARLY),
    ("a warning fires before its share is reached", changed("deadline.warned", 1, by=timedelta(minutes=-6), fired_at=None), EARLY),
    ("a warning is left out", without("deadline.warned", 2), EARLY),
    ("a warning is said twice", doubled("deadline.warned", 2), EARLY),
    ("a breach is missing", without("deadline.breached"), DESERVED),
    ("a breach is said twice", doubled("deadline.breached"), DESERVED),
    ("an office that came in time is breached", office_was_in_time, DESERVED),
    ("a breach is told to the wrong agency above", changed("escalation.raised", to="35"), CLIMB),
    ("a breach is told to nobody", without("escalation.raised"), CLIMB),
    ("nobody is told of a transfer", without("notice.queued", 5), TOLD),
    ("a notice is told twice", doubled("notice.queued"), TOLD),
    ("a notice goes to another agency", changed("notice.queued", recipient={"agency": "35", "role": "coordinator"}), TOLD),
    ("a mail is never sent", lambda evidence: replace(evidence, mails=evidence.mails[1:]), ARRIVED),
    ("a mail is sent twice", mail_twice, ARRIVED),
    ("a mail is sent that nobody intended", mail_of_nobody, ARRIVED),
    ("a mail goes to another mailbox", mail_to_another, ARRIVED),
    ("a delivery is lost", without("notice.delivered"), ARRIVED),
    ("a delivery is told twice", doubled("notice.delivered"), ARRIVED),
    ("a webhook comes twice", hook_twice, ARRIVED),
    ("a webhook is lost", lambda evidence: replace(evidence, hooks=evidence.hooks[1:]), ARRIVED),
    ("a webhook is not signed", hook_unsigned, HOOKS),
    ("a webhook goes to another receiver", hook_elsewhere, HOOKS),
    ("a publisher is told in disorder", hooks_in_disorder, HOOKS),
    ("a link opens another case", link_of_another_case, LINKS),
    ("a link is refused", link_refused, LINKS),
    ("a reporter's later word is not heard", word_unheard, WORDS),
    ("a name stands in a webhook", name_in_a_webhook, IDENTITY),
    ("a name stands in a mail", name_in_a_mail, IDENTITY),
    ("a phone number stands in a log, written with hyphens", phone_in_a_log, IDENTITY),
    ("a NIK stands on a topic", nik_on_a_topic, IDENTITY),
    ("the submissions hold no identity to look for", identity_nowhere, IDENTITY),
)


@pytest.mark.parametrize(("spoil", "check"), [mutant[1:] for mutant in MUTANTS], ids=[mutant[0] for mutant in MUTANTS])
def test_a_spoilt_world_is_found_out(spoil: Mutant, check: str) -> None:
    (verdict,) = [verdict for verdict in judge(spoil(world())) if verdict.name.startswith(check)]
    assert verdict.problems
