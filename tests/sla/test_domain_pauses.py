"""While the reporter is asked: which clocks stand still, which runs, and where they end afterwards."""

from __future__ import annotations

from datetime import timedelta

import pytest

from schemas.words import Clock
from services.sla.clocks import SlaState, Standing
from services.sla.telling import deadlines
from tests.sla.conftest import FAR, OFFICE, Life, short, wib

MONDAY = wib("2025-06-16 09:00")
"""Two weeks and more without a holiday but Friday 2025-06-27."""


def states(life: Life) -> dict[str, Standing]:
    return {run.clock: run.state for run in life.state.runs if run.live}


def test_a_question_stops_follow_up_and_resolution_and_gives_the_reporter_thirty_days(whole: Life) -> None:
    whole.routed(MONDAY)
    whole.verified(MONDAY)
    said = whole.deferred(wib("2025-06-18 10:00"))
    assert short(said) == ["paused follow_up", "paused resolution", "set completion"]
    assert [data.due_at for data in said] == [wib("2025-06-23 23:59:59"), wib("2025-07-07 23:59:59"), wib("2025-07-18 23:59:59")]
    assert said[2].agency == "35.22"
    assert sorted(whole.timers) == ["completion"]


def test_an_answer_lets_them_run_on_later_by_the_days_at_whose_end_they_stood_still(whole: Life) -> None:
    whole.routed(MONDAY)
    whole.verified(MONDAY)
    whole.deferred(wib("2025-06-18 10:00"))
    said = whole.resumed(wib("2025-06-20 10:00"))  # two ends of working days
    assert short(said) == ["met completion", "resumed resolution", "resumed follow_up"]
    assert [data.due_at for data in said[1:]] == [wib("2025-07-09 23:59:59"), wib("2025-06-25 23:59:59")]
    assert sorted(whole.timers) == ["follow_up", "resolution"]
    ends = {data.clock: data.fired_at for data in whole.pass_until(FAR) if "breached" in data.TYPE}
    assert ends == {data.clock: data.due_at for data in said[1:]}


def test_a_question_in_verification_stops_the_overall_clock_alone(whole: Life) -> None:
    whole.routed(MONDAY)
    assert short(whole.deferred(wib("2025-06-17 10:00"))) == ["paused resolution", "set completion"]
    assert sorted(whole.timers) == ["completion", "verification"]
    assert "breached verification" in short(whole.pass_until(wib("2025-06-20 00:00")))
    assert short(whole.resumed(wib("2025-06-20 10:00"), "verification")) == ["met completion", "resumed resolution"]


def test_a_question_that_nobody_answers_elapses_on_the_deferral_and_archiving_ends_the_rest(whole: Life) -> None:
    whole.routed(MONDAY)
    whole.verified(MONDAY)
    whole.deferred(wib("2025-06-18 10:00"))
    (elapsed,) = whole.pass_until(FAR)
    assert (short([elapsed]), elapsed.basis, elapsed.fired_at) == (["elapsed completion 100"], 3, wib("2025-07-18 23:59:59"))
    assert short(whole.archived(wib("2025-07-19 00:00"))) == ["cancelled follow_up", "cancelled resolution"]
    assert not any(run.live for run in whole.state.runs)


def test_an_answer_after_the_reporters_time_finds_completion_elapsed_before_its_timer_says_so(whole: Life) -> None:
    whole.routed(MONDAY)
    whole.verified(MONDAY)
    whole.deferred(wib("2025-06-18 10:00"))
    said = whole.resumed(wib("2025-07-19 08:00"))
    assert short(said) == ["elapsed completion 100", "resumed resolution", "resumed follow_up"]
    assert said[0].basis == 3


@pytest.mark.parametrize("archived_by", ["system", OFFICE])
def test_archiving_meanwhile_cancels_what_stands_still_and_what_runs(whole: Life, archived_by: object) -> None:
    whole.routed(MONDAY)
    whole.verified(MONDAY)
    whole.deferred(wib("2025-06-18 10:00"))
    assert short(whole.archived(wib("2025-06-19 10:00"), archived_by)) == ["cancelled follow_up", "cancelled resolution", "cancelled completion"]
    assert not whole.timers


