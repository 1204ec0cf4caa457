"""What the demo sends: the same for the same seed, in the mix of a real regency, of people who do not exist."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median

import pytest

from deploy.demo.complaints import ELSEWHERE, REGENCY, Week, body, due, filed_at, plan
from deploy.demo.settings import OPENING
from deploy.demo.writing import NIK_PREFIX, PHONE_PREFIX, phrases, topics

DATA = Path(__file__).parents[3] / "data"


@pytest.fixture(scope="module")
def week() -> Week:
    return plan(1, 2_000)


def test_a_seed_gives_the_same_week_again_and_another_one_another() -> None:
    assert plan(1, 50) == plan(1, 50)
    assert plan(2, 50) != plan(1, 50)


def test_half_comes_by_kafka_and_half_over_http(week: Week) -> None:
    good = [sending for sending in week.sendings if sending.code == "ok"]
    assert sum(sending.by_kafka for sending in good) == len(good) / 2


def test_flags_are_mixed_as_in_a_real_export(week: Week) -> None:
    flags = Counter((sending.data["anonymous"], sending.data["confidential"]) for sending in week.sendings[:2_000])
    shares = {pair: count / 2_000 for pair, count in flags.items()}
    real = {(False, False): 264 / 2127, (True, False): 844 / 2127, (False, True): 439 / 2127, (True, True): 580 / 2127}
    assert shares == pytest.approx(real, abs=0.03)


def test_texts_are_as_long_as_people_write(week: Week) -> None:
    lengths = [len(sending.data["text"]) for sending in week.sendings[:2_000]]
    assert 300 < median(lengths) < 390
    assert max(lengths) <= 2_992


def test_hardly_a_text_is_written_twice(week: Week) -> None:
    texts = Counter(sending.data["text"] for sending in week.sendings[:300])
    assert len(texts) >= 299


def test_most_cases_are_of_one_regency_and_the_rest_of_all_three_zones(week: Week) -> None:
    regions = [sending.data["region"] for sending in week.sendings[:2_000]]
    here = sum(region.startswith(f"{REGENCY}.") for region in regions)
    assert 0.65 < here / 2_000 < 0.8
    assert set(ELSEWHERE) <= set(regions)


def test_a_twin_repeats_the_content_of_the_first_to_the_letter(week: Week) -> None:
    twins = [sending for sending in week.sendings if sending.code == "duplicate"]
    assert 0.01 < len(twins) / 2_000 < 0.02
    for twin in twins:
        first = week.sendings[twin.twin_of or 0]
        assert (twin.id, twin.source, twin.data) == (first.id, first.source, first.data)
        assert filed_at(week, twin, OPENING) == filed_at(week, first, OPENING) <= due(first, OPENING) < due(twin, OPENING)


def test_the_week_lasts_a_week_and_is_busiest_by_day(week: Week) -> None:
    times = [due(sending, OPENING) for sending in week.sendings[:2_000]]
    assert min(times) >= OPENING
    assert max(times) < OPENING + timedelta(days=7)
    assert sum(7 <= time.hour < 17 for time in times) > 1_200


def test_nobody_who_files_exists(week: Week) -> None:
    assert all(person.nik.startswith(NIK_PREFIX) and person.phone.startswith(PHONE_PREFIX) for person in week.people)
    numbers = sorted(person.phone for person in week.people)
    assert all(one != other for one, other in pairwise(numbers))


def test_no_invented_name_is_a_word_of_anything_else() -> None:
    names = {name.casefold() for name in phrases()["first_names"] + phrases()["last_names"]}
    files = [DATA / name for name in ("agencies.csv", "regions.csv", "categories.csv", "mailboxes.csv")]
    everything = " ".join(file.read_text(encoding="utf-8").casefold() for file in files)
    assert not [name for name in names if name in everything]


def test_categories_and_agencies_of_the_phrases_are_known() -> None:
    def codes(name: str) -> set[str]:
        return {row["code"] for row in csv.DictReader((DATA / name).read_text(encoding="utf-8").splitlines())}

    assert {topic.category for topic in topics()} - {None} <= codes("categories.csv")
    assert {topic.elsewhere for topic in topics()} <= codes("agencies.csv")


def test_every_body_can_be_made(week: Week) -> None:
    assert all(body(sending, filed_at(week, sending, OPENING))[0] for sending in week.sendings)
