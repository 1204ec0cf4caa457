"""What is usual: local hours, closed days, and a week's shape that is learned."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas.workdays import read_workdays
from services.pulse.baseline import WEEK, Hours, Profile, Shape, Shapes, Tide, begun, learned

NATIONAL = Path(__file__).parents[2] / "data" / "calendars" / "id-national.json"
HOURS = Hours(read_workdays(NATIONAL.read_text(encoding="utf-8")))
MONDAY = int(datetime(2025, 5, 4, 17, tzinfo=UTC).timestamp())
"""Monday 5 May 2025, midnight in Jakarta."""
TOPIC = "perhubungan"
HOUR, DAY, WEEK_S = 3600, 86_400, 7 * 86_400


def shaped(profile: Profile) -> Shape:
    return Shapes(profile, HOURS).of(TOPIC)


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


@pytest.mark.parametrize(
    ("when", "offset_h", "slot"),
    [
        ("2025-05-05T00:00:00+07:00", 7, 0),
        ("2025-05-05T09:59:59+07:00", 7, 9),
        ("2025-05-05T09:59:59+07:00", 9, 11),  # eleven o'clock in Jayapura
        ("2025-05-11T23:30:00+07:00", 7, 167),
        ("2025-05-01T09:00:00+07:00", 7, 6 * 24 + 9),  # Labour Day, a Thursday, is like a Sunday
        ("2025-03-31T09:00:00+07:00", 7, 6 * 24 + 9),  # Lebaran, a Monday
        ("2025-05-03T09:00:00+07:00", 7, 5 * 24 + 9),
    ],
)
def test_a_moment_has_its_local_hour_and_a_closed_day_is_like_a_sunday(when: str, offset_h: int, slot: int) -> None:
    assert HOURS.slot(at(when), offset_h) == slot


def test_nothing_learned_is_a_week_of_mean_one_with_quiet_nights() -> None:
    shape = shaped(begun(MONDAY))
    assert sum(shape.factors) == pytest.approx(WEEK)
    assert shape.factors[3] < 0.5 < 1.5 < shape.factors[10]
    assert shape.factors[6 * 24 + 10] < shape.factors[10]


def test_usual_hours_add_up_over_any_stretch() -> None:
    shape = shaped(begun(MONDAY))
    assert shape.between(MONDAY + 1234, MONDAY + 1234 + 5 * WEEK_S, 7) == pytest.approx(5 * WEEK)
    assert shape.between(MONDAY + 9 * HOUR, MONDAY + 10 * HOUR, 7) == pytest.approx(shape.factors[9])
    assert shape.between(MONDAY + 9.5 * HOUR, MONDAY + 10.5 * HOUR, 7) == pytest.approx((shape.factors[9] + shape.factors[10]) / 2)
    assert shape.between(MONDAY + 9 * HOUR, MONDAY + 10 * HOUR, 9) == pytest.approx(shape.factors[11])
    sunday = MONDAY + 6 * DAY
    assert shape.between(sunday + 23.5 * HOUR, sunday + 24.5 * HOUR, 7) == pytest.approx((shape.factors[167] + shape.factors[0]) / 2)


def test_a_closed_day_brings_a_sundays_hours_also_in_a_window_over_its_midnight() -> None:
    shape = shaped(begun(MONDAY))
    lebaran = at("2025-03-31T10:00:00+07:00")
    assert shape.between(lebaran, lebaran + HOUR, 7) == pytest.approx(shape.factors[6 * 24 + 10])
    friday_night = at("2025-03-27T23:30:00+07:00")  # a working Thursday into joint leave
    assert 0 < shape.between(friday_night, friday_night + HOUR, 7) < 1


def test_the_shape_of_the_week_is_learned_from_what_comes() -> None:
    profile, rates = begun(MONDAY), {hour: 400 if hour % 24 == 20 else 40 for hour in range(WEEK)}
    for week in range(4):
        for hour in range(WEEK):
            moment = MONDAY + week * WEEK_S + hour * HOUR
            profile = learned(profile, {(TOPIC, hour): rates[hour]}, moment + HOUR, HOURS)
    shape = shaped(profile)
    evening, night = shape.factors[2 * 24 + 20], shape.factors[2 * 24 + 3]
    assert evening == pytest.approx(400 / 55, rel=0.2)
    assert night < 0.2 * evening


def test_the_onset_of_a_flood_moves_a_young_week_little() -> None:
    profile = begun(MONDAY)
    for hour in range(WEEK):
        profile = learned(profile, {(TOPIC, hour): 3}, MONDAY + hour * HOUR + HOUR, HOURS)
    before = shaped(profile).factors[50]
    after = shaped(learned(profile, {(TOPIC, 50): 15}, MONDAY + WEEK_S, HOURS)).factors[50]
    assert after < 1.7 * before  # a plain mean would have made it six-fold


def test_a_topic_has_a_day_of_its_own_when_enough_reports_speak_for_it() -> None:
    profile = begun(MONDAY)
    for hour in range(4 * WEEK):
        slot, evening = hour % WEEK, hour % 24 == 20
        came = {("perhubungan", slot): 40, ("kesehatan", slot): 40 if evening else 4, ("agama", slot): int(hour == 20)}
        profile = learned(profile, came, MONDAY + (hour + 1) * HOUR, HOURS)
    shapes = Shapes(profile, HOURS)
    even, evening, unknown = shapes.of("perhubungan"), shapes.of("kesehatan"), shapes.of("agama")
    assert evening.factors[20] > 4 * even.factors[20]
    assert 0.5 < unknown.factors[20] / even.factors[20] < 2
    assert sum(evening.factors) == pytest.approx(WEEK)


def test_a_profile_is_a_row() -> None:
    profile = learned(begun(MONDAY), {(TOPIC, 3): 7, ("agama", 100): 2}, MONDAY + 5 * HOUR, HOURS)
    assert Profile.of(json.loads(json.dumps(profile.row()))) == profile
    assert len(json.dumps(profile.row())) < 4_000


def test_what_was_learned_fades() -> None:
    profile = learned(begun(MONDAY), {(TOPIC, 9): 1000}, MONDAY + HOUR, HOURS)
    later = learned(profile, {}, MONDAY + 4 * WEEK_S + HOUR, HOURS)
    assert later.reports[9] == pytest.approx(500)


def tide(profile: Profile, times: float, hours: float, start: float, before: Tide | None = None) -> Tide:
    """Play so many times the usual for hours, minute by minute."""
    shapes, found, due = Shapes(profile, HOURS), before or Tide(int(start)), 0.0
    for minute in range(1, round(hours * 60) + 1):
        now = start + minute * 60
        due += times * shapes.an_hour(now) / 60
        found = found.moved(int(due), now, shapes)
        due -= int(due)
    return found


def four_weeks(an_hour: int) -> Profile:
    profile = begun(MONDAY)
    for hour in range(4 * WEEK):
        profile = learned(profile, {(TOPIC, hour % WEEK): an_hour}, MONDAY + (hour + 1) * HOUR, HOURS)
    return profile


@pytest.mark.parametrize(("times", "factor"), [(1, 1), (1.5, 1.5), (2.5, 2.4), (9, 3), (0, 0.7)])
def test_the_tide_follows_what_all_bring_within_bounds(times: float, factor: float) -> None:
    assert tide(four_weeks(200), times, 8, MONDAY + 28 * DAY).factor == pytest.approx(factor, abs=0.1)


def test_few_reports_make_no_tide() -> None:
    assert Tide().factor == 1
    assert tide(four_weeks(1), 5, 2, MONDAY + 28 * DAY).factor < 1.5


def test_the_tide_ebbs_and_a_gap_of_days_begins_it_anew() -> None:
    profile = four_weeks(200)
    shapes, high = Shapes(profile, HOURS), tide(profile, 2.5, 8, MONDAY + 28 * DAY)
    later = high
    for minute in range(12 * 60):
        now = high.at_s + 60 * (minute + 1)
        later = later.moved(round(shapes.an_hour(now) * (minute + 1) / 60) - round(shapes.an_hour(now) * minute / 60), now, shapes)
    assert later.factor < 1.15
    assert high.moved(0, high.at_s + 3 * DAY, shapes).factor == 1


def test_the_tide_of_an_hour_ago_is_known_too() -> None:
    profile, start = four_weeks(200), MONDAY + 28 * DAY
    risen = tide(profile, 2.5, 0.75, start + 9 * HOUR, tide(profile, 1, 9, start))
    later = tide(profile, 2.5, 1.25, start + 9 * HOUR + 45 * 60, risen)
    assert Tide().before == 1
    assert risen.before == pytest.approx(1, abs=0.05)
    assert risen.factor > 1.2
    assert later.before == pytest.approx(risen.factor, abs=0.2)
    assert later.factor > later.before + 0.1
    assert len(later.past) <= 12


def test_the_tide_is_kept_with_the_profile() -> None:
    profile = four_weeks(3)._replace(tide=Tide(MONDAY, 12.5, 10.25, ((MONDAY - 600, 1.1), (MONDAY - 300, 1.2))))
    assert Profile.of(json.loads(json.dumps(profile.row()))).tide == profile.tide
    assert learned(profile, {}, MONDAY + 29 * DAY, HOURS).tide == profile.tide
