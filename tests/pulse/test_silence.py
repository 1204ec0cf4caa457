"""Who has gone silent, and that a pause of the usual kind is none."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from schemas.workdays import read_workdays
from services.pulse.baseline import Hours
from services.pulse.silence import Agency, Heard, Patience, Publisher, Silent, acted, judge_agency, judge_publisher, received, sent

NATIONAL = Path(__file__).parents[2] / "data" / "calendars" / "id-national.json"
WORKDAYS = read_workdays(NATIONAL.read_text(encoding="utf-8"))
HOURS = Hours(WORKDAYS)
PATIENCE = Patience()
HOUR = timedelta(hours=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text + "+07:00")


def found(agency: Agency, start: datetime, days: int) -> tuple[Agency, list[Silent]]:
    """Look each hour; returns every silence that was found."""
    silences = []
    for hour in range(days * 24):
        agency, silence = judge_agency(agency, start + hour * HOUR, WORKDAYS, PATIENCE)
        silences += [silence] if silence else []
    return agency, silences


@pytest.mark.parametrize(
    ("came", "on"),
    [
        ("2025-05-05T09:00:00", "2025-05-20T00:00:00"),  # 12 and 13 May are closed: 6 7 8 9 14 15 16 19
        ("2025-06-09T09:00:00", "2025-06-20T00:00:00"),
        ("2025-03-27T16:00:00", "2025-04-18T00:00:00"),  # over Lebaran: 8 to 11 and 14 to 17 April
    ],
)
def test_an_agency_is_silent_after_so_many_whole_working_days(came: str, on: str) -> None:
    _, silences = found(received(None, at(came)), at(came), 40)
    assert len(silences) == 1
    silence = silences[0]
    assert silence.working_days == 8
    assert silence.window.observed == 0
    assert silence.window.expected == 1
    assert silence.window.start_at == at(came)
    assert at(on) <= silence.window.until_at < at(on) + HOUR


def test_an_agency_that_answers_anything_is_not_silent() -> None:
    agency = received(None, at("2025-06-09T09:00:00"))
    agency, heard = acted(agency, at("2025-06-18T15:00:00"), WORKDAYS)
    assert heard is None
    assert found(agency, at("2025-06-18T15:00:00"), 40)[1] == []
    agency = received(agency, at("2025-06-20T09:00:00"))
    assert found(agency, at("2025-06-20T09:00:00"), 5)[1] == []


def test_an_agency_to_which_nothing_comes_is_not_silent() -> None:
    assert found(Agency(None, 0, None), at("2025-06-09T09:00:00"), 60)[1] == []


def test_the_first_sign_of_life_ends_it_once() -> None:
    agency = received(None, at("2025-06-09T09:00:00"))
    agency = received(agency, at("2025-06-10T09:00:00"))
    agency, silences = found(agency, at("2025-06-10T09:00:00"), 30)
    assert len(silences) == 1
    assert silences[0].window.expected == 2
    agency = received(agency, at("2025-07-11T08:00:00"))
    agency, heard = acted(agency, at("2025-07-11T09:00:00"), WORKDAYS)
    assert isinstance(heard, Heard)
    assert heard.window.start_at == silences[0].window.start_at
    assert heard.window.until_at == at("2025-07-11T09:00:00")
    assert heard.window.observed == 1
    assert heard.window.expected == 3
    assert heard.detected_at == silences[0].window.until_at
    assert acted(agency, at("2025-07-11T10:00:00"), WORKDAYS)[1] is None


def test_a_case_that_is_heard_of_late_does_not_move_a_silence_that_was_told() -> None:
    agency, silences = found(received(None, at("2025-06-10T09:00:00")), at("2025-06-10T09:00:00"), 30)
    agency = received(agency, at("2025-06-09T09:00:00"))
    _, heard = acted(agency, at("2025-07-11T09:00:00"), WORKDAYS)
    assert heard is not None
    assert heard.window.start_at == silences[0].window.start_at


def test_an_act_that_arrives_before_its_case_counts_all_the_same() -> None:
    agency, _ = acted(None, at("2025-06-09T10:00:00"), WORKDAYS)
    agency = received(agency, at("2025-06-09T09:00:00"))
    assert found(agency, at("2025-06-09T10:00:00"), 40)[1] == []


def test_an_act_from_before_the_first_waiting_case_is_no_sign() -> None:
    agency = received(None, at("2025-06-09T10:00:00"))
    agency, heard = acted(agency, at("2025-06-09T09:00:00"), WORKDAYS)
    assert heard is None
    assert len(found(agency, at("2025-06-09T10:00:00"), 40)[1]) == 1


def week_of(kind: str, moment: datetime) -> bool:
    if kind == "steady":
        return True
    if kind == "nightly":
        return moment.hour == 2
    if kind == "office":
        return moment.date() in WORKDAYS and 8 <= moment.hour < 16
    return moment.hour % 3 == moment.toordinal() % 3  # now and then


def publisher_of(kind: str, weeks: int = 6) -> Publisher:
    """Return a publisher that has sent in its way for weeks, up to Monday 19 May 2025, midnight."""
    start = at("2025-05-19T00:00:00") - timedelta(weeks=weeks)
    publisher = None
    for hour in range(weeks * 168):
        moment = start + hour * HOUR
        if week_of(kind, moment):
            publisher, _ = sent(publisher, moment + timedelta(minutes=20), HOURS)
    assert publisher is not None
    return publisher


def silent_after(publisher: Publisher, start: datetime, hours: int, patience: Patience = PATIENCE) -> float | None:
    """Look every ten minutes; returns hours until it was found silent."""
    for minute in range(0, hours * 60, 10):
        moment = start + timedelta(minutes=minute)
        publisher, silence = judge_publisher(publisher, moment, HOURS, patience)
        if silence:
            return minute / 60
    return None


@pytest.mark.parametrize(("kind", "least", "most"), [("steady", 6, 16), ("nightly", 60, 110), ("office", 12, 72), ("seldom", 40, 100)])
def test_a_publisher_is_judged_by_its_own_week(kind: str, least: float, most: float) -> None:
    found_after = silent_after(publisher_of(kind), at("2025-05-19T00:00:00"), 24 * 14)
    assert found_after is not None
    assert least <= found_after <= most


@pytest.mark.parametrize("kind", ["steady", "nightly", "office", "seldom"])
def test_usual_pauses_are_no_silence(kind: str) -> None:
    publisher = publisher_of(kind)
    start = at("2025-05-19T00:00:00")
    for hour in range(168 * 4):  # with Ascension Day, its bridge day and Pancasila
        moment = start + hour * HOUR
        publisher, silence = judge_publisher(publisher, moment + timedelta(minutes=10), HOURS, PATIENCE)
        assert silence is None, moment
        if week_of(kind, moment):
            publisher, _ = sent(publisher, moment + timedelta(minutes=20), HOURS)


def test_a_smaller_budget_of_false_silences_takes_more_nights() -> None:
    nightly, start = publisher_of("nightly"), at("2025-05-19T00:00:00")
    nights = [silent_after(nightly, start, 24 * 28, Patience(false_a_week=budget)) for budget in (1e-1, 1e-3, 1e-6)]
    assert None not in nights
    assert nights == sorted({night for night in nights if night is not None})


def test_the_empty_hours_of_one_day_say_less_than_those_of_several() -> None:
    start = at("2025-05-19T00:00:00")
    office, nightly = silent_after(publisher_of("office"), start, 24 * 14), silent_after(publisher_of("nightly"), start, 24 * 14)
    assert office is not None
    assert nightly is not None
    assert office > 16  # eight hours of a first working day do not suffice
    assert nightly < 5 * 24


def test_a_publishers_silence_is_said_once_ended_once_and_teaches_nothing() -> None:
    publisher, start = publisher_of("steady"), at("2025-05-19T00:00:00")
    silences = []
    for hour in range(72):
        publisher, silence = judge_publisher(publisher, start + hour * HOUR, HOURS, PATIENCE)
        silences += [silence] if silence else []
    assert len(silences) == 1
    before = publisher.sent
    publisher, heard = sent(publisher, start + 72 * HOUR, HOURS)
    assert heard is not None
    assert heard.window.start_at == silences[0].window.start_at
    assert heard.window.expected > 60
    assert heard.working_days is None
    assert publisher.sent == pytest.approx(before)
    assert sent(publisher, start + 73 * HOUR, HOURS)[1] is None


def test_a_pause_shorter_than_the_least_is_none_however_unusual() -> None:
    after = silent_after(publisher_of("steady"), at("2025-05-19T00:00:00"), 48, Patience(shortest_s=12 * 3600))
    assert after == pytest.approx(11.5, abs=0.2)  # it was last heard at 23:20


def test_a_publisher_that_is_hardly_known_is_not_judged() -> None:
    publisher = publisher_of("steady", weeks=1)
    assert silent_after(publisher, at("2025-05-19T00:00:00"), 240) is None


def test_states_are_rows() -> None:
    publisher = publisher_of("office")
    assert Publisher.of(json.loads(json.dumps(publisher.row()))).sent == pytest.approx(publisher.sent, abs=0.001)
    assert len(json.dumps(publisher.row())) < 3_000
    agency, _ = found(received(None, at("2025-06-09T09:00:00")), at("2025-06-09T09:00:00"), 20)
    assert Agency.of(json.loads(json.dumps(agency.row()))) == agency
