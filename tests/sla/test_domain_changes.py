"""Clocks whose budget changes as they run: more days, another kind of case."""

from __future__ import annotations

import pytest

from schemas.words import Clock
from services.sla.clocks import ClockRun, Standing
from tests.sla.conftest import FAR, Life, short, wib

MONDAY = wib("2025-06-16 09:00")
DUE = wib("2025-07-07 23:59:59")
"""Fourteen working days after Monday; Friday 2025-06-27 is a holiday."""


def overall(life: Life) -> ClockRun:
    assert life.state is not None
    return next(run for run in reversed(life.state.runs) if run.clock is Clock.RESOLUTION)


def test_more_days_move_the_overall_deadline_and_no_other(whole: Life) -> None:
    whole.routed(MONDAY)
    whole.verified(MONDAY)
    (moved,) = whole.extended(wib("2025-06-18 10:00"), 10)
    assert short([moved]) == ["moved resolution"]
    assert (moved.was, moved.due_at) == (DUE, wib("2025-07-21 23:59:59"))
    assert moved.why == "Waktu penyelesaian diperpanjang 10 hari kerja pada Rabu, 18 Juni 2025 pukul 10.00.00 WIB."
    (again,) = whole.extended(wib("2025-06-19 10:00"), 1)
    assert (again.was, again.due_at) == (moved.due_at, wib("2025-07-22 23:59:59"))


def test_shares_that_are_yet_to_come_again_are_warned_of_again(whole: Life) -> None:
    whole.routed(MONDAY)
    whole.verified(MONDAY)
    whole.followed_up(wib("2025-06-17 09:00"), final=False)
    whole.replied(wib("2025-06-17 10:00"))
    whole.pass_until(wib("2025-07-05 00:00"))
    assert short(whole.said)[-1] == "warned resolution 90"
    whole.extended(wib("2025-07-06 10:00"), 14)
    said = short(whole.pass_until(FAR))
    assert said[:4] == ["warned resolution 50", "warned resolution 75", "warned resolution 90", "breached resolution"]


def test_days_asked_for_after_the_deadline_are_given_after_the_breach_was_said(whole: Life) -> None:
    whole.routed(MONDAY)
    whole.verified(MONDAY)
    said = whole.extended(wib("2025-07-08 10:00"), 10)
    assert short(said) == ["breached resolution", "moved resolution"]
    assert overall(whole).state is Standing.RUNNING
    assert "breached resolution" in short(whole.pass_until(FAR))


def test_a_breached_clock_whose_new_end_is_to_come_runs_again_and_may_be_breached_again(whole: Life) -> None:
    whole.routed(MONDAY)
    whole.verified(MONDAY)
    whole.pass_until(wib("2025-07-08 10:00"))
    assert short(whole.extended(wib("2025-07-08 10:00"), 10)) == ["moved resolution"]
    assert (overall(whole).state, overall(whole).level, overall(whole).breached_at) == (Standing.RUNNING, 0, None)
    said = [word for word in short(whole.pass_until(FAR)) if "resolution" in word]
    assert said[:4] == ["warned resolution 75", "warned resolution 90", "breached resolution", "raised resolution 1 35"]


def test_a_breached_clock_whose_new_end_is_past_too_stays_breached_and_climbs_on(whole: Life) -> None:
    whole.routed(MONDAY)
    whole.verified(MONDAY)
    whole.pass_until(wib("2025-07-08 00:00"))
    (moved,) = whole.extended(wib("2025-07-09 10:00"), 1)
    assert moved.due_at == wib("2025-07-08 23:59:59")
    assert overall(whole).state is Standing.BREACHED
    said = [word for word in short(whole.pass_until(FAR)) if "resolution" in word]
    assert said == ["raised resolution 2 ID", "unaddressed resolution 3"]


