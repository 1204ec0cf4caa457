"""When it is a surge, how often it is said, and what it teaches."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from math import exp, factorial
from pathlib import Path

import pytest

from schemas.workdays import read_workdays
from services.pulse.baseline import Hours, Shapes, begun
from services.pulse.series import Place, Series, Tuning
from services.pulse.surge import Detected, Ended, advance, tail

NATIONAL = Path(__file__).parents[2] / "data" / "calendars" / "id-national.json"
HOURS = Hours(read_workdays(NATIONAL.read_text(encoding="utf-8")))
MINUTE, HOUR, DAY = 60, 3600, 86_400
START = int(datetime(2025, 5, 4, 17, tzinfo=UTC).timestamp())
"""Monday 5 May 2025, midnight in Jakarta."""
WEEKS = START + 28 * DAY
PLACE = Place(Shapes(begun(START), HOURS).of("perhubungan"), 7, START)
TEN = WEEKS + 10 * HOUR
"""A Monday at ten, four weeks after the begin."""


def play(series: Series | None, moments: Iterable[float], place: Place = PLACE) -> tuple[Series, list[Detected | Ended]]:
    """Hand in one report at each moment, in order; returns what was said."""
    said = []
    for moment in moments:
        step = int(moment) // 300 * 300
        advanced = advance(series, {step: 1}, moment, place)
        series = advanced.series
        if advanced.said:
            said.append(advanced.said)
    assert series is not None
    return series, said


def spread(start: float, length_s: float, number: int) -> list[float]:
    return [start + length_s * (index + 0.5) / number for index in range(number)]


def wait(series: Series, start: float, length_s: float, place: Place = PLACE) -> tuple[Series, list[tuple[float, Detected | Ended]]]:
    """Let time go by without a report, looked at each minute."""
    said = []
    for moment in range(int(start), int(start + length_s), MINUTE):
        advanced = advance(series, {}, moment, place)
        series = advanced.series
        if advanced.said:
            said.append((moment, advanced.said))
    return series, said


def busy(an_hour: float = 12) -> Series:
    """Return a series that has brought so many reports an average hour for four weeks."""
    known = 20 * 24.0
    return Series(an_hour * known, known, WEEKS - DAY, ())


def usual_day(an_hour: float, start: float = WEEKS, factor: float = 1) -> list[float]:
    factors = PLACE.shape.factors
    return [moment for hour in range(24) for moment in spread(start + hour * HOUR, HOUR, round(an_hour * factors[hour] * factor))]


@pytest.mark.parametrize(("number", "expected", "size"), [(1, 0.5, 3), (5, 2, 1.5), (12, 3, 4), (40, 10, 6)])
def test_the_tail_is_what_the_sum_of_all_terms_is(number: int, expected: float, size: float) -> None:
    share, below, term = expected / (size + expected), 0.0, (size / (size + expected)) ** size
    for count in range(number):
        below += term
        term *= share * (count + size) / (count + 1)
    assert tail(number, expected, size) == pytest.approx(1 - below, rel=1e-6)


def test_with_a_certain_rate_the_tail_is_that_of_poisson() -> None:
    poisson = 1 - sum(exp(-2.0) * 2.0**count / factorial(count) for count in range(8))
    assert tail(8, 2.0, 1e7) == pytest.approx(poisson, rel=1e-3)
    assert tail(0, 2.0, 6) == 1
    assert tail(3, 0.0, 6) == 0


@pytest.mark.parametrize(("number", "minutes", "found"), [(3, 5, False), (7, 14, False), (8, 14, True), (14, 54, False), (15, 54, True)])
def test_a_floor_stands_before_every_surge_of_a_quiet_place(number: int, minutes: int, found: bool) -> None:
    _, said = play(None, spread(TEN, minutes * MINUTE, number))
    assert [type(each) for each in said] == [Detected] * found


def test_a_surge_says_what_was_counted_and_what_is_usual() -> None:
    _, said = play(None, spread(TEN, 10 * MINUTE, 20))
    assert len(said) == 1
    found = said[0]
    assert isinstance(found, Detected)
    assert found.window.observed == 8
    assert found.window.expected < 0.05
    assert 0 <= found.chance <= Tuning().chance
    assert found.rule == "usual"
    assert (found.window.until_at - found.window.start_at).total_seconds() == 20 * MINUTE
    assert found.window.start_at.timestamp() <= TEN < found.window.until_at.timestamp()


def test_the_usual_peak_of_a_busy_place_is_none_nor_is_twice_of_it() -> None:
    assert play(busy(), usual_day(12))[1] == []
    assert play(busy(), usual_day(12, factor=2))[1] == []


def test_four_times_the_usual_may_still_be_chance_where_little_is_usual() -> None:
    few = round(3 * PLACE.shape.factors[10] * 4)
    assert play(busy(3), spread(TEN, HOUR, few))[1] == []
    assert len(play(busy(3), spread(TEN, HOUR, 3 * few))[1]) == 1


@pytest.mark.parametrize(("strength", "within"), [(5, 30), (10, 15), (30, 10)])
def test_many_times_the_usual_is_found_soon(strength: int, within: int) -> None:
    series, _ = play(busy(), [moment for moment in usual_day(12) if moment < TEN])
    an_hour = 12 * PLACE.shape.factors[10] * strength
    for moment in spread(TEN, HOUR, round(an_hour)):
        advanced = advance(series, {int(moment) // 300 * 300: 1}, moment, PLACE)
        series = advanced.series
        if advanced.said:
            assert moment - TEN <= within * MINUTE
            return
    pytest.fail("not found")


def test_the_same_number_that_alarms_at_night_is_usual_at_ten() -> None:
    night, ten = round(12 * PLACE.shape.factors[2] * 14), WEEKS + 10 * HOUR
    assert len(play(busy(), spread(WEEKS + 2 * HOUR, HOUR, night))[1]) == 1
    assert play(busy(), spread(ten, HOUR, night))[1] == []


def test_one_surge_is_said_once_and_ends_once_when_it_is_calm() -> None:
    series, said = play(None, spread(TEN, 3 * HOUR, 300))
    assert [type(each) for each in said] == [Detected]
    series, ended = wait(series, TEN + 3 * HOUR, 4 * HOUR)
    assert [type(each) for _, each in ended] == [Ended]
    moment, end = ended[0]
    assert isinstance(end, Ended)
    assert 60 * MINUTE < moment - (TEN + 3 * HOUR) < 100 * MINUTE
    assert end.reason == "calm"
    assert end.whole.observed == 300
    assert 90 <= end.peak.observed <= 110
    assert end.whole.expected < 1
    assert isinstance(said[0], Detected)
    assert end.whole.start_at == said[0].window.start_at
    assert series.surge is None


def test_a_short_lull_does_not_end_it() -> None:
    series, _ = play(None, spread(TEN, HOUR, 100))
    series, quiet = wait(series, TEN + HOUR, HOUR)
    series, said = play(series, spread(TEN + 2 * HOUR, HOUR, 100))
    assert quiet == []
    assert said == []
    assert series.surge is not None


def test_a_surge_teaches_nothing() -> None:
    series, _ = play(busy(1), [moment for moment in usual_day(1) if moment < TEN])
    before = series.reports / series.hours
    series, _ = play(series, spread(TEN, 3 * HOUR, 600))
    series, _ = wait(series, TEN + 3 * HOUR, 5 * HOUR)
    assert series.surge is None
    assert series.reports / series.hours == pytest.approx(before, rel=0.05)
    _, again = play(series, spread(TEN + DAY, HOUR, 200))
    assert [type(each) for each in again] == [Detected]


def test_what_lasts_is_the_new_usual() -> None:
    series, said = play(None, [moment for day in range(8) for moment in usual_day(100, WEEKS + day * DAY)])
    assert [type(each) for each in said] == [Detected, Ended]
    assert isinstance(said[1], Ended)
    assert said[1].reason == "lasting"
    assert play(series, usual_day(100, WEEKS + 8 * DAY))[1] == []


def test_nothing_learned_does_not_alarm_but_a_flood_on_the_first_day_is_found() -> None:
    first = START + 10 * HOUR
    assert play(None, spread(first, HOUR, 30))[1] == []
    _, said = play(None, spread(first, HOUR, 120))
    assert len(said) == 1
    assert isinstance(said[0], Detected)
    assert said[0].rule == "absolute"


def test_a_late_report_counts_in_its_own_time_and_a_very_late_one_does_not() -> None:
    series, _ = play(None, [TEN])
    late = advance(series, {int(TEN) - 1800: 3}, TEN, PLACE)
    assert late.late == 0
    assert sum(number for _, number in late.series.recent) == 4
    too_late = advance(series, {int(TEN) - 2 * HOUR: 3}, TEN, PLACE)
    assert too_late.late == 3
    assert sum(number for _, number in too_late.series.recent) == 1
    assert advance(series, {int(TEN) - 2 * HOUR: 50}, TEN, PLACE).said is None


def test_time_never_goes_back() -> None:
    series, _ = play(None, spread(TEN, 5 * MINUTE, 5))
    again = advance(series, {}, TEN - DAY, PLACE)
    assert again.series == series


def test_a_batch_says_what_its_reports_one_by_one_say() -> None:
    moments = spread(TEN, 4 * MINUTE, 30)
    one_by_one, said = play(None, moments)
    batch = advance(None, {int(TEN): 30}, moments[-1], PLACE)
    assert isinstance(batch.said, Detected)
    assert len(said) == 1
    assert batch.series.recent == one_by_one.recent
    assert batch.series.surge is not None
    assert one_by_one.surge is not None
    assert batch.series.surge.began_s == one_by_one.surge.began_s


def test_a_flood_in_one_district_is_none_of_the_whole_regency() -> None:
    district, said = play(None, spread(TEN, HOUR, 40))
    assert len(said) == 1
    _, regency = play(None, spread(TEN, HOUR, 40), PLACE._replace(apart=(district,)))
    assert regency == []
    _, elsewhere = play(None, sorted(spread(TEN, HOUR, 40) + spread(TEN, HOUR, 30)), PLACE._replace(apart=(district,)))
    assert [type(each) for each in elsewhere] == [Detected]


def test_while_the_regency_is_flooded_its_districts_begin_none() -> None:
    covered = advance(None, {int(TEN): 50}, TEN, PLACE._replace(covered=True))
    assert covered.said is None
    assert not covered.usual
    free = advance(None, {int(TEN): 50}, TEN, PLACE)
    assert isinstance(free.said, Detected)
    assert not free.usual
    assert advance(None, {int(TEN): 2}, TEN, PLACE).usual


def test_a_series_is_a_small_row() -> None:
    series, _ = play(None, spread(TEN, HOUR, 60))
    assert series.surge is not None
    text = json.dumps(series.row())
    assert len(text) < 500
    read = Series.of(json.loads(text))
    assert (read.recent, read.surge, read.learned_s) == (series.recent, series.surge, series.learned_s)
    assert (read.reports, read.hours) == pytest.approx((series.reports, series.hours), abs=0.001)
    quiet = play(None, [TEN])[0]
    assert len(json.dumps(quiet.row())) < 130


def test_the_parameters_are_the_callers() -> None:
    strict = PLACE._replace(tuning=Tuning(ratio=8))
    assert play(busy(), spread(TEN, HOUR, 130), strict)[1] == []
    assert len(play(busy(), spread(TEN, HOUR, 130))[1]) == 1
