"""The attributes of an event: what must be there, how long it may be, how a time is written."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from schemas.envelope import MAX_ID, EnvelopeError, parse

EVENT = {"specversion": "1.0", "id": "lpr-1", "source": "urn:example:kanal", "type": "salur.complaint.submitted.v1", "data": {}}
BINARY = {"ce_specversion": b"1.0", "ce_id": b"lpr-1", "ce_source": b"urn:example:kanal", "ce_type": b"salur.complaint.submitted.v1"}


def structured(**changes: Any) -> bytes:
    return orjson.dumps({name: value for name, value in (EVENT | changes).items() if value is not ...})


def refusal(value: bytes, headers: dict[str, bytes] | None = None) -> EnvelopeError:
    with pytest.raises(EnvelopeError) as caught:
        parse(value, headers or {})
    return caught.value


@pytest.mark.parametrize("name", ["specversion", "id", "source", "type"])
@pytest.mark.parametrize("value", [..., None, "", 5, True, {}, "a\x00b", "a\nb", "a\x7fb", "x" * (MAX_ID + 1)])
def test_the_four_attributes_are_texts_that_can_be_kept(name: str, value: object) -> None:
    error = refusal(structured(**{name: value}))
    assert error.code == "not_cloudevent"
    assert [problem.path for problem in error.problems] == [f"/{name}"]
    assert error.id == (None if name == "id" else "lpr-1")
    assert error.source == (None if name == "source" else "urn:example:kanal")


def test_the_longest_id_is_taken() -> None:
    assert parse(structured(id="é" * MAX_ID), {}).id == "é" * MAX_ID


def test_another_version_of_cloudevents_is_refused() -> None:
    error = refusal(structured(specversion="0.3"))
    assert (error.code, error.problems[0].path, error.id) == ("not_cloudevent", "/specversion", "lpr-1")


def test_all_that_is_wrong_is_said_at_once() -> None:
    paths = [problem.path for problem in refusal(b'{"type": 5, "time": "kemarin"}').problems]
    assert paths == ["/specversion", "/id", "/source", "/type", "/time"]


@pytest.mark.parametrize(
    "time",
    [
        5,
        "kemarin",
        "2026-11-02",
        "2026-11-02T08:15:30",
        "2026-13-02T08:15:30Z",
        "2026-11-02T25:00:00Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+07:00",
        "2026-11-02T08:15:30+01:60",
        f"2026-11-02T08:15:30.{'1' * 300}Z",
        "2026-11-02T08:15:30+99:00",
        "\u0662\u0660\u0662\u0666-11-02T08:15:30Z",
        "2026-11-02T08:15:30Z\n",
    ],
)
def test_a_time_is_rfc_3339_with_offset(time: object) -> None:
    error = refusal(structured(time=time))
    assert (error.code, [problem.path for problem in error.problems]) == ("not_cloudevent", ["/time"])


@pytest.mark.parametrize(
    "time", ["2026-11-02T01:15:30Z", "2026-11-02t01:15:30z", "2026-11-02 08:15:30+07:00", "2026-11-02T08:15:30.0000000001+07:00"]
)
def test_a_time_is_read_with_any_offset_and_kept_in_utc(time: str) -> None:
    assert parse(structured(time=time), {}).time == datetime(2026, 11, 2, 1, 15, 30, tzinfo=UTC)


def test_a_time_is_cut_to_the_microsecond_and_to_the_calendar() -> None:
    assert parse(structured(time=f"2026-11-02T01:15:30.{'123456789' * 20}Z"), {}).time == datetime(2026, 11, 2, 1, 15, 30, 123456, tzinfo=UTC)
    assert parse(structured(time="9999-12-31T23:59:59-23:59"), {}).time == datetime.max.replace(tzinfo=UTC)


def test_no_time_is_no_problem() -> None:
    assert parse(structured(), {}).time is None
    assert parse(structured(time=None), {}).time is None


def test_header_bytes_that_are_no_utf8_are_refused_by_name() -> None:
    error = refusal(b"{}", BINARY | {"ce_id": b"\xff"})
    assert (error.code, error.problems[0].path, error.source) == ("not_cloudevent", "/id", "urn:example:kanal")


def test_optional_attributes_of_a_wrong_kind_are_left_out() -> None:
    assert parse(structured(subject=5, tracking=None, traceparent={}), {}).attributes == {}
