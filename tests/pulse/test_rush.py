"""A day that is busier than usual is no surge by itself: what has come so far today is reckoned with."""

from __future__ import annotations

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


def day(factors: list[float], an_hour: float = 12) -> list[int]:
    """Play a day, each hour at so many times its usual; returns the hours in which a surge was found."""
    series, found = Series(an_hour * 480, 480, MONDAY - DAY, ()), []
    for hour, factor in enumerate(factors):
        number = round(an_hour * PLACE.shape.factors[hour] * factor)
        for index in range(number):
            moment = MONDAY + hour * HOUR + HOUR * (index + 0.5) / number
            advanced = advance(series, {int(moment) // 300 * 300: 1}, moment, PLACE)
            series = advanced.series
            found += [hour] if isinstance(advanced.said, Detected) else []
    return found


@pytest.mark.parametrize(("before", "found"), [(1, [14]), (2.5, [])])
def test_four_times_the_usual_is_a_surge_on_a_usual_day_only(before: float, found: list[int]) -> None:
    assert day([1] * 9 + [before] * 5 + [4] + [1] * 9) == found


def test_what_grows_slowly_is_a_surge_in_the_end() -> None:
    assert len(day([1] * 8 + [1.5, 2, 2.5, 3, 4, 5, 7, 9, 12, 15, 18] + [20] * 5)) == 1
