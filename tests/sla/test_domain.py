"""Which clocks a fact starts, moves and ends, and when a breach climbs: each rule once, on the calendar of the long holiday of 2025."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from schemas.base import Event
from schemas.routing.case_verified_v1 import CaseVerified
from schemas.words import Clock
from services.sla.clocks import SlaState, Standing
from services.sla.domain import decide
from services.sla.worktime import Budget
from tests.sla.conftest import CASE, FAR, TRACKING, Life, short, wib

THURSDAY = wib("2025-03-27 10:15")
"""Three working days from here end after the holidays of Eid, on Thursday 2025-04-10."""
DUE = wib("2025-04-10 23:59:59")


def test_the_thursday_before_eid_is_due_after_the_holidays_with_warnings_breach_and_ladder(life: Life) -> None:
    (set_,) = life.routed(THURSDAY)
    assert (set_.clock, set_.agency, set_.due_at) == ("verification", "35.22", DUE)
    assert (set_.policy_version, set_.calendar_version) == ("default-1", "id-national-1")
    said = life.pass_until(FAR)
    assert short(said) == [
        "warned verification 50",
        "warned verification 75",
        "warned verification 90",
        "breached verification",
        "raised verification 1 35",
        "raised verification 2 ID",
        "unaddressed verification 3",
    ]
    fired = [getattr(data, "fired_at", None) for data in said[:4]]
    assert fired == [wib("2025-04-09 08:52:30"), wib("2025-04-10 08:11:15"), wib("2025-04-10 13:16:30"), DUE]
    assert said[3].consumed_percent == 100
    assert not life.timers
    levels = [at for event, at in life.heard[1:] if event.data.due_at >= DUE]
    assert levels == [DUE, wib("2025-04-14 23:59:59"), wib("2025-04-16 23:59:59")]


@pytest.mark.parametrize(("agency", "hour"), [("35.22", 16), ("71.71", 15), ("91.03", 14), ("ID", 16)])
def test_a_day_ends_by_the_clock_of_the_agency(life: Life, agency: str, hour: int) -> None:
    life.owner = agency
    (set_,) = life.routed(THURSDAY)
    assert set_.due_at == datetime(2025, 4, 10, hour, 59, 59, tzinfo=UTC)


def test_verification_counts_from_acceptance_however_late_the_case_is_routed(life: Life) -> None:
    (set_,) = life.routed(wib("2025-04-09 09:00"), accepted_at=THURSDAY)
    assert set_.due_at == DUE
    assert short(life.pass_until(wib("2025-04-09 09:00"))) == ["warned verification 50"]


def test_warnings_that_are_past_when_a_clock_is_set_are_said_at_once_and_in_order(life: Life) -> None:
    now = wib("2025-04-10 15:00")
    life.routed(now, accepted_at=THURSDAY)
    assert all(timer.due_at < now for timer in life.timers.values())
    said = life.pass_until(now)
    assert [event.split()[0] for event in short(said)] == ["warned", "warned", "warned"]


def test_a_warning_that_falls_on_the_end_is_left_out(life: Life) -> None:
    rows = dict(life.reference.policies.rows)
    row = rows["verification", "complaint"]
    at_once = replace(row, budget=Budget(working_time=timedelta()))
    policies = replace(life.reference.policies, rows={**rows, ("verification", "complaint"): at_once})
    life.reference = replace(life.reference, policies=policies)
    life.routed(THURSDAY)
    assert short(life.pass_until(THURSDAY)) == ["breached verification", "raised verification 1 35"]


def test_verifying_meets_verification_and_awaits_a_first_answer(life: Life) -> None:
    life.routed(THURSDAY)
    met, set_ = life.verified(wib("2025-03-27 14:00"))
    assert short([met, set_]) == ["met verification", "set follow_up"]
    assert set_.due_at == wib("2025-04-14 23:59:59")
    assert list(life.timers) == ["follow_up"]


def test_an_answer_meets_follow_up_and_gives_the_reporter_ten_working_days(life: Life) -> None:
    life.routed(THURSDAY)
    life.verified(THURSDAY)
    met, set_ = life.followed_up(wib("2025-04-08 09:00"))
    assert short([met, set_]) == ["met follow_up", "set reply"]
    assert set_.due_at == wib("2025-04-23 23:59:59")
    (elapsed,) = life.pass_until(FAR)
    assert short([elapsed]) == ["elapsed reply 100"]
    assert (elapsed.basis, elapsed.fired_at) == (3, set_.due_at)


def test_another_answer_moves_the_end_of_the_reply_and_rests_on_it(life: Life) -> None:
    life.routed(THURSDAY)
    life.verified(THURSDAY)
    (_, set_) = life.followed_up(wib("2025-04-08 09:00"), final=False)
    assert life.followed_up(wib("2025-04-08 11:00")) == []  # the same day, the same end
    (moved,) = life.followed_up(wib("2025-04-09 09:00"))
    assert (moved.was, moved.due_at) == (set_.due_at, wib("2025-04-24 23:59:59"))
    assert "Rabu, 9 April 2025 pukul 09.00.00 WIB" in moved.why
    assert "10 hari kerja" in moved.why
    (elapsed,) = life.pass_until(FAR)
    assert (elapsed.basis, elapsed.fired_at) == (5, moved.due_at)


def test_a_second_answer_on_the_same_day_still_changes_what_the_end_rests_on(life: Life) -> None:
    life.routed(THURSDAY)
    life.verified(THURSDAY)
    life.followed_up(wib("2025-04-08 09:00"), final=False)
    life.followed_up(wib("2025-04-08 11:00"))
    (elapsed,) = life.pass_until(FAR)
    assert elapsed.basis == 4


def test_a_holder_that_hands_over_has_met_verification_and_the_next_one_gets_its_own(life: Life) -> None:
    life.owner = "35.22/dinas-perhubungan"
    life.routed(THURSDAY)
    met, set_ = life.transferred(wib("2025-04-08 10:00"), "71.71")
    assert short([met, set_]) == ["met verification", "set verification"]
    assert (met.agency, set_.agency) == ("35.22/dinas-perhubungan", "71.71")
    assert set_.due_at == datetime(2025, 4, 11, 15, 59, 59, tzinfo=UTC)


def test_a_case_that_leaves_its_owner_is_no_longer_awaited_from_it(life: Life) -> None:
    life.routed(THURSDAY)
    life.verified(THURSDAY)
    assert short(life.transferred(wib("2025-04-08 10:00"), "35.78")) == ["cancelled follow_up", "set verification"]


def test_a_request_for_transfer_starts_the_decision_of_the_level_above(life: Life) -> None:
    life.routed(THURSDAY)
    met, set_ = life.transfer_requested(wib("2025-04-08 10:00"), "35")
    assert short([met, set_]) == ["met verification", "set decision"]
    assert (set_.agency, set_.due_at) == ("35", wib("2025-04-10 23:59:59"))
    assert short(life.pass_until(wib("2025-04-11 00:00")))[3:] == ["breached decision", "raised decision 1 ID"]
    said = life.transferred(wib("2025-04-11 10:00"), "35.78", decided_by="35")
    assert short(said) == ["met decision", "set verification"]


def test_a_holder_that_asks_after_verifying_still_owes_its_answer(life: Life) -> None:
    life.routed(THURSDAY)
    life.verified(THURSDAY)
    assert short(life.transfer_requested(wib("2025-04-08 10:00"), "35")) == ["set decision"]
    assert sorted(life.timers) == ["decision", "follow_up"]
    said = life.transferred(wib("2025-04-09 10:00"), "35.78", decided_by="35")
    assert short(said) == ["met decision", "cancelled follow_up", "set verification"]


@pytest.mark.parametrize(("by", "word"), [("reporter", "met"), ("system", "cancelled"), ({"agency": "35.22", "role": "liaison"}, "cancelled")])
def test_closing_ends_the_reply_as_met_only_by_the_reporter(life: Life, by: object, word: str) -> None:
    life.routed(THURSDAY)
    life.verified(THURSDAY)
    life.followed_up(wib("2025-04-08 09:00"))
    assert short(life.closed(wib("2025-04-09 09:00"), by)) == [f"{word} reply"]
    assert not life.timers
    assert not life.state.open
    assert life.followed_up(wib("2025-04-10 09:00")) == []
    assert not life.pass_until(FAR)


def test_a_reply_that_ends_late_has_elapsed_and_is_not_breached(life: Life) -> None:
    life.routed(THURSDAY)
    life.verified(THURSDAY)
    (_, set_) = life.followed_up(wib("2025-04-08 09:00"))
    (elapsed,) = life.closed(wib("2025-04-24 00:00"))
    assert (short([elapsed]), elapsed.basis, elapsed.due_at) == (["elapsed reply 100"], 3, set_.due_at)
    assert life.state.runs[-1].state is Standing.ELAPSED
    assert not life.timers


def test_a_clock_that_begins_anew_leaves_no_second_one_running(life: Life) -> None:
    life.routed(THURSDAY)
    life.verified(THURSDAY)
    assert short(life.verified(wib("2025-04-08 09:00"))) == ["cancelled follow_up", "set follow_up"]
    assert [run.clock for run in life.state.runs if run.live] == [Clock.RESOLUTION, Clock.FOLLOW_UP]


def test_a_case_closed_by_its_elapsed_reply_has_nothing_left_to_say(life: Life) -> None:
    life.routed(THURSDAY)
    life.verified(THURSDAY)
    life.followed_up(wib("2025-04-08 09:00"))
    life.pass_until(FAR)
    assert life.closed(FAR) == []


def test_what_comes_late_meets_a_breached_clock_which_stays_breached_and_climbs_no_further(life: Life) -> None:
    life.routed(THURSDAY)
    life.pass_until(wib("2025-04-12 00:00"))
    at = wib("2025-04-12 09:00")
    assert short(life.verified(at))[0] == "met verification"
    run = life.state.runs[0]
    assert (run.state, run.ended_at) == (Standing.BREACHED, at)
    assert "verification" not in life.timers


def test_what_comes_late_before_the_timer_went_off_finds_the_breach_said_first(life: Life) -> None:
    life.routed(THURSDAY)
    said = life.verified(wib("2025-04-11 09:00"))
    assert short(said) == ["breached verification", "met verification", "set follow_up"]
    assert life.state.runs[0].state is Standing.BREACHED


def test_what_came_in_time_has_met_its_clock_though_the_timer_went_off_before_it_was_known(life: Life) -> None:
    life.routed(THURSDAY)
    life.pass_until(DUE)
    assert short(life.verified(wib("2025-04-10 23:59:58")))[0] == "met verification"
    assert life.state.runs[0].state is Standing.MET


def test_an_outage_over_the_due_time_is_caught_up_in_order(life: Life) -> None:
    life.routed(THURSDAY)
    back = wib("2025-04-15 10:00")
    while life.timers["verification"].due_at <= back:
        life.fire(life.timers.pop("verification"), back)
    said = life.said[1:]
    assert [event.split()[0] for event in short(said)] == ["warned", "warned", "warned", "breached", "raised", "raised"]
    assert {data.fired_at for data in said[:4]} == {back}
    assert said[3].consumed_percent > 100


def test_a_timer_that_goes_off_before_its_time_says_nothing_and_is_set_again(life: Life) -> None:
    life.routed(THURSDAY)
    timer = life.timers.pop("verification")
    assert life.fire(timer, timer.due_at - timedelta(microseconds=1)) == []
    assert life.timers["verification"].due_at == timer.due_at


def test_a_timer_of_an_earlier_setting_says_nothing(life: Life) -> None:
    life.routed(THURSDAY)
    stale = life.timers["verification"]
    life.transferred(THURSDAY, "35.78")
    before = life.state
    assert life.fire(stale, FAR) == []
    assert life.state == before


@pytest.mark.parametrize(
    ("agency", "above"),
    [("35.22/dinas-perhubungan", ["35.22", "35", "ID"]), ("35.22", ["35", "ID"]), ("35", ["ID"]), ("ID", []), ("99.99/x", ["ID"])],
)
def test_a_breach_climbs_to_the_root_and_then_finds_nobody(life: Life, agency: str, above: list[str]) -> None:
    life.owner = agency
    life.routed(THURSDAY)
    said = [data for data in life.pass_until(FAR) if "escalation" in data.TYPE]
    assert [data.to for data in said] == [*above, None]
    assert [data.level for data in said] == list(range(1, len(above) + 2))
    assert said[-1].TYPE == "salur.escalation.unaddressed.v1"
    assert all(data.reason.startswith("Tenggat verifikasi terlampaui: Kamis, 10 April 2025") for data in said)


def test_what_comes_before_the_case_is_routed_waits(life: Life) -> None:
    data = CaseVerified(case_id=CASE, tracking_id=TRACKING, state="verified", owner="35.22", by="system")
    decision = decide(None, Event("1", "urn:salur:routing", data.TYPE, THURSDAY, data, sequence=2), THURSDAY, life.reference)
    assert decision.wait


def test_a_whistle_blowers_case_is_spoken_of_on_the_restricted_topic_only(life: Life) -> None:
    life.kind = "whistleblowing"
    life.routed(THURSDAY)
    life.pass_until(FAR)
    life.verified(FAR)
    assert life.restricted
    assert all(life.restricted)


def test_a_case_is_at_risk_from_three_quarters_on_and_breached_until_its_clock_ends(life: Life) -> None:
    states = []
    life.routed(THURSDAY)
    for moment in ("2025-04-09 09:00", "2025-04-10 09:00", "2025-04-11 00:00"):
        life.pass_until(wib(moment))
        states.append(life.state.sla_state)
    life.verified(wib("2025-04-11 09:00"))
    states.append(life.state.sla_state)
    assert states == [SlaState.ON_TIME, SlaState.AT_RISK, SlaState.BREACHED, SlaState.ON_TIME]
    assert [run.clock for run in life.state.runs if run.live] == [Clock.RESOLUTION, Clock.FOLLOW_UP]
