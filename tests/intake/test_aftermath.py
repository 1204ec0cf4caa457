"""What publishers say of their cases later: supplements, withdrawals, ratings."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from schemas.base import Decision, Event
from schemas.inbound.complaint_submitted_v1 import Reporter
from schemas.registry import EVENTS
from schemas.words import Kind
from services.intake.app import NAMES, SERVICE, TRACKING
from services.intake.domain import Submission, Supplement, decide
from tests.intake.conftest import Running, event_of, eventually, until
from tests.intake.test_domain import AT, REFERENCE

CASE = Submission(UUID(int=1), "YBT7-S96S-FTP3", Kind.COMPLAINT, "agama", False, False, "urn:kanal", "LPR-1", AT)
SAY = {
    "supplemented": ({"text": "Budi, 081234567890: masih gelap."}, "supplement_accepted"),
    "withdrawn": ({}, "withdrawal_accepted"),
    "rated": ({"rating": 3}, "rating_accepted"),
}


def event(what: str, source: str = "urn:kanal", **data: Any) -> Event[Any]:
    type_ = f"salur.complaint.{what}.v1"
    given = {"tracking_id": CASE.tracking_id, **SAY[what][0], **data}
    return Event("later-1", source, type_, AT, EVENTS[type_].model.model_validate(given), tracking=CASE.tracking_id)


def say(what: str, case: Submission | None = CASE, source: str = "urn:kanal") -> Decision[Submission]:
    return decide(case, event(what, source), AT + timedelta(hours=1), REFERENCE, None)


def body(decision: Decision[Submission]) -> dict[str, Any]:
    (said,) = decision.events
    told: dict[str, Any] = orjson.loads(said.to_json())
    return {"type": said.TYPE, **told}


@pytest.mark.parametrize(("what", "more"), [("supplemented", {"text": "Budi, [telepon]: masih gelap."}), ("withdrawn", {}), ("rated", {"rating": 3})])
def test_each_is_said_with_the_case_and_what_it_carries(what: str, more: dict[str, Any]) -> None:
    decision = say(what)
    named = {"case_id": str(CASE.case_id), "tracking_id": CASE.tracking_id}
    assert body(decision) == {"type": f"salur.complaint.{SAY[what][1]}.v1", **named, **more}
    assert (decision.state, decision.answer.outcome, decision.restricted) == (CASE, "accepted", False)


def test_a_supplement_loses_what_its_reporter_once_gave_and_is_kept_whole() -> None:
    decision = say("supplemented", replace(CASE, reporter=lambda: Reporter(name="Budi")))
    assert body(decision)["text"] == "[nama], [telepon]: masih gelap."
    (kept,) = decision.effects
    assert isinstance(kept, Supplement)
    assert (kept.text.decode(), kept.at) == (SAY["supplemented"][0]["text"], AT + timedelta(hours=1))


@pytest.mark.parametrize("secret", [{"confidential": True}, {"kind": Kind.WHISTLEBLOWING}])
def test_a_supplement_of_a_secret_case_travels_without_its_words(secret: dict[str, Any]) -> None:
    decision = say("supplemented", replace(CASE, **secret))
    assert "text" not in body(decision)
    assert decision.restricted is (secret.get("kind") is Kind.WHISTLEBLOWING)
    assert decision.effects


@pytest.mark.parametrize("what", SAY)
def test_only_the_publisher_of_a_case_speaks_about_it(what: str) -> None:
    decision = say(what, source="urn:orang lain")
    assert (decision.answer.outcome, decision.answer.code, decision.events, decision.effects) == ("rejected", "unknown_case", (), ())
    assert say(what, case=None).wait


def test_a_case_is_asked_for_by_who_speaks_and_all_names_that_were_given() -> None:
    assert orjson.loads(NAMES(event("rated", external_ref="LPR-1")) or "") == ["urn:kanal", CASE.tracking_id, "LPR-1"]
    assert orjson.loads(NAMES(event("rated", tracking_id="salah")._replace(tracking=None)) or "") == ["urn:kanal", "salah", None]


def test_intake_reads_what_the_registry_says_that_it_reads() -> None:
    read = {entry.type for entry in EVENTS.values() if "intake" in entry.readers and entry.topic != "salur.reference"}
    shown = {type_ for types in TRACKING.reads.values() for type_ in types}
    assert set(SERVICE.orders) | shown == read
    for topic in ("salur.routing", "salur.sla"):
        assert set(TRACKING.reads[topic]) == {type_ for type_ in read if EVENTS[type_].topic == topic} <= set(TRACKING.reads["salur.restricted"])
    for type_, model in SERVICE.orders.items():
        assert (EVENTS[type_].model, EVENTS[type_].topic) == (model, SERVICE.inbound)


async def submitted(running: Running, **data: Any) -> dict[str, Any]:
    taken: dict[str, Any] = (await running.post({"text": "Lampu padam.", **data}, str(uuid4()))).json()
    assert taken["outcome"] == "accepted"
    return taken


async def told(running: Running, case_id: str, what: str, topic: str = "salur.intake") -> dict[str, Any]:
    def there() -> list[dict[str, Any]]:
        return [e for e in running.documents(topic) if e["subject"] == case_id and e["type"] == f"salur.complaint.{what}.v1"]

    return dict((await eventually(there))[0])


@pytest.mark.parametrize("name", ["tracking_id", "external_ref", "both"])
async def test_a_case_is_found_by_either_of_its_names_over_the_topic(running: Running, name: str) -> None:
    ref = f"LPR {uuid4()}"
    case = await submitted(running, external_ref=ref)
    names = {"tracking_id": case["tracking_id"].lower(), "external_ref": ref}
    given = names if name == "both" else {name: names[name]}
    for number, what in enumerate(SAY, 2):
        receipt = await running.receipt(await running.later(what, {**SAY[what][0], **given}))
        assert (receipt["outcome"], receipt["code"]) == ("accepted", "ok")
        assert (receipt["case_id"], receipt["tracking_id"]) == (case["case_id"], case["tracking_id"])
        said = await told(running, case["case_id"], SAY[what][1])
        assert (said["sequence"], said["tracking"]) == (number, case["tracking_id"])
    view = await running.view(case["tracking_id"], lambda view: len(view["history"]) == 4)
    assert [(entry["what"], entry["who"]) for entry in view["history"][1:]] == [(f"complaint.{SAY[what][1]}", "reporter") for what in SAY]


async def test_over_http_it_is_answered_like_a_submission(running: Running) -> None:
    case = await submitted(running)
    supplement = event_of({"tracking_id": case["tracking_id"], "text": "Masih."}, type="salur.complaint.supplemented.v1")
    first = await running.http.post("/v1/complaints", json=supplement)
    assert (first.status_code, first.json()) == (202, case)
    again = await running.http.post("/v1/complaints", json=supplement)
    assert (again.status_code, again.json()) == (200, {**case, "outcome": "duplicate", "code": "duplicate"})
    supplement["data"]["text"] = "Lain."
    other = await running.http.post("/v1/complaints", json=supplement)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")


@pytest.mark.parametrize(
    "names",
    [
        {"tracking_id": "YBT7-S96S-FTP3"},
        {"external_ref": "tidak ada"},
        {"tracking_id": "{tracking_id}", "external_ref": "nomor lain"},
        {"tracking_id": "bukan nomor", "external_ref": "{external_ref}"},
        {"external_ref": "{twice}"},
    ],
    ids=["unknown id", "unknown number", "two cases", "no id", "a number of two cases"],
)
async def test_what_names_no_one_case_is_unknown_over_http_and_may_be_sent_again(running: Running, names: dict[str, str]) -> None:
    known = {"external_ref": str(uuid4()), "twice": str(uuid4())}
    case = await submitted(running, external_ref=known["external_ref"])
    for _ in range(2):
        await submitted(running, external_ref=known["twice"])
    given = {name: value.format(**known, tracking_id=case["tracking_id"]) for name, value in names.items()}
    withdrawal = event_of(given, type="salur.complaint.withdrawn.v1")
    answer = await running.http.post("/v1/complaints", json=withdrawal)
    assert (answer.status_code, answer.json()["outcome"], answer.json()["code"]) == (404, "rejected", "unknown_case")
    withdrawal["data"] = {"tracking_id": case["tracking_id"]}
    assert (await running.http.post("/v1/complaints", json=withdrawal)).status_code == 202


async def test_over_the_topic_it_waits_for_its_case(running: Running) -> None:
    ref = str(uuid4())
    id_ = await running.later("supplemented", {"external_ref": ref, "text": "Datang lebih dulu."})
    await running.receipt(await running.submit({"text": "Pelanggan lain."}))
    assert not running.receipts(id_)
    case = await running.receipt(await running.submit({"text": "Jalan rusak.", "external_ref": ref}))
    receipt = await running.receipt(id_)
    assert (receipt["outcome"], receipt["case_id"]) == ("accepted", case["case_id"])
    assert (await told(running, case["case_id"], "supplement_accepted"))["sequence"] == 2
    await running.later("supplemented", {"external_ref": ref, "text": "Datang lebih dulu."}, id_=id_)
    again = (await eventually(lambda: running.receipts(id_)[1:]))[0]
    assert (again["outcome"], again["case_id"], again["tracking_id"]) == ("duplicate", case["case_id"], case["tracking_id"])


async def test_what_waits_in_vain_is_refused_when_its_minute_is_over(running: Running) -> None:
    last = "SELECT coalesce(max(place), 0) FROM intake.held"
    before = await running.count(last)
    id_ = await running.later("rated", {"external_ref": str(uuid4()), "rating": 1})
    place = await until(lambda: running.count(last), lambda place: place > before)
    assert await running.count("SELECT extract(epoch FROM until - at) FROM intake.held WHERE place = $1", place) in range(55, 65)
    await running.owner.execute("UPDATE intake.held SET until = now() WHERE place = $1", place)
    receipt = await running.receipt(id_)
    assert (receipt["outcome"], receipt["code"], receipt["case_id"]) == ("rejected", "unknown_case", None)


async def test_nothing_of_it_is_lost_after_a_withdrawal(running: Running) -> None:
    case = await submitted(running)
    named = {"tracking_id": case["tracking_id"]}
    await running.receipt(await running.later("withdrawn", named))
    receipt = await running.receipt(await running.later("supplemented", {**named, "text": "Maaf, ternyata masih rusak."}))
    assert receipt["outcome"] == "accepted"
    assert (await told(running, case["case_id"], "supplement_accepted"))["data"]["text"] == "Maaf, ternyata masih rusak."


async def test_a_supplement_of_a_whistle_blower_stays_on_the_restricted_topic_without_its_words(running: Running) -> None:
    case = await submitted(running, kind="whistleblowing")
    await running.receipt(await running.later("supplemented", {"tracking_id": case["tracking_id"], "text": "rahasia sekali"}))
    said = await told(running, case["case_id"], "supplement_accepted", "salur.restricted")
    assert "text" not in said["data"]
    assert not [e for e in running.documents("salur.intake") if e["subject"] == case["case_id"]]


async def test_the_name_that_a_reporter_gave_is_taken_out_of_a_supplement_too(running: Running) -> None:
    case = await submitted(running, reporter={"name": "Kartolo Wiryawan"})
    await running.receipt(await running.later("supplemented", {"tracking_id": case["tracking_id"], "text": "Salam, Kartolo Wiryawan."}))
    assert (await told(running, case["case_id"], "supplement_accepted"))["data"]["text"] == "Salam, [nama]."
    rows = await running.owner.fetch("SELECT s::text FROM intake.supplement s WHERE case_id = $1", UUID(case["case_id"]))
    assert [b"Kartolo".hex() in row[0] for row in rows] == [False]


async def test_a_case_that_turns_out_to_be_whistle_blowing_is_hidden_from_then_on(running: Running) -> None:
    case = await submitted(running)
    way = {"case_id": case["case_id"], "tracking_id": case["tracking_id"], "state": "verified", "owner": "35.22", "by": "system"}
    was = {"was_kind": "complaint", "was_category": "other"}
    await running.tell("routing", "case.reclassified", 2, {**way, **was, "kind": "oversight_complaint", "category": "agama"}, "2026-11-02T02:00:00Z")
    view = await running.view(case["tracking_id"], lambda view: view["kind"] != "complaint")
    assert (view["kind"], view["category"]) == ("oversight_complaint", "agama")
    await running.tell("routing", "case.reclassified", 3, {**way, **was, "kind": "whistleblowing", "category": "agama"}, "2026-11-02T03:00:00Z")
    await running.tell("routing", "case.reclassified", 1, {**way, **was, "kind": "aspiration", "category": "other"}, "2026-11-02T01:00:00Z")
    answer = await until(lambda: running.http.get(f"/v1/complaints/{case['tracking_id']}"), lambda answer: answer.status_code == 404)
    assert answer.status_code == 404
    await running.receipt(await running.later("supplemented", {"tracking_id": case["tracking_id"], "text": "lagi"}))
    assert "text" not in (await told(running, case["case_id"], "supplement_accepted", "salur.restricted"))["data"]


async def test_the_view_shows_pauses_and_who_laid_a_case_aside(running: Running) -> None:
    case = await submitted(running)
    named = {"case_id": case["case_id"], "tracking_id": case["tracking_id"]}
    clock = {**named, "clock": "resolution", "agency": "35.22", "due_at": "2099-01-01T16:59:59Z", "policy_version": "1", "calendar_version": "1"}
    way = {**named, "owner": "35.22"}
    liaison = {"agency": "35.22", "role": "liaison"}
    said: list[tuple[str, str, int, dict[str, Any]]] = [
        ("sla", "deadline.set", 1, clock),
        ("sla", "deadline.paused", 2, clock),
        ("routing", "case.deferred", 2, {**way, "state": "waiting_reporter", "by": liaison, "question": "Di mana?"}),
    ]
    for number, (speaker, what, sequence, data) in enumerate(said):
        await running.tell(speaker, what, sequence, data, f"2098-12-30T01:0{number}:00Z")
    view = await running.view(case["tracking_id"], lambda view: len(view["history"]) == 4)
    assert (view["status"], [d["state"] for d in view["deadlines"]]) == ("waiting_reporter", ["paused"])
    assert b"Di mana" not in orjson.dumps(view)
    said = [
        ("sla", "deadline.resumed", 3, {**clock, "due_at": "2099-01-05T16:59:59Z"}),
        ("routing", "case.resumed", 3, {**way, "state": "verification", "by": "reporter"}),
        ("routing", "case.withdrawn", 4, {**way, "state": "withdrawn", "by": "reporter"}),
        ("sla", "deadline.cancelled", 4, {**clock, "due_at": "2099-01-05T16:59:59Z"}),
        ("routing", "case.reopened", 5, {**way, "state": "verified", "by": "reporter", "reason": "x"}),
        ("routing", "case.archived", 6, {**way, "state": "archived", "by": "system", "reason": "expired"}),
    ]
    for number, (speaker, what, sequence, data) in enumerate(said, 3):
        await running.tell(speaker, what, sequence, data, f"2098-12-30T01:0{number}:00Z")
    view = await running.view(case["tracking_id"], lambda view: len(view["history"]) == 10)
    assert (view["status"], view["deadlines"]) == (
        "archived", [{"clock": "resolution", "agency": "35.22", "due_at": "2099-01-05T16:59:59Z", "state": "cancelled"}],
    )  # fmt: skip
    assert [(entry["what"], entry["who"]) for entry in view["history"] if entry["what"].startswith("case.")] == [
        ("case.deferred", "35.22/liaison"), ("case.resumed", "reporter"), ("case.withdrawn", "reporter"), ("case.reopened", "reporter"),
        ("case.archived", "system"),
    ]  # fmt: skip
