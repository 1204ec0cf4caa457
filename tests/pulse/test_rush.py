"""A day that is busier than usual is no surge by itself: what has come so far today is reckoned with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas.workdays import read_workdays
from services.pulse.baseline import Hours, Shapes, begun
from services.pulse.series import Place, Series
from services.pulse.surge import Detected, advance

NATIONAL = Path(__file__).parents[2] / "data" / "calendars" / "id-national.json"
HOUR, DAY = 3600, 86_400
START = int(datetime(2025, 5, 4, 17, tzinfo=UTC).timestamp())
MONDAY = START + 28 * DAY
PLACE = Place(Shapes(begun(START), Hours(read_workdays(NATIONAL.read_text(encoding="utf-8")))).of("perhubungan"), 7, START)


def day(factors: Sequence[float], an_hour: float = 12, tides: Mapping[int, float] | None = None) -> list[int]:
    """Play a day, each hour at so many times its usual; returns the hours in which a surge was found."""
    series, found = Series(an_hour * 480, 480, MONDAY - DAY, ()), []
    for hour, factor in enumerate(factors):
        place = PLACE._replace(tide=(tides or {}).get(hour, 1.0), tide_before=(tides or {}).get(hour - 1, 1.0))
        number = round(an_hour * PLACE.shape.factors[hour] * factor)
        for index in range(number):
            moment = MONDAY + hour * HOUR + HOUR * (index + 0.5) / number
            advanced = advance(series, {int(moment) // 300 * 300: 1}, moment, place)
            series = advanced.series
            found += [hour] if isinstance(advanced.said, Detected) else []
    return found


@pytest.mark.parametrize(("before", "found"), [(1, [14]), (2.5, [])])
def test_four_times_the_usual_is_a_surge_on_a_usual_day_only(before: float, found: list[int]) -> None:
    assert day([1] * 9 + [before] * 5 + [4] + [1] * 9) == found


def test_what_grows_slowly_is_a_surge_in_the_end() -> None:
    assert len(day([1] * 8 + [1.5, 2, 2.5, 3, 4, 5, 7, 9, 12, 15, 18] + [20] * 5)) == 1


@pytest.mark.parametrize(("tide", "found"), [(1, [10]), (2.5, [])])
def test_what_all_topics_bring_more_of_at_once_is_no_surge_of_one(tide: float, found: list[int]) -> None:
    assert day([1] * 10 + [4] + [1] * 13, tides={10: tide, 11: tide}) == found


def test_who_rose_with_the_tide_has_no_busy_day_of_its_own() -> None:
    assert day([1] * 6 + [2.5] * 8 + [4] + [1] * 9, tides=dict.fromkeys(range(6, 14), 2.5)) == [14]


@pytest.mark.parametrize(("before", "found"), [(1, []), (0.2, [14])])
def test_on_a_quiet_day_less_is_a_surge(before: float, found: list[int]) -> None:
    assert day([before] * 14 + [3.2] + [before] * 9, an_hour=6) == found
