"""What routing decides about one case."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from schemas.common import Actor
from schemas.inbound.action import ActingPerson
from schemas.inbound.case_close_v1 import CaseClose
from schemas.inbound.case_decide_transfer_v1 import CaseDecideTransfer
from schemas.inbound.case_follow_up_v1 import CaseFollowUp
from schemas.inbound.case_transfer_v1 import CaseTransfer
from schemas.inbound.case_verify_v1 import CaseVerify
from schemas.routing.case_routed_v1 import CaseRouted
from schemas.words import Role, State
from services.routing.case import restore
from services.routing.rights import allowed_to

NOON = datetime(2026, 3, 2, 5, tzinfo=UTC)
SURABAYA, MALANG, GRESIK, TUBAN, JATIM = "35.78", "35.73", "35.25", "35.23", "35"
BANDUNG, JABAR = "32.73", "32"


def verify(world: Any, agency: str, **fields: Any) -> Any:
    return world.order(CaseVerify, agency, **fields)


def transfer(world: Any, agency: str, to: str | None) -> Any:
    return world.order(CaseTransfer, agency, to=to, reason="bukan wewenang")


def decided(world: Any, agency: str, to: str) -> Any:
    return world.order(CaseDecideTransfer, agency, to=to, reason="wewenangnya")


def follow_up(world: Any, agency: str, *, final: bool = True) -> Any:
    return world.order(CaseFollowUp, agency, text="sudah diperbaiki", final=final)


def refused(decision: Any) -> tuple[str, str]:
    assert decision.answer.outcome == "rejected"
    assert (decision.events, decision.effects, decision.wait) == ((), (), False)
    return decision.answer.code, decision.answer.errors[0].path


def chain(world: Any, *agencies: str) -> list[Any]:
    return [transfer(world, holder, to) for holder, to in pairwise(agencies)]


# -- the first owner --------------------------------------------------------------------------------------------------


def test_an_accepted_complaint_gets_its_first_owner_and_says_all_its_facts(world: Any) -> None:
    event = world.accepted(confidential=True, reply_to="https://kanal.example/salur")
    decision = world.decide(None, event)
    (routed,) = decision.events
    assert isinstance(routed, CaseRouted)
    assert routed.model_fields_set == set(CaseRouted.model_fields)
    assert (routed.state, routed.owner, routed.by, routed.level, routed.triage) == ("verification", SURABAYA, "system", "regency", False)
    assert (routed.rule, routed.rules_version, routed.directory_version) == ("jalan-dan-tata-ruang", world.rules.version, "test")
    for name in ("kind", "category", "region", "channel", "accepted_at", "anonymous", "confidential", "publisher", "case_id", "reply_to"):
        assert getattr(routed, name) == getattr(event.data, name)
    assert (decision.state.version, decision.state.owner, decision.restricted) == (1, SURABAYA, False)


def test_a_publisher_that_wants_no_answers_is_not_said_to_want_some(world: Any) -> None:
    (routed,) = world.decide(None, world.accepted()).events
    assert "reply_to" not in json.loads(routed.to_json())


def test_the_same_complaint_again_changes_nothing(world: Any) -> None:
    case = world.case(verify(world, SURABAYA))
    decision = world.decide(case, world.accepted(region="51"))
    assert (decision.state, decision.events, decision.answer.outcome) == (case, (), "accepted")


@pytest.mark.parametrize("kind", ["verify", "elapsed"])
def test_what_comes_before_its_complaint_waits(world: Any, kind: str) -> None:
    event = verify(world, SURABAYA) if kind == "verify" else world.elapsed(1)
    decision = world.decide(None, event)
    assert decision.wait
    assert (decision.state, decision.events) == (None, ())


def test_an_event_routing_does_not_react_to_is_a_fault(world: Any) -> None:
    said = world.decide(None, world.accepted()).events[0]
    with pytest.raises(TypeError, match=r"salur\.case\.routed\.v1"):
        world.decide(world.case(), world.event(said))


# -- the way to the end -----------------------------------------------------------------------------------------------


def test_the_owner_verifies_answers_and_closes(world: Any) -> None:
    case = world.case()
    officer = world.order(CaseFollowUp, SURABAYA, "technical_officer", text="sedang dikerjakan", final=False)
    for event, state in (
        (verify(world, SURABAYA, role="liaison"), State.VERIFIED),
        (officer, State.FOLLOWED_UP),
        (follow_up(world, SURABAYA), State.FOLLOWED_UP),
        (world.order(CaseClose, SURABAYA), State.CLOSED),
    ):
        decision = world.decide(case, event)
        (said,) = decision.events
        assert (decision.answer.outcome, decision.answer.code, decision.answer.tracking_id) == ("accepted", "ok", case.tracking_id)
        assert (said.state, said.owner, said.by) == (state, SURABAYA, Actor(agency=SURABAYA, role=event.data.by.role))
        assert decision.state.version == case.version + 1
        case = decision.state
    assert case.hops[0].until is None


def test_an_answer_says_when_it_was_given_and_what(world: Any) -> None:
    event = follow_up(world, SURABAYA)
    (said,) = world.decide(world.case(verify(world, SURABAYA)), event).events
    assert (said.final, said.followed_up_at, said.text) == (True, event.time, "sudah diperbaiki")


@pytest.mark.parametrize(("facts", "agency", "restricted"), [({"confidential": True}, SURABAYA, False), ({"kind": "whistleblowing"}, "ID", True)])
def test_the_text_of_a_hidden_case_does_not_travel(world: Any, facts: dict[str, Any], agency: str, restricted: bool) -> None:
    decision = world.decide(world.case(verify(world, agency), **facts), follow_up(world, agency))
    (said,) = decision.events
    assert "text" not in said.model_fields_set
    assert b"diperbaiki" not in said.to_json()
    assert decision.restricted is restricted


def test_everything_of_a_whistle_blowing_case_is_restricted(world: Any) -> None:
    first = world.decide(None, world.accepted(kind="whistleblowing"))
    case = world.case(verify(world, "ID"), follow_up(world, "ID"), kind="whistleblowing")
    assert first.restricted
    assert world.decide(case, world.elapsed(case.version)).restricted


def test_a_persons_name_does_not_travel(world: Any) -> None:
    case = world.case(verify(world, SURABAYA))
    for event in (follow_up(world, SURABAYA), transfer(world, SURABAYA, MALANG), transfer(world, SURABAYA, None)):
        assert b"Siti" not in world.decide(case, event).events[0].to_json()


def test_the_reporter_closes_what_was_finally_answered(world: Any) -> None:
    case = world.case(verify(world, SURABAYA), follow_up(world, SURABAYA))
    (said,) = world.decide(case, world.order(CaseClose, None, "reporter")).events
    assert (said.state, said.by) == ("closed", "reporter")


def test_an_interim_answer_is_no_ground_to_close(world: Any) -> None:
    case = world.case(verify(world, SURABAYA), follow_up(world, SURABAYA, final=False))
    assert refused(world.decide(case, world.order(CaseClose, SURABAYA))) == ("illegal_action", "")
    assert world.decide(case, world.elapsed(case.version)).events == ()


def test_the_reply_clock_closes_by_the_system(world: Any) -> None:
    case = world.case(verify(world, SURABAYA), follow_up(world, SURABAYA))
    decision = world.decide(case, world.elapsed(basis=case.version))
    (said,) = decision.events
    assert (said.state, said.by, said.owner, decision.state.state) == ("closed", "system", SURABAYA, State.CLOSED)


def test_a_reply_clock_that_the_case_has_left_behind_is_ignored(world: Any) -> None:
    first = world.case(verify(world, SURABAYA), follow_up(world, SURABAYA))
    again = world.decide(first, follow_up(world, SURABAYA)).state
    moved = world.decide(again, transfer(world, SURABAYA, MALANG)).state
    closed = world.decide(again, world.elapsed(again.version)).state
    for case, event in (
        (again, world.elapsed(first.version)),
        (again, world.elapsed(again.version, clock="completion")),
        (moved, world.elapsed(again.version)),
        (closed, world.elapsed(again.version)),
    ):
        decision = world.decide(case, event)
        assert (decision.state, decision.events) == (case, ())


# -- transfers --------------------------------------------------------------------------------------------------------


def test_a_transfer_with_a_target_moves_the_case_at_once(world: Any) -> None:
    case = world.case()
    event = transfer(world, SURABAYA, MALANG)
    decision = world.decide(case, event)
    (said,) = decision.events
    assert json.loads(said.to_json()) == {
        "case_id": str(case.case_id),
        "tracking_id": case.tracking_id,
        "state": "verification",
        "owner": MALANG,
        "by": {"agency": SURABAYA, "role": "coordinator"},
        "from": SURABAYA,
        "to": MALANG,
        "hop": 1,
        "decided_by": None,
        "reason": "bukan wewenang",
    }
    old, new = decision.state.hops
    assert (old.agency, old.until, new.agency, new.since, new.until) == (SURABAYA, event.time, MALANG, event.time, None)


@pytest.mark.parametrize(
    ("way", "to", "decider"),
    [
        ([SURABAYA], None, JATIM),
        ([SURABAYA, MALANG], SURABAYA, JATIM),
        ([SURABAYA, MALANG, GRESIK, TUBAN], "35.22", JATIM),
        ([SURABAYA, "35.22/dinas-sosial"], None, "35.22"),
        ([SURABAYA, JATIM], None, "ID"),
        ([SURABAYA, "ID.PUPR"], None, "ID"),
        ([SURABAYA, "ID"], None, "ID"),
    ],
)
def test_without_a_free_choice_the_coordinator_above_is_asked(world: Any, way: list[str], to: str | None, decider: str) -> None:
    case = world.case(*chain(world, *way))
    decision = world.decide(case, transfer(world, way[-1], to))
    (said,) = decision.events
    assert (said.TYPE, said.state, said.owner) == ("salur.case.transfer_requested.v1", "transfer_requested", way[-1])
    assert (said.decider, said.to, said.hop, said.reason) == (decider, to, len(way) - 1, "bukan wewenang")
    assert said.model_fields_set == set(type(said).model_fields)
    assert decision.state.hops == case.hops


def test_the_last_transfer_before_the_limit_is_still_free(world: Any) -> None:
    case = world.case(*chain(world, SURABAYA, MALANG, GRESIK))
    (said,) = world.decide(case, transfer(world, GRESIK, TUBAN)).events
    assert (said.TYPE, said.hop) == ("salur.case.transferred.v1", 3)


def test_a_decision_moves_the_case_and_binds(world: Any) -> None:
    case = world.case(transfer(world, SURABAYA, None))
    decision = world.decide(case, decided(world, JATIM, MALANG))
    (said,) = decision.events
    by = Actor(agency=JATIM, role=Role.COORDINATOR)
    assert (said.owner, said.from_, said.to, said.hop, said.by, said.decided_by) == (MALANG, SURABAYA, MALANG, 1, by, by)
    asked = world.decide(decision.state, transfer(world, MALANG, GRESIK))
    assert asked.events[0].TYPE == "salur.case.transfer_requested.v1"
    assert asked.state.owner == MALANG


def test_a_decision_may_leave_the_case_with_its_holder(world: Any) -> None:
    case = world.case(transfer(world, SURABAYA, None), decided(world, JATIM, SURABAYA))
    assert ([hop.agency for hop in case.hops], case.state, case.bound) == ([SURABAYA, SURABAYA], State.VERIFICATION, True)


@pytest.mark.parametrize(
    ("target", "next_decider"),
    [(MALANG, "ID"), ("35.22/dinas-sosial", "ID"), (BANDUNG, "ID"), (JATIM, "ID"), ("ID.PUPR", "ID")],
)
def test_a_second_refusal_goes_one_level_up(world: Any, target: str, next_decider: str) -> None:
    case = world.case(transfer(world, SURABAYA, None), decided(world, JATIM, target), transfer(world, target, None))
    assert case.request.decider == next_decider
    assert refused(world.decide(case, decided(world, JATIM, GRESIK))) == ("forbidden_role", "/data/by")
    assert world.decide(case, decided(world, next_decider, GRESIK)).state.owner == GRESIK


def test_a_regency_that_decided_for_its_units_is_followed_by_the_province(world: Any) -> None:
    social, health = "35.22/dinas-sosial", "35.22/dinas-kesehatan"
    case = world.case(transfer(world, social, None), decided(world, "35.22", health), transfer(world, health, None), addressed_to=social)
    assert case.request.decider == JATIM


def test_a_new_owner_must_give_an_answer_of_its_own(world: Any) -> None:
    case = world.case(
        verify(world, SURABAYA),
        follow_up(world, SURABAYA),
        transfer(world, SURABAYA, MALANG),
        verify(world, MALANG),
        follow_up(world, MALANG, final=False),
    )
    assert refused(world.decide(case, world.order(CaseClose, MALANG))) == ("illegal_action", "")


def test_a_coordinator_in_triage_finds_the_agency_or_keeps_the_case(world: Any) -> None:
    case = world.case(category="other")
    assert (case.owner, case.triage) == (JATIM, True)
    moved = world.decide(case, transfer(world, JATIM, SURABAYA)).state
    kept = world.decide(case, verify(world, JATIM)).state
    assert (moved.owner, moved.triage, moved.state) == (SURABAYA, False, State.VERIFICATION)
    assert (kept.owner, kept.triage, kept.state) == (JATIM, False, State.VERIFIED)


def test_a_sender_whose_clock_runs_behind_does_not_tear_the_holders_apart(world: Any) -> None:
    case = world.case()
    event = transfer(world, SURABAYA, MALANG)
    late = event._replace(time=case.hops[0].since - timedelta(days=1))
    old, new = world.decide(case, late).state.hops
    assert old.since == old.until == new.since


# -- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("agency", "role"),
    [(MALANG, "coordinator"), (JATIM, "coordinator"), (SURABAYA, "technical_officer"), (None, "reporter"), (SURABAYA, "reporter")],
)
def test_only_the_owners_admins_verify(world: Any, agency: str | None, role: str) -> None:
    decision = world.decide(world.case(), world.order(CaseVerify, agency, role))
    assert refused(decision) == ("forbidden_role", "/data/by")
    assert decision.answer.tracking_id == "7K3M-9QWD-2F5H"


@pytest.mark.parametrize(("agency", "role"), [(SURABAYA, "coordinator"), (JATIM, "liaison"), (JABAR, "coordinator"), ("ID", "coordinator")])
def test_only_the_coordinator_of_the_level_above_decides(world: Any, agency: str, role: str) -> None:
    case = world.case(transfer(world, SURABAYA, None))
    order = world.order(CaseDecideTransfer, agency, role, to=MALANG, reason="x")
    assert refused(world.decide(case, order)) == ("forbidden_role", "/data/by")


def test_an_action_out_of_its_time_is_illegal(world: Any) -> None:
    case = world.case()
    for order in (follow_up(world, SURABAYA), world.order(CaseClose, SURABAYA), decided(world, JATIM, MALANG)):
        assert refused(world.decide(case, order)) == ("illegal_action", "")


def test_a_transfer_to_its_owner_is_illegal(world: Any) -> None:
    assert refused(world.decide(world.case(), transfer(world, SURABAYA, SURABAYA))) == ("illegal_action", "/data/to")


def test_a_target_nobody_knows_is_a_violation_of_the_schema(world: Any) -> None:
    case = world.case()
    asked = world.decide(case, transfer(world, SURABAYA, None)).state
    assert refused(world.decide(case, transfer(world, SURABAYA, "35.99"))) == ("schema_violation", "/data/to")
    assert refused(world.decide(asked, decided(world, JATIM, "35.99"))) == ("schema_violation", "/data/to")


def test_an_action_on_a_version_that_is_gone_is_stale(world: Any) -> None:
    case = world.case()
    assert refused(world.decide(case, verify(world, SURABAYA, expected_version=0))) == ("stale_version", "/data/expected_version")
    assert world.decide(case, verify(world, SURABAYA, expected_version=1)).answer.outcome == "accepted"


def test_who_may_not_is_told_so_before_that_the_time_is_wrong(world: Any) -> None:
    order = world.order(CaseFollowUp, MALANG, text="x", final=True, expected_version=7)
    assert refused(world.decide(world.case(), order))[0] == "forbidden_role"
    mine = world.order(CaseFollowUp, SURABAYA, text="x", final=True, expected_version=7)
    assert refused(world.decide(world.case(), mine))[0] == "illegal_action"


@pytest.mark.parametrize(
    ("agency", "role", "actions"),
    [
        (SURABAYA, "coordinator", ("transfer", "hand_down", "follow_up", "reclassify", "close", "acknowledge")),
        (SURABAYA, "technical_officer", ("follow_up", "acknowledge")),
        (JATIM, "coordinator", ()),
        (None, "reporter", ("close",)),
    ],
)
def test_a_caller_is_told_what_it_may_do_now(world: Any, agency: str | None, role: str, actions: tuple[str, ...]) -> None:
    case = world.case(verify(world, SURABAYA), follow_up(world, SURABAYA))
    assert allowed_to(case, ActingPerson(agency=agency, role=Role(role)), NOON, world.reference) == actions


# -- keeping ----------------------------------------------------------------------------------------------------------


def test_a_case_comes_back_from_its_document_as_it_was(world: Any) -> None:
    for case in (
        world.case(),
        world.case(category="other", confidential=True),
        world.case(transfer(world, SURABAYA, MALANG), transfer(world, MALANG, None)),
        world.case(transfer(world, SURABAYA, None), decided(world, JATIM, MALANG), verify(world, MALANG), follow_up(world, MALANG)),
    ):
        document = json.loads(json.dumps(case.document()))
        assert restore(case.case_id, case.tracking_id, str(case.state), case.version, document) == case
