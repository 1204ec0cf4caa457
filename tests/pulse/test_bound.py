"""What a judge could find who knows all but chance."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from bench.bound import SOON, counts, possible
from bench.nation import CLUMPED, LEARNING_DAYS, MOST_MORE, STRENGTHS, Nation, poisson


@pytest.fixture(scope="module")
def nation() -> Nation:
    return Nation(7, 100, LEARNING_DAYS + 7, 10)


def test_counts_are_what_clumps_bring_into_a_quarter_of_an_hour() -> None:
    rate, draw, drawn = 0.2, random.Random(3), [0] * 40
    for _ in range(20_000):
        number = 0
        for _ in range(poisson(draw, rate * (1 - CLUMPED * (MOST_MORE + 1) / 2) * (60 + SOON))):
            first = draw.uniform(-60, SOON)
            more = draw.randint(1, MOST_MORE) if draw.random() < CLUMPED else 0
            number += (first >= 0) + sum(0 <= first + draw.uniform(0, 60) < SOON for _ in range(more))
        drawn[number] += 1
    chances = counts(rate)
    assert sum(chances) == pytest.approx(1)
    assert sum(chances[8:]) == pytest.approx(sum(drawn[8:]) / 20_000, rel=0.2)
    assert sum(chances[5:]) == pytest.approx(sum(drawn[5:]) / 20_000, rel=0.05)


def test_stronger_surges_are_found_more_often_and_never_more_than_were_planted(nation: Nation) -> None:
    found = possible(nation)
    for kind in ("large", "middling", "sparse"):
        planted = {strength: sum(each.kind == kind and each.strength == strength for each in nation.planted) for strength in STRENGTHS}
        shares = [found[kind, strength] / planted[strength] for strength in STRENGTHS]
        assert all(weak < strong for weak, strong in pairwise(shares))
        assert 0 <= shares[0] < shares[-1] <= 1


def test_of_a_sparse_series_all_is_found_that_reaches_the_floor(nation: Nation) -> None:
    draw = random.Random(5)  # ten-fold is one a minute: fifteen are due in a quarter of an hour, eight are enough
    share = sum(poisson(draw, 15) >= 8 for _ in range(20_000)) / 20_000
    assert possible(nation)["sparse", 10] == pytest.approx(10 * share, abs=0.1)


def test_a_larger_budget_of_false_alarms_finds_more(nation: Nation) -> None:
    few, many = possible(nation, 0.1)["middling", 10], possible(nation, 10)["middling", 10]
    assert few + 0.5 < many
