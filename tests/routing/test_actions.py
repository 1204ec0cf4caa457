"""What the daily actions say and leave behind, one by one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from schemas.inbound.case_archive_v1 import CaseArchive
from schemas.inbound.case_defer_v1 import CaseDefer
from schemas.inbound.case_extend_v1 import CaseExtend
from schemas.inbound.case_hand_down_v1 import CaseHandDown
from schemas.inbound.case_reclassify_v1 import CaseReclassify
from schemas.inbound.case_refer_v1 import CaseRefer
from schemas.inbound.case_resume_v1 import CaseResume
from schemas.inbound.case_verify_v1 import CaseVerify
from schemas.words import ArchiveReason
from services.routing.case import restore
from tests.routing.acts import ABOVE, OWNER, UNIT, case_of, follow_up, refused, told, verify


def reclassified(world: Any, agency: str = OWNER, **what: Any) -> Any:
    return world.order(CaseReclassify, agency, reason="salah pilih", **what)


# -- defer and resume -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("once_verified", [False, True])
def test_a_deferred_case_goes_on_where_it_was(world: Any, once_verified: bool) -> None:
    case = case_of(world, *([verify(world)] if once_verified else []))
    asked = world.decide(case, world.order(CaseDefer, OWNER, "liaison", question="di mana?"))
    assert (told(asked)["state"], told(asked)["question"]) == ("waiting_reporter", "di mana?")
    resumed = world.decide(asked.state, world.order(CaseResume, OWNER))
    assert (resumed.state.state, told(resumed)["state"]) == (case.state, case.state)
    assert (resumed.state.deferral, resumed.state.triage) == (None, case.triage)


def test_an_owner_that_asks_twice_waits_for_the_second_question(world: Any) -> None:
    asks = [world.order(CaseDefer, OWNER, question="di mana?"), world.order(CaseResume, OWNER)]
    first = case_of(world, asks[0])
    second = case_of(world, *asks, world.order(CaseDefer, OWNER, question="kapan?"))
    assert world.decide(second, world.elapsed(first.deferral.version, "completion")).events == ()
    assert world.decide(second, world.elapsed(second.deferral.version, "completion")).state.state == "archived"


def test_what_happens_meanwhile_does_not_spare_a_reporter_that_never_answers(world: Any) -> None:
    case = case_of(world, world.order(CaseDefer, OWNER, question="di mana?"))
    later = world.decide(case, reclassified(world, category="other")).state
    decision = world.decide(later, world.elapsed(case.version, "completion"))
    assert (told(decision)["reason"], told(decision)["by"]) == ("expired", "system")


@pytest.mark.parametrize("facts", [{"confidential": True}, {"kind": "whistleblowing"}])
def test_the_question_about_a_hidden_case_does_not_travel(world: Any, facts: dict[str, Any]) -> None:
    case = world.case(**facts)
    assert "question" not in told(world.decide(case, world.order(CaseDefer, case.owner, question="siapa yang melapor?")))


# -- hand down, extend, refer, archive --------------------------------------------------------------------------------


def test_work_goes_down_and_the_owner_stays(world: Any) -> None:
    case = case_of(world, verify(world))
    decision = world.decide(case, world.order(CaseHandDown, OWNER, "liaison", to=UNIT))
    assert (told(decision)["to"], told(decision)["owner"], decision.state.hops) == (UNIT, OWNER, case.hops)


@pytest.mark.parametrize("to", [OWNER, ABOVE, "35.78", "32.73", "ID"])
def test_work_never_goes_up_or_aside(world: Any, to: str) -> None:
    case = case_of(world, verify(world))
    assert refused(world.decide(case, world.order(CaseHandDown, OWNER, to=to))) == ("illegal_action", "/data/to")


def test_work_goes_down_more_than_one_level(world: Any) -> None:
    case = world.case(verify(world, ABOVE), addressed_to=ABOVE)
    assert told(world.decide(case, world.order(CaseHandDown, ABOVE, to=UNIT)))["to"] == UNIT


def test_nobody_hands_down_to_an_agency_that_is_not_there(world: Any) -> None:
    case = case_of(world, verify(world))
    assert refused(world.decide(case, world.order(CaseHandDown, OWNER, to="35.22/tidak-ada"))) == ("schema_violation", "/data/to")


def test_extensions_are_said_one_by_one(world: Any) -> None:
    case = case_of(world, verify(world))
    for days in (5, 60):
        decision = world.decide(case, world.order(CaseExtend, OWNER, days=days, reason="menunggu suku cadang"))
        assert (told(decision)["days"], told(decision)["reason"], told(decision)["state"]) == (days, "menunggu suku cadang", "verified")
        case = decision.state


def test_a_case_that_is_for_somebody_outside_names_whom(world: Any) -> None:
    decision = world.decide(case_of(world), world.order(CaseRefer, OWNER, to="Ombudsman RI", reason="maladministrasi"))
    assert (told(decision)["to"], told(decision)["reason"], told(decision)["owner"]) == ("Ombudsman RI", "maladministrasi", OWNER)


@pytest.mark.parametrize("reason", ArchiveReason)
def test_a_case_is_laid_aside_with_one_of_six_words(world: Any, reason: ArchiveReason) -> None:
    assert told(world.decide(case_of(world), world.order(CaseArchive, OWNER, reason=reason)))["reason"] == reason


def test_what_offices_say_about_a_confidential_case_is_said(world: Any) -> None:
    case = case_of(world, verify(world), confidential=True)
    assert told(world.decide(case, world.order(CaseExtend, OWNER, days=1, reason="cuaca")))["reason"] == "cuaca"


# -- reclassify -------------------------------------------------------------------------------------------------------


def test_a_case_becomes_what_it_is(world: Any) -> None:
    case = case_of(world)
    decision = world.decide(case, reclassified(world, kind="aspiration", category="kesehatan"))
    said = told(decision)
    assert (said["kind"], said["category"], said["was_kind"], said["was_category"]) == (
        "aspiration",
        "kesehatan",
        "complaint",
        "pekerjaan-umum.jalan-berlubang",
    )
    assert (said["reason"], said["state"], decision.state.hops) == ("salah pilih", "verification", case.hops)
    again = told(world.decide(decision.state, reclassified(world, category="agama")))
    assert (again["kind"], again["was_kind"], again["was_category"]) == ("aspiration", "aspiration", "kesehatan")


def test_a_category_that_the_tree_does_not_have_is_refused(world: Any) -> None:
    case = case_of(world)
    assert refused(world.decide(case, reclassified(world, category="jalanan"))) == ("schema_violation", "/data/category")
    assert world.decide(case, reclassified(world, category="other")).answer.outcome == "accepted"


def test_a_case_that_turns_out_to_be_whistle_blowing_is_restricted_from_that_event_on(world: Any) -> None:
    turned = world.decide(case_of(world, verify(world)), reclassified(world, kind="whistleblowing"))
    assert (turned.restricted, turned.state.owner) == (True, OWNER)
    answered = world.decide(turned.state, follow_up(world))
    assert (answered.restricted, "text" in told(answered)) == (True, False)


@pytest.mark.parametrize("turns", [False, True])
def test_what_was_whistle_blowing_once_never_comes_out(world: Any, turns: bool) -> None:
    case = case_of(world, reclassified(world, kind="whistleblowing")) if turns else world.case(kind="whistleblowing")
    left = world.decide(case, reclassified(world, case.owner, kind="complaint"))
    assert (left.restricted, told(left)["kind"], left.state.facts.kind) == (True, "complaint", "complaint")
    kept = json.loads(json.dumps(left.state.document()))
    case = restore(left.state.case_id, left.state.tracking_id, str(left.state.state), left.state.version, kept)
    for event in (verify(world, case.owner), follow_up(world, case.owner), world.supplement(text="nama pelaku")):
        decision = world.decide(case, event)
        assert (decision.restricted, "text" in told(decision)) == (True, False)
        case = decision.state
    assert world.decide(case, world.order(CaseRefer, case.owner, to="KPK", reason="x")).restricted


# -- both names -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("given", "code"), [("ybt7s96sftp3", "ok"), ("YBT7-S96S-FTP3", "ok"), ("7K3M-9QWD-2F5H", "unknown_case")])
def test_two_names_of_a_case_must_name_the_same(world: Any, given: str, code: str) -> None:
    case = case_of(world, tracking_id="YBT7-S96S-FTP3")
    assert world.decide(case, world.order(CaseVerify, OWNER, tracking_id=given)).answer.code == code
