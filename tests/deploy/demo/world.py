"""A small world that is right in every way: what a run of two cases leaves, made by hand, for mutants to spoil."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any
from uuid import UUID

from deploy.demo.checks.notices import mailboxes
from deploy.demo.checks.rules import Rules
from deploy.demo.complaints import Door, Part, Sending, Week, body
from deploy.demo.evidence import Act, Answer, Evidence, Fact, Place
from deploy.demo.scripts import draw
from deploy.demo.writing import person
from services.sla.worktime import moment_of_percent

SPEED = 3_000.0
PUBLISHER = "urn:demo:lapor"
KIND = "oversight_complaint"
"""Sixty working days: its resolution runs on over all that happens here."""
OPENING = datetime(2025, 3, 3, 2, tzinfo=UTC)
SECOND = datetime(2025, 3, 27, 2, tzinfo=UTC)
"""When the second case comes: on the day before eleven closed ones."""
AGENCIES = {"35.22/satpol-pp": "35.22", "35.22": "35", "35": "ID", "ID": None}
UNIT, REGENCY = "35.22/satpol-pp", "35.22"
HEARERS = {"case.routed": "owner", "case.transferred": "to", "deadline.warned": "agency", "deadline.breached": "agency", "escalation.raised": "to"}


def tracking_of(case: str) -> str:
    """Return a number that looks like one of ours."""
    return f"{case[:4]}-{case[9:13]}-{case[14:18]}".upper()


class World:
    """Says facts as the services would; every fact that somebody must hear of is told at once, by mail or webhook."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []
        self.mails: list[dict[str, Any]] = []
        self.hooks: list[dict[str, Any]] = []
        self.statuses: set[str] = set()
        self.acts: list[Act] = []
        self.inbound: list[Place] = []
        self.sequences: dict[tuple[str, str], int] = {}
        self.rng = Random(1)
        for code, parent in AGENCIES.items():
            self.say("routing", "", "reference.agency", OPENING, "", sequence=0, code=code, parent=parent, zone="Asia/Jakarta")

    def say(self, speaker: str, case: str, what: str, at: datetime, cause: str, *, sequence: int | None = None, **data: Any) -> Fact:
        """Say one fact, and let notify tell whom it concerns."""
        if sequence is None:
            sequence = self.sequences[speaker, case] = self.sequences.get((speaker, case), 0) + 1
        topic = "salur.receipts" if what == "receipt" else f"salur.{speaker}"
        named = {key.rstrip("_"): value.isoformat() if isinstance(value, datetime) else value for key, value in data.items()}
        fact = Fact(topic, 0, len(self.facts), self.id(), speaker, what, at, case, tracking_of(case), sequence, cause, named)
        self.facts.append(fact)
        if what in HEARERS:
            self.mail(fact, named[HEARERS[what]])
        if speaker == "routing" and case in self.statuses:
            self.status(fact)
        return fact

    def status(self, about: Fact) -> None:
        """Tell the publisher of a fact by webhook."""
        notice, recipient = self.id(), {"agency": PUBLISHER, "role": "publisher"}
        said = {"notice_id": notice, "cause_": about.id, "recipient": recipient, "reason": None, "rule": "status", "channel": "webhook"}
        self.say("notify", about.case_id, "notice.queued", about.time, about.id, **said)
        self.say("notify", about.case_id, "notice.delivered", about.time, notice, message_id=notice, **said)
        body = {"id": about.id, "sequence": about.sequence, "type": about.what}
        self.hooks.append({"id": str(len(self.hooks) + 1), "path": "/lapor", "webhook_id": notice, "verified": True, "body": body})

    def mail(self, about: Fact, agency: str) -> None:
        """Queue, send and tell one notice."""
        notice, recipient = self.id(), {"agency": agency, "role": "coordinator"}
        said = {"notice_id": notice, "cause_": about.id, "recipient": recipient, "reason": None, "rule": "x", "channel": "mail"}
        self.say("notify", about.case_id, "notice.queued", about.time, about.id, **said)
        self.say("notify", about.case_id, "notice.delivered", about.time, notice, message_id=f"<{notice}>", **said)
        to = mailboxes()[agency, "coordinator"]
        self.mails.append(
            {"id": str(len(self.mails) + 1), "to": [to], "subject": f"[{about.tracking}]", "message_id": f"<{notice}>", "text": "", "html": ""}
        )

    def act(self, case: str, action: str, at: datetime, agency: str, **data: Any) -> Fact:
        """Take an action over Kafka: a record, a receipt, a fact."""
        key, what = self.id(), {"verify": "case.verified", "transfer": "case.transferred", "follow_up": "case.followed_up"}[action]
        place = Place("salur.actions", 0, sum(place.topic == "salur.actions" for place in self.inbound))
        self.inbound.append(place)
        self.receipt(place, "routing", case, key, "ok", at)
        self.acts.append(Act(case, action, agency, "kafka", key, at - timedelta(minutes=1), at + timedelta(minutes=1), "accepted", "ok"))
        return self.say("routing", case, what, at, key, by={"agency": agency, "role": "coordinator"}, **data)

    def receipt(self, place: Place, speaker: str, case: str, key: str, code: str, at: datetime) -> None:
        """Answer one record."""
        said = {"topic": place.topic, "partition": place.partition, "offset": place.offset, "received_id": key, "received_source": "urn:demo:lapor"}
        outcome = {"ok": "accepted", "duplicate": "duplicate"}.get(code, "rejected")
        self.say(speaker, "", "receipt", at, key, sequence=0, outcome=outcome, code=code, case_id=case, tracking_id=tracking_of(case), **said)

    def id(self) -> str:
        return str(UUID(int=self.rng.getrandbits(128), version=4))


