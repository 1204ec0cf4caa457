"""The overall clock of a case: it begins with acceptance, never restarts, and runs while a final answer is owed."""

from __future__ import annotations

import pytest

from schemas.words import Clock
from services.sla.clocks import Case, ClockRun, Standing
from tests.sla.conftest import FAR, OFFICE, Life, short, wib

THURSDAY = wib("2025-03-27 10:15")


def resolutions(case: Case | None) -> list[ClockRun]:
    assert case is not None
    return [run for run in case.runs if run.clock is Clock.RESOLUTION]


@pytest.mark.parametrize(
    ("kind", "due"),
    [
        ("information_request", "2025-04-14"),
        ("complaint", "2025-04-28"),
        ("aspiration", "2025-04-28"),
        ("oversight_complaint", "2025-07-11"),
        ("whistleblowing", "2025-07-11"),
    ],
)
def test_every_kind_has_its_limit_from_acceptance_on(whole: Life, kind: str, due: str) -> None:
    whole.kind = kind
    said = whole.routed(wib("2025-04-09 09:00"), accepted_at=THURSDAY)
    assert short(said) == ["set verification", "set resolution"]
    assert (said[1].agency, said[1].due_at) == ("35.22", wib(f"{due} 23:59:59"))


def test_one_that_nobody_keeps_is_warned_of_breached_and_climbs(whole: Life) -> None:
    whole.routed(THURSDAY)
    said = [word for word in short(whole.pass_until(FAR)) if "resolution" in word]
    assert said == [
        *("warned resolution 50", "warned resolution 75", "warned resolution 90", "breached resolution"),
        *("raised resolution 1 35", "raised resolution 2 ID", "unaddressed resolution 3"),
    ]


def test_an_interim_answer_leaves_it_running_and_a_final_one_meets_it(whole: Life) -> None:
    whole.routed(THURSDAY)
    whole.verified(THURSDAY)
    assert short(whole.followed_up(wib("2025-04-08 09:00"), final=False)) == ["met follow_up", "set reply"]
    assert [run.live for run in resolutions(whole.state)] == [True]
    assert short(whole.followed_up(wib("2025-04-09 09:00")))[0] == "met resolution"
    assert sorted(whole.timers) == ["reply"]


def test_a_case_whose_interim_answer_nobody_replied_to_still_has_a_clock(whole: Life) -> None:
    whole.routed(THURSDAY)
    whole.verified(THURSDAY)
    whole.followed_up(wib("2025-04-08 09:00"), final=False)
    assert "elapsed reply 100" in short(whole.pass_until(wib("2025-04-24 00:00")))
    assert [(run.clock, run.live) for run in whole.state.runs if run.live] == [(Clock.RESOLUTION, True)]
    assert all(not tally.clockless for tally in whole.tallies)


def test_a_transfer_binds_the_new_owner_and_moves_nothing(whole: Life) -> None:
    (_, set_) = whole.routed(THURSDAY)
    said = whole.transferred(wib("2025-04-08 10:00"), "71.71")
    assert [event.split()[1] for event in short(said)] == ["verification", "verification"]
    breached = [data for data in whole.pass_until(FAR) if data.clock == "resolution" and "breached" in data.TYPE]
    assert [(data.agency, data.due_at) for data in breached] == [("71.71", set_.due_at)]


def test_a_transfer_after_a_final_answer_lets_it_run_on_with_what_was_left(whole: Life) -> None:
    whole.routed(THURSDAY)
    whole.verified(THURSDAY)
    whole.followed_up(wib("2025-04-08 09:00"))  # day 1 of 14 has not ended yet
    said = whole.transferred(wib("2025-04-21 10:00"), "35.78")
    assert short(said) == ["set resolution", "set verification"]
    assert (said[0].agency, said[0].due_at) == ("35.78", wib("2025-05-09 23:59:59"))
    assert resolutions(whole.state)[1].started_at == resolutions(whole.state)[0].started_at


@pytest.mark.parametrize("closed_by", ["system", "reporter"])
def test_a_reopened_case_owes_an_answer_and_its_overall_clock_runs_on_with_what_was_left(whole: Life, closed_by: str) -> None:
    whole.routed(THURSDAY)
    whole.verified(THURSDAY)
    whole.followed_up(wib("2025-04-08 09:00"))
    whole.closed(wib("2025-04-09 09:00"), closed_by)
    assert not whole.timers
    said = whole.reopened(wib("2025-04-21 10:00"))
    assert short(said) == ["set resolution", "set follow_up"]
    assert [data.due_at for data in said] == [wib("2025-05-09 23:59:59"), wib("2025-04-28 23:59:59")]
    assert sorted(whole.timers) == ["follow_up", "resolution"]
    assert whole.state.open
    assert whole.tallies[-1].cases == 1
    assert short(whole.followed_up(wib("2025-04-22 10:00"))) == ["met follow_up", "met resolution", "set reply"]


