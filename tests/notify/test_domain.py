"""Who hears of what, and what is never told."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.base import Data, Decision
from services.notify.case import Case, NoticeOutcome
from services.notify.domain import decide
from tests.notify import facts
from tests.notify.facts import AGENCIES, CASE, NOON, later, offices


def after(*told: Data, without: tuple[str, ...] = ()) -> Decision[Case]:
    """Decide on one after the other, a minute apart; return the last decision."""
    state, decision = None, None
    for minute, data in enumerate(told):
        decision = decide(state, facts.event(data, later(minute)), later(minute), offices(*without))
        state = decision.state
    assert decision is not None
    return decision


def told(decision: Decision[Case]) -> list[tuple[str, str, str]]:
    return [(notice.agency, notice.rule, notice.state) for notice in decision.effects]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("data", "agency", "rule"),
    [
        (facts.routed("35.22"), "35.22", "new-case"),
        (facts.transferred("35.22", "35.78"), "35.78", "transferred"),
        (facts.transfer_requested("35.22", "35"), "35", "transfer-requested"),
        (facts.warned("35.22"), "35.22", "warned"),
        (facts.breached("35.22"), "35.22", "breached"),
        (facts.escalated("35"), "35", "escalated"),
    ],
    ids=lambda value: getattr(value, "TYPE", None),
)
def test_each_event_is_told_to_the_one_office_it_concerns(data: Data, agency: str, rule: str) -> None:
    decision = after(data)
    assert told(decision) == [(agency, rule, "queued")]
    (said,) = decision.events
    assert said.TYPE == "salur.notice.queued.v1"
    assert orjson.loads(said.to_json())["recipient"] == {"agency": agency, "role": "coordinator"}


def test_an_office_without_mailbox_is_named_and_the_one_above_is_told_for_whom_it_was_meant() -> None:
    decision = after(facts.routed("35.22/dinas-perhubungan"), without=("35.22/dinas-perhubungan", "35.22"))
    assert told(decision) == [("35.22/dinas-perhubungan", "new-case", "without_recipient"), ("35", "new-case", "queued")]
    missing, stand_in = decision.effects
    assert (missing.reason, missing.meant_for, stand_in.meant_for) == ("no_address", None, "35.22/dinas-perhubungan")  # type: ignore[attr-defined]
    assert [said.TYPE for said in decision.events] == ["salur.notice.without_recipient.v1", "salur.notice.queued.v1"]


def test_when_nobody_up_to_the_national_coordinator_has_a_mailbox_the_notice_is_said_to_have_no_recipient() -> None:
    decision = after(facts.routed("35.22"), without=tuple(AGENCIES))
    assert told(decision) == [("35.22", "new-case", "without_recipient")]


def test_an_agency_that_the_directory_does_not_hold_yet_climbs_by_its_code() -> None:
    decision = decide(None, facts.event(facts.routed("12.09/dinas-baru")), NOON, offices())
    assert told(decision) == [("12.09/dinas-baru", "new-case", "without_recipient"), ("ID", "new-case", "queued")]


def test_a_liaison_stands_in_for_a_coordinator_of_the_same_agency_before_anyone_above() -> None:
    known = offices("35.22")
    found = type(known)(known.agencies, known.with_address | {("35.22", "liaison")})
    assert found.hears("35.22", "coordinator") == ("35.22", "liaison")


def test_a_circle_in_the_tree_ends_at_the_national_coordinator() -> None:
    known = offices()
    circle = type(known)(
        {**AGENCIES, "a": AGENCIES["35"].__class__("A", "b", "Asia/Jakarta"), "b": AGENCIES["35"].__class__("B", "a", "Asia/Jakarta")},
        known.with_address,
    )
    assert list(circle.upward("a")) == ["a", "b", "ID"]


def test_a_warning_to_an_agency_that_has_handed_the_case_over_since_is_suppressed_and_said_so() -> None:
    decision = after(facts.routed("35.22"), facts.transferred("35.22", "35.78"), facts.warned("35.22", NOON))
    assert told(decision) == [("35.22", "warned", "suppressed")]
    assert orjson.loads(decision.events[0].to_json())["reason"] == "owner_changed"


def test_a_warning_that_overtakes_the_transfer_to_its_agency_is_told() -> None:
    assert told(after(facts.routed("35.22"), facts.warned("35.78", later(1)))) == [("35.78", "warned", "queued")]


def test_a_warning_to_an_agency_that_has_the_case_again_is_told() -> None:
    back = after(facts.routed("35.22"), facts.transferred("35.22", "35.78"), facts.warned("35.22", later(9)))
    assert told(back) == [("35.22", "warned", "queued")]


def test_a_breach_is_told_to_the_agency_that_committed_it_even_when_the_case_has_left() -> None:
    decision = after(facts.routed("35.22"), facts.transferred("35.22", "35.78"), facts.breached("35.22", NOON))
    assert told(decision) == [("35.22", "breached", "queued")]


def test_a_warning_before_the_case_was_heard_of_is_told_by_its_own_facts() -> None:
    decision = after(facts.warned("35.22"))
    assert told(decision) == [("35.22", "warned", "queued")]
    assert decision.state is not None
    assert (decision.state.tracking_id, decision.state.owner, decision.state.kind) == (facts.TRACKING, None, None)


def test_routing_heard_after_a_transfer_keeps_the_later_owner() -> None:
    assert after(facts.transferred("35.22", "35.78"), facts.routed("35.22")).state.owner == "35.78"  # type: ignore[union-attr]


def test_a_whistle_blowing_case_is_told_on_the_restricted_topic_and_without_a_hint_at_its_subject() -> None:
    decision = after(facts.routed(kind="whistleblowing"))
    assert decision.restricted
    matter = decision.effects[0].matter  # type: ignore[attr-defined]
    assert (matter.kind, matter.category, matter.region) == (None, None, None)
    assert after(facts.routed(kind="whistleblowing"), facts.warned()).restricted


@pytest.mark.parametrize(("kind", "triage", "reserved"), [("complaint", True, False), ("whistleblowing", False, True)])
def test_a_whistle_blowing_case_is_for_its_first_owner_alone_and_not_one_whose_agency_is_sought(kind: str, triage: bool, reserved: bool) -> None:
    (notice,) = after(facts.routed("ID", kind=kind, triage=True)).effects
    assert (notice.matter.triage, notice.matter.reserved) == (triage, reserved)  # type: ignore[attr-defined]


def outcome(message_id: str | None, reason: str | None) -> Any:
    data = NoticeOutcome(
        notice_id=CASE, cause="c", rule="warned", channel="mail", agency="35.22", role="coordinator", reason=reason, message_id=message_id
    )
    return facts.Event("c", f"urn:salur:notice:{CASE}", data.TYPE, NOON, data, subject=str(CASE))


@pytest.mark.parametrize(("message_id", "reason", "said"), [("<m@x>", None, "delivered"), (None, "refused_by_server", "undeliverable")])
def test_what_became_of_a_notice_is_said(message_id: str | None, reason: str | None, said: str) -> None:
    state = Case(facts.TRACKING, kind="whistleblowing", restricted=True)
    decision = decide(state, outcome(message_id, reason), NOON, offices())
    assert (decision.state, decision.effects, decision.restricted) == (state, (), True)
    (ended,) = decision.events
    assert type(ended).TYPE.split(".")[2] == said
    assert orjson.loads(ended.to_json())["reason"] == reason


codes = st.sampled_from(sorted(AGENCIES))
stories = st.lists(
    st.one_of(
        st.builds(facts.routed, codes),
        st.builds(facts.transferred, codes, codes),
        st.builds(facts.transfer_requested, codes, codes),
        st.builds(facts.warned, codes, st.integers(0, 9).map(later)),
        st.builds(facts.breached, codes, st.integers(0, 9).map(later)),
        st.builds(facts.escalated, codes),
    ),
    min_size=1,
    max_size=10,
)


@given(stories, st.sets(codes))
def test_every_event_leaves_one_trace_for_each_intent_and_none_is_lost_silently(story: list[Data], without: set[str]) -> None:
    state, ids, known = None, [], offices(*without)
    for minute, data in enumerate(story):
        decision = decide(state, facts.event(data, later(minute)), later(minute), known)
        state = decision.state
        notices = list(decision.effects)
        assert notices, "an event that nobody hears of must be said to be so"
        assert [(n.notice_id, n.cause) for n in notices] == [(s.notice_id, s.cause) for s in decision.events]  # type: ignore[attr-defined]
        assert len({(n.agency, n.role, n.channel) for n in notices}) == len(notices)  # type: ignore[attr-defined]
        queued = [n for n in notices if n.state == "queued"]  # type: ignore[attr-defined]
        assert all((n.agency, n.role) in known.with_address for n in queued)  # type: ignore[attr-defined]
        assert len(queued) <= 1
        nobody_above = not any((code, "coordinator") in known.with_address for code in known.upward(notices[0].agency))  # type: ignore[attr-defined]
        assert queued or nobody_above or notices[0].state == "suppressed"  # type: ignore[attr-defined]
        ids += [n.notice_id for n in notices]  # type: ignore[attr-defined]
    assert len(set(ids)) == len(ids)


@given(stories)
def test_deciding_again_on_the_same_event_gives_the_same_notices(story: list[Data]) -> None:
    state = None
    for minute, data in enumerate(story):
        same = facts.event(data, later(minute))
        first, second = (decide(state, same, later(minute), offices()) for _ in range(2))
        assert first == second
        again = decide(first.state, same, later(minute), offices())
        assert [n.notice_id for n in again.effects] == [n.notice_id for n in first.effects]  # type: ignore[attr-defined]
        state = first.state