def test_more_days_for_a_case_that_was_finally_answered_move_nothing(whole: Life) -> None:
    whole.routed(MONDAY)
    whole.verified(MONDAY)
    whole.followed_up(MONDAY)
    assert whole.extended(wib("2025-06-18 10:00"), 10) == []


def test_another_kind_moves_the_overall_deadline_from_the_same_start(whole: Life) -> None:
    whole.routed(MONDAY)
    (moved,) = whole.reclassified(wib("2025-06-18 10:00"), "oversight_complaint")
    assert (short([moved]), moved.was, moved.due_at) == (["moved resolution"], DUE, wib("2025-09-11 23:59:59"))
    assert moved.why == (
        "Klasifikasi menjadi pengaduan berkadar pengawasan pada Rabu, 18 Juni 2025 pukul 10.00.00 WIB; 60 hari kerja dihitung sejak semula."
    )
    (back,) = whole.reclassified(wib("2025-06-19 10:00"), "complaint")
    assert (back.was, back.due_at) == (moved.due_at, DUE)


def test_days_that_were_given_stay_given_under_another_kind(whole: Life) -> None:
    whole.routed(MONDAY)
    whole.verified(MONDAY)
    whole.extended(wib("2025-06-17 10:00"), 10)
    (moved,) = whole.reclassified(wib("2025-06-18 10:00"), "information_request")
    assert moved.due_at == wib("2025-07-08 23:59:59")  # 5 + 10


def test_a_shorter_kind_may_find_the_deadline_past_and_the_breach_is_said_at_once(whole: Life) -> None:
    whole.routed(MONDAY)
    whole.verified(MONDAY)
    whole.followed_up(wib("2025-06-17 09:00"), final=False)
    (moved,) = whole.reclassified(wib("2025-06-26 10:00"), "information_request")
    assert moved.due_at == wib("2025-06-23 23:59:59")
    said = short(whole.pass_until(wib("2025-06-26 10:00")))
    assert said[-3:] == ["breached resolution", "raised resolution 1 35", "raised resolution 2 ID"]


def test_a_shorter_kind_whose_time_was_over_before_the_question_finds_no_pause(whole: Life) -> None:
    whole.routed(MONDAY)
    whole.verified(MONDAY)
    whole.deferred(wib("2025-06-26 10:00"))
    assert "moved resolution" in short(whole.reclassified(wib("2025-06-30 10:00"), "information_request"))
    assert "breached resolution" in short(whole.pass_until(wib("2025-06-30 10:00")))


def test_a_paused_clock_of_another_kind_stays_paused_and_counts_that_kinds_days_afterwards(whole: Life) -> None:
    whole.routed(MONDAY)
    whole.verified(MONDAY)
    whole.deferred(wib("2025-06-18 10:00"))
    (moved,) = whole.reclassified(wib("2025-06-19 10:00"), "oversight_complaint")
    assert moved.due_at == wib("2025-09-11 23:59:59")
    assert overall(whole).state is Standing.PAUSED
    said = {data.clock: data.due_at for data in whole.resumed(wib("2025-06-20 10:00"))}
    assert said["resolution"] == wib("2025-09-15 23:59:59")


@pytest.mark.parametrize("kind", ["complaint", "whistleblowing"])
def test_another_category_alone_changes_nothing(whole: Life, kind: str) -> None:
    whole.kind = kind
    whole.routed(MONDAY)
    assert whole.reclassified(wib("2025-06-18 10:00"), kind) == []


def test_a_case_that_becomes_a_whistle_blowers_is_restricted_from_then_on_and_for_ever(whole: Life) -> None:
    whole.routed(MONDAY)
    whole.reclassified(wib("2025-06-17 10:00"), "whistleblowing")
    whole.verified(wib("2025-06-17 11:00"))
    whole.reclassified(wib("2025-06-17 12:00"), "complaint")
    whole.pass_until(FAR)
    assert whole.restricted[0] is False
    assert all(whole.restricted[1:])