def world(second_answer: timedelta | None = None) -> Evidence:
    """One case answered late, warned, breached, escalated and closed by the system; one handed over, verified and awaited.

    With `second_answer` the first is only interim, and the final one comes so much later.
    """
    it, rng = World(), Random(2)
    people = tuple(person(rng, number) for number in range(2))
    sendings = tuple(_sending(number, people[number]) for number in range(2))
    twin = replace(sendings[0], number=2, code="duplicate", twin_of=0)
    late, moved = it.id(), it.id()
    it.statuses.add(moved)
    _at_the_door(it, [(sendings[0], late), (sendings[1], moved), (twin, late)])
    rules = Rules(it.facts)
    _late_case(it, rules, late, second_answer)
    now = _handed_over_case(it, rules, moved)
    week = Week((*sendings, twin), {f"DEMO-{n}": Part(f"DEMO-{n}", PUBLISHER, draw(rng), "ID") for n in range(2)}, people)
    raw = {"salur.submissions": b"\n".join(body(sending, OPENING)[0] for sending in sendings)}
    raw |= {topic: json.dumps([fact.data for fact in it.facts if fact.topic == topic]).encode() for topic in {fact.topic for fact in it.facts}}
    evidence = Evidence(
        week, now, SPEED, 0.0, {1: Answer(202, "accepted", "ok", moved, tracking_of(moved))}, tuple(it.acts), tuple(it.inbound), tuple(it.facts), raw
    )
    evidence = replace(evidence, facts=tuple(replace(fact, said_at=evidence.real(fact.time)) for fact in evidence.facts))
    pages = {"1": (200, f"<h1>{it.mails[0]['subject'].strip('[]')}</h1>")}
    return replace(evidence, mails=tuple(it.mails), hooks=tuple(it.hooks), pages=pages, logs={"sla.log": b'{"text": "ready"}'}, **_answers(evidence))


def _sending(number: int, who: Any) -> Sending:
    data = {"text": f"Nama saya {who.name}, {who.phone}", "external_ref": f"DEMO-{number}", "reporter": {"name": who.name, "nik": who.nik}}
    data |= {"reply_to": "http://127.0.0.1:8127/lapor"} if number else {}
    door = Door.HTTP_EVENT if number else Door.KAFKA
    return Sending(number, door, f"id-{number}", "urn:demo:lapor", data, timedelta())


def _at_the_door(it: World, sent: list[tuple[Sending, str]]) -> None:
    for sending, case in sent:
        at = SECOND if sending.number == 1 else OPENING
        if sending.by_kafka:
            place = Place("salur.submissions", 0, sum(place.topic == "salur.submissions" for place in it.inbound))
            it.inbound.append(place)
            it.receipt(place, "intake", case, sending.id, sending.code, at)
        if sending.twin_of is None:
            it.say("intake", case, "complaint.accepted", at, sending.id, external_ref=sending.data["external_ref"])
            it.say(
                "routing", case, "case.routed", at, "c", owner=UNIT, state="verification", by="system", kind=KIND, accepted_at=at, **_asked(it, case)
            )


def _asked(it: World, case: str) -> dict[str, str]:
    return {"publisher": PUBLISHER, "reply_to": "http://127.0.0.1:8127/lapor"} if case in it.statuses else {}


def _set(it: World, rules: Rules, cause: Fact, clock: str, agency: str) -> datetime:
    due = rules.due(clock, KIND, agency, cause.time)
    it.say("sla", cause.case_id, "deadline.set", cause.time, cause.id, clock=clock, agency=agency, due_at=due)
    return due


def _fire(it: World, rules: Rules, cause: Fact, clock: str, agency: str, shares: tuple[int, ...]) -> None:
    due = rules.due(clock, KIND, agency, cause.time)
    for share in shares:
        at = moment_of_percent(share, cause.time, due, rules.calendar(agency)) + timedelta(minutes=5)
        it.say("sla", cause.case_id, "deadline.warned", at, "timer", clock=clock, agency=agency, due_at=due, fired_at=at, consumed_percent=share)