def test_what_had_run_out_before_the_question_is_not_stopped(whole: Life) -> None:
    whole.routed(MONDAY)
    whole.verified(MONDAY)
    assert short(whole.deferred(wib("2025-06-24 08:00"))) == ["paused resolution", "set completion"]
    assert "breached follow_up" in short(whole.pass_until(wib("2025-06-24 08:00")))
    assert "resumed follow_up" not in short(whole.resumed(wib("2025-06-25 08:00")))
    assert states(whole)["follow_up"] is Standing.BREACHED


def test_a_question_in_time_stops_the_clock_though_its_breach_was_said_before_it_was_known(whole: Life) -> None:
    whole.routed(MONDAY)
    whole.verified(MONDAY)
    assert "breached follow_up" in short(whole.pass_until(wib("2025-06-24 00:00")))
    assert "paused follow_up" in short(whole.deferred(wib("2025-06-23 15:00")))
    told = {clock["clock"]: clock for clock in deadlines(whole.state, wib("2025-06-24 00:00"), whole.reference)["deadlines"]}
    assert (told["follow_up"]["state"], told["follow_up"]["breached_at"], told["follow_up"]["level"]) == ("paused", None, 0)
    said = whole.resumed(wib("2025-06-24 10:00"))
    assert [(data.clock, data.due_at) for data in said][2] == ("follow_up", wib("2025-06-24 23:59:59"))
    assert states(whole)["follow_up"] is Standing.RUNNING


@pytest.mark.parametrize("days", [0, 1, 5, 20])
def test_what_is_used_stands_still_with_the_clock(whole: Life, days: int) -> None:
    whole.routed(MONDAY)
    whole.verified(MONDAY)
    paused_at = wib("2025-06-18 10:00")
    whole.deferred(paused_at)
    told = {clock["clock"]: clock for clock in deadlines(whole.state, paused_at + timedelta(days=days), whole.reference)["deadlines"]}
    assert (told["follow_up"]["state"], told["follow_up"]["consumed_percent"]) == ("paused", 36)
    assert (told["resolution"]["state"], told["resolution"]["consumed_percent"]) == ("paused", 14)
    assert told["follow_up"]["pauses"] == [{"from": "2025-06-18T03:00:00Z", "until": None}]
    assert told["completion"]["state"] == "running"
    whole.resumed(paused_at + timedelta(days=days))
    again = {clock["clock"]: clock for clock in deadlines(whole.state, paused_at + timedelta(days=days), whole.reference)["deadlines"]}
    assert abs(again["resolution"]["consumed_percent"] - 14) <= 1, "the days that count moved with the pause"


def test_a_paused_case_stands_in_the_counts_as_it_stood_when_it_was_paused(whole: Life) -> None:
    whole.routed(MONDAY)
    whole.verified(MONDAY)
    whole.pass_until(wib("2025-06-23 12:00"))
    assert whole.state.sla_state is SlaState.AT_RISK
    whole.deferred(wib("2025-06-23 12:00"))
    assert whole.state.sla_state is SlaState.AT_RISK
    assert Clock.COMPLETION in [run.clock for run in whole.state.runs if run.live]


def test_the_same_question_asked_again_later_has_its_own_time_and_both_pauses_count(whole: Life) -> None:
    whole.routed(MONDAY)
    whole.verified(MONDAY)
    for asked, answered in (("2025-06-17 10:00", "2025-06-18 10:00"), ("2025-06-19 10:00", "2025-06-20 10:00")):
        assert "set completion" in short(whole.deferred(wib(asked)))
        said = whole.resumed(wib(answered))
    assert {data.clock: data.due_at for data in said}["follow_up"] == wib("2025-06-25 23:59:59")
    run = next(run for run in whole.state.runs if run.clock is Clock.FOLLOW_UP)
    assert len(run.pauses) == 2


def test_a_case_that_is_archived_unanswered_and_reopened_has_stood_still_since_the_question(whole: Life) -> None:
    whole.routed(MONDAY)
    whole.verified(MONDAY)
    whole.deferred(wib("2025-06-18 10:00"))
    whole.archived(wib("2025-06-24 10:00"), OFFICE)
    said = {data.clock: data.due_at for data in whole.reopened(wib("2025-06-25 10:00"))}
    assert said["resolution"] == wib("2025-07-14 23:59:59"), "five working days of it stood still"
