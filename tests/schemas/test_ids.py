"""Identifiers: the same for the same, in the order of time, and checkable by people."""

from datetime import UTC, datetime, timedelta
from uuid import RFC_4122, UUID

from hypothesis import assume, given
from hypothesis import strategies as st

from schemas.ids import ALPHABET, caused_id, milliseconds, new_case_text, new_tracking_id, read_tracking_id

NOISE = st.binary(min_size=8, max_size=8)
TIMES = st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
LETTERS = "".join(ALPHABET)


def letters(tracking: str) -> str:
    return tracking.replace("-", "")


@given(NOISE)
def test_a_tracking_id_has_three_groups_of_four_and_is_read_as_itself(noise: bytes) -> None:
    tracking = new_tracking_id(noise)
    assert [len(group) for group in tracking.split("-")] == [4, 4, 4]
    assert set(letters(tracking)) <= set(LETTERS)
    assert read_tracking_id(tracking) == tracking


@given(NOISE, st.integers(0, 11), st.sampled_from(LETTERS))
def test_one_wrong_letter_is_always_noticed(noise: bytes, place: int, letter: str) -> None:
    given_ = letters(new_tracking_id(noise))
    assume(given_[place] != letter)
    assert read_tracking_id(given_[:place] + letter + given_[place + 1 :]) is None


@given(NOISE, st.integers(0, 10))
def test_two_neighbours_that_changed_places_are_always_noticed(noise: bytes, place: int) -> None:
    given_ = letters(new_tracking_id(noise))
    assume(given_[place] != given_[place + 1])
    assert read_tracking_id(given_[:place] + given_[place + 1] + given_[place] + given_[place + 2 :]) is None


@given(NOISE)
def test_a_tracking_id_is_read_as_people_type_it(noise: bytes) -> None:
    tracking = new_tracking_id(noise)
    typed = tracking.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert read_tracking_id(typed) == tracking
    assert read_tracking_id(tracking.replace("1", "I")) == tracking


@given(st.text(max_size=20))
def test_no_text_at_all_upsets_the_reader_of_tracking_ids(text: str) -> None:
    found = read_tracking_id(text)
    assert found is None or read_tracking_id(found) == found


def test_what_is_too_short_too_long_or_foreign_is_no_tracking_id() -> None:
    tracking = new_tracking_id(bytes(8))
    assert tracking == "0000-0000-0000"
    for wrong in ("", tracking[:-1], tracking + "0", tracking.replace("0", "U", 1), "\u0660" * 12):
        assert read_tracking_id(wrong) is None


@given(st.text(), st.text(), TIMES)
def test_the_same_cause_and_effect_have_the_same_id(cause: str, effect: str, time: datetime) -> None:
    found = caused_id(cause, effect, time)
    assert found == caused_id(cause, effect, time)
    assert (found.version, found.variant) == (8, RFC_4122)
    assert found.int >> 80 == milliseconds(time)


def test_other_causes_effects_and_times_have_other_ids() -> None:
    time = datetime(2026, 11, 2, 1, 15, 30, tzinfo=UTC)
    ids = {
        caused_id(cause, effect, time + timedelta(milliseconds=late))
        for cause in ("a", "b")
        for effect in ("salur.case.routed.v1", "salur.case.closed.v1")
        for late in (0, 1)
    }
    assert len(ids) == 8


@given(TIMES, TIMES, st.binary(min_size=10, max_size=10), st.binary(min_size=10, max_size=10))
def test_cases_are_ordered_by_the_time_they_were_drawn(first: datetime, second: datetime, noise: bytes, other: bytes) -> None:
    assume(milliseconds(first) < milliseconds(second))
    assert new_case_text(first, noise) < new_case_text(second, other)
    assert UUID(new_case_text(first, noise)).version == 8


def test_milliseconds_are_rounded_down_before_the_epoch_too() -> None:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    assert milliseconds(epoch + timedelta(microseconds=1999)) == 1
    assert milliseconds(epoch - timedelta(microseconds=1)) == -1