def _late_case(it: World, rules: Rules, case: str, second_answer: timedelta | None) -> None:
    routed = next(fact for fact in it.facts if fact.case_id == case and fact.what == "case.routed")
    due = _set(it, rules, routed, "verification", UNIT)
    solved = _set(it, rules, routed, "resolution", UNIT)
    _fire(it, rules, routed, "verification", UNIT, (50, 75, 90))
    at, said = due + timedelta(minutes=5), {"clock": "verification", "agency": UNIT, "due_at": due}
    it.say("sla", case, "deadline.breached", at, "timer", fired_at=at, consumed_percent=100, **said)
    it.say("sla", case, "escalation.raised", at, "timer", level=1, to=REGENCY, **said)
    verified = it.act(case, "verify", due + timedelta(hours=9), UNIT, owner=UNIT, state="verified")
    it.say("sla", case, "deadline.met", verified.time, verified.id, **said)
    answer_due = _set(it, rules, verified, "follow_up", UNIT)
    answered = it.act(case, "follow_up", verified.time + timedelta(hours=9), UNIT, owner=UNIT, state="followed_up", final=second_answer is None)
    it.say("sla", case, "deadline.met", answered.time, answered.id, clock="follow_up", agency=UNIT, due_at=answer_due)
    if second_answer is None:
        it.say("sla", case, "deadline.met", answered.time, answered.id, clock="resolution", agency=UNIT, due_at=solved)
    end = _set(it, rules, answered, "reply", UNIT)
    if second_answer is not None:
        if answered.time + second_answer > end:
            _elapse(it, case, end)
        answered = it.act(case, "follow_up", answered.time + second_answer, UNIT, owner=UNIT, state="followed_up", final=True)
        it.say("sla", case, "deadline.met", answered.time, answered.id, clock="resolution", agency=UNIT, due_at=solved)
        if answered.time > end:
            end = _set(it, rules, answered, "reply", UNIT)
        else:
            was, end = end, rules.due("reply", KIND, UNIT, answered.time)
            it.say("sla", case, "deadline.moved", answered.time, answered.id, clock="reply", agency=UNIT, due_at=end, was=was)
    over = _elapse(it, case, end)
    it.say("routing", case, "case.closed", over.time + timedelta(minutes=1), over.id, owner=UNIT, state="closed", by="system")


def _elapse(it: World, case: str, end: datetime) -> Fact:
    at = end + timedelta(minutes=5)
    return it.say("sla", case, "deadline.elapsed", at, "timer", clock="reply", agency=UNIT, due_at=end, fired_at=at, consumed_percent=100, basis=3)


def _handed_over_case(it: World, rules: Rules, case: str) -> datetime:
    routed = next(fact for fact in it.facts if fact.case_id == case and fact.what == "case.routed")
    due = _set(it, rules, routed, "verification", UNIT)
    _set(it, rules, routed, "resolution", UNIT)
    at = SECOND + timedelta(hours=20)
    moved = it.act(case, "transfer", at, UNIT, owner=REGENCY, state="verification", from_=UNIT, to=REGENCY, hop=1, decided_by=None)
    it.say("sla", case, "deadline.met", at, moved.id, clock="verification", agency=UNIT, due_at=due)
    due = _set(it, rules, moved, "verification", REGENCY)
    verified = it.act(case, "verify", at + timedelta(hours=4), REGENCY, owner=REGENCY, state="verified")
    it.say("sla", case, "deadline.met", verified.time, verified.id, clock="verification", agency=REGENCY, due_at=due)
    _set(it, rules, verified, "follow_up", REGENCY)
    return verified.time + timedelta(hours=1)


def _answers(evidence: Evidence) -> dict[str, Any]:
    """Return what the services answer over HTTP when they tell what they said."""
    cases, tracking, deadlines = {}, {}, {}
    for case, facts in evidence.by_case("routing").items():
        hops = [
            {"agency": fact.data["owner"], "from": fact.time.isoformat(), "until": None}
            for fact in facts
            if "routed" in fact.what or "from" in fact.data
        ]
        for hop, following in pairwise(hops):
            hop["until"] = following["from"]
        last = facts[-1].data
        cases[case] = {"version": len(facts), "owner": last["owner"], "state": last["state"], "hops": hops}
        tracking[case] = {"owner": last["owner"], "status": last["state"]}
        told = [fact.data for fact in evidence.by_case("sla")[case] if fact.what == "deadline.set"]
        deadlines[case] = {"deadlines": [{"clock": data["clock"], "agency": data["agency"]} for data in told]}
    return {"cases": cases, "tracking": tracking, "deadlines": deadlines}
