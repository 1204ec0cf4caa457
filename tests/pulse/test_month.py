"""A short synthetic month: what is planted is found, and nothing else is."""

from __future__ import annotations

import pytest
from rich.console import Console

from bench.month import EVALUATION_SEED, TUNING_SEEDS, Outcome, kept, measured, month
from bench.nation import LEARNING_DAYS, Nation
from bench.quiet import Quiet, held

pytestmark = pytest.mark.long

DAYS = LEARNING_DAYS + 7


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    return measured(TUNING_SEEDS[0], 1, 10, DAYS)


def test_ten_fold_surges_of_what_the_floor_permits_are_found_within_a_quarter_of_an_hour(outcome: Outcome) -> None:
    delays = outcome.delays["sparse", 10]
    assert len(delays) == 10
    assert None not in delays
    assert sum(delay is not None and delay <= 15 for delay in delays) >= 9


def test_thirty_fold_ones_sooner_and_weaker_ones_later(outcome: Outcome) -> None:
    middle = {strength: sorted(delay or 999 for delay in outcome.delays["sparse", strength])[5] for strength in (3, 5, 10, 30)}
    assert middle[30] < middle[10] < middle[5] < middle[3]


def test_a_usual_week_brings_no_false_alarm_nor_do_the_weeks_of_learning(outcome: Outcome) -> None:
    assert outcome.false == []
    assert outcome.learning == 0
    assert outcome.reports > 10_000


def test_each_surge_is_told_once_and_said_to_be_over(outcome: Outcome) -> None:
    found = sum(delay is not None for delays in outcome.delays.values() for delay in delays)
    assert outcome.told[1] == found
    assert len(outcome.open_minutes) >= found - 2  # the last of the month may still be on
    assert all(30 <= minutes <= 150 for minutes in outcome.open_minutes)


def test_equal_seeds_are_equal_months_and_others_are_not() -> None:
    def first(seed: int) -> list[tuple[int, int, int, int]]:
        return [tuple(report) for report in Nation(seed, 1, DAYS, 3).reports(0)]

    assert first(5) == first(5)
    assert first(5) != first(6)


def test_the_seed_of_the_evaluation_is_none_of_those_that_were_tuned_on() -> None:
    assert EVALUATION_SEED not in TUNING_SEEDS


def test_the_promise_is_broken_by_a_miss_a_late_find_or_false_alarms(outcome: Outcome) -> None:
    good = Outcome(1, 1.0, delays={("sparse", 10): [5, 9, 14]})
    assert kept(good)
    assert not kept(Outcome(1, 1.0, delays={("sparse", 10): [5, None, 14]}))
    assert not kept(Outcome(1, 1.0, delays={("sparse", 10): [5, 9, 40]}))
    assert kept(outcome)


def test_of_middling_series_a_share_of_what_is_possible_is_promised() -> None:
    assert kept(Outcome(1, 1.0, delays={("middling", 10): [5, 9, 40]}, possible={("middling", 10): 3.2}))
    assert not kept(Outcome(1, 1.0, delays={("middling", 10): [5, 9, 40]}, possible={("middling", 10): 3.5}))
    assert not kept(Outcome(1, 1.0, delays={("middling", 10): [5, 9, None]}, possible={("middling", 10): 3.2}))


def test_nothing_is_found_sooner_than_is_possible(outcome: Outcome) -> None:
    assert outcome.possible["sparse", 30] >= 9.9
    soon = sum(delay is not None and delay <= 15 for delays in outcome.delays.values() for delay in delays)
    assert 20 < soon < sum(outcome.possible.values()) + 3  # of forty; chance allows some more


def test_a_missed_silence_or_two_false_ones_a_week_break_the_promise() -> None:
    assert held(Quiet({"publisher, nightly": [70.0]}, false=1, weeks=1))
    assert not held(Quiet({"publisher, nightly": [70.0]}, false=2, weeks=1))
    assert not held(Quiet({"publisher, nightly": [70.0, None]}, weeks=1))


def test_the_command_prints_its_seeds_and_figures() -> None:
    console = Console(width=160, record=True)
    assert month(console, seeds=[TUNING_SEEDS[1]], volumes=[1], planted=3, days=DAYS) in {0, 1}
    shown = console.export_text()
    assert str(EVALUATION_SEED) in shown
    for word in (str(TUNING_SEEDS), "10 x", "could be found", "false alarms a week", "publisher, steady", "agency", "false silences a week"):
        assert word in shown