def test_an_archived_case_that_is_reopened_has_lost_no_promise(whole: Life) -> None:
    whole.routed(THURSDAY)
    whole.archived(wib("2025-04-08 09:00"), OFFICE)
    (set_, _) = whole.reopened(wib("2025-04-08 15:00"))
    assert (set_.clock, set_.due_at) == ("resolution", wib("2025-04-28 23:59:59"))


def test_one_that_had_run_out_is_breached_again_as_soon_as_it_is_reopened(whole: Life) -> None:
    whole.routed(THURSDAY)
    whole.verified(THURSDAY)
    whole.followed_up(wib("2025-04-30 09:00"))
    whole.closed(wib("2025-05-02 09:00"))
    whole.reopened(wib("2025-05-05 09:00"))
    said = [word for word in short(whole.pass_until(wib("2025-05-05 09:00"))) if "resolution" in word]
    assert said[-3:] == ["breached resolution", "raised resolution 1 35", "raised resolution 2 ID"]


def test_a_reply_to_a_final_answer_takes_its_finality_back(whole: Life) -> None:
    whole.routed(THURSDAY)
    whole.verified(THURSDAY)
    whole.followed_up(wib("2025-04-08 09:00"))
    said = whole.replied(wib("2025-04-11 09:00"))
    assert short(said) == ["met reply", "set resolution"]
    assert said[1].due_at == wib("2025-05-02 23:59:59")
    whole.followed_up(wib("2025-04-14 09:00"), final=False)
    whole.pass_until(wib("2025-04-30 00:00"))
    assert any(run.live for run in whole.state.runs), "an interim answer that nobody replied to"


def test_a_reply_to_an_interim_answer_starts_nothing(whole: Life) -> None:
    whole.routed(THURSDAY)
    whole.verified(THURSDAY)
    whole.followed_up(wib("2025-04-08 09:00"), final=False)
    assert short(whole.replied(wib("2025-04-11 09:00"))) == ["met reply"]
    assert len(resolutions(whole.state)) == 1


@pytest.mark.parametrize(
    ("end", "said"),
    [
        ("referred", ["met verification", "cancelled resolution"]),
        ("archived by its owner", ["met verification", "cancelled resolution"]),
        ("archived by the system", ["cancelled verification", "cancelled resolution"]),
        ("withdrawn", ["cancelled verification", "cancelled resolution"]),
    ],
)
def test_a_terminal_state_ends_every_clock(whole: Life, end: str, said: list[str]) -> None:
    ends = {
        "referred": whole.referred,
        "archived by its owner": lambda at: whole.archived(at, OFFICE),
        "archived by the system": whole.archived,
        "withdrawn": whole.withdrawn,
    }
    whole.routed(THURSDAY)
    assert short(ends[end](wib("2025-04-08 09:00"))) == said
    assert not whole.timers
    assert not whole.state.open
    assert not whole.pass_until(FAR)
    assert sum(tally.cases for tally in whole.tallies) == 0


def test_nothing_changes_by_handing_down_or_acknowledging(whole: Life) -> None:
    whole.routed(THURSDAY)
    whole.verified(THURSDAY)
    before = whole.state.runs, dict(whole.timers)
    assert whole.handed_down(THURSDAY, "35.22/dinas-perhubungan") == []
    assert whole.acknowledged(THURSDAY) == []
    assert (whole.state.runs, whole.timers) == before


@pytest.mark.parametrize("late", ["2025-04-24 00:00", "2025-04-24 08:00"])
def test_an_answer_after_the_reporters_time_finds_it_elapsed_and_gives_a_new_one(life: Life, late: str) -> None:
    life.routed(THURSDAY)
    life.verified(THURSDAY)
    (_, set_) = life.followed_up(wib("2025-04-08 09:00"), final=False)
    elapsed, again = life.followed_up(wib(late))
    assert short([elapsed, again]) == ["elapsed reply 100", "set reply"]
    assert (elapsed.basis, elapsed.due_at) == (3, set_.due_at)
    (later,) = life.pass_until(FAR)
    assert (short([later]), later.basis) == (["elapsed reply 100"], 4)
    assert [run.state for run in life.state.runs if run.clock is Clock.REPLY] == [Standing.ELAPSED] * 2


def test_a_reply_after_its_time_finds_the_clock_elapsed(life: Life) -> None:
    life.routed(THURSDAY)
    life.verified(THURSDAY)
    life.followed_up(wib("2025-04-08 09:00"))
    assert short(life.replied(wib("2025-04-24 00:00"))) == ["elapsed reply 100"]


def test_what_routing_said_later_waits_for_what_it_said_before(whole: Life) -> None:
    whole.routed(THURSDAY)
    whole.sequence += 1
    before = whole.state
    assert whole.verified(THURSDAY) == []
    assert whole.waited
    assert whole.state == before
