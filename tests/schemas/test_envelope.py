"""The envelope: both modes are read, anything else gets its code and never an exception."""

import base64
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.envelope import (
    MAX_BYTES,
    MAX_DEPTH,
    STRUCTURED,
    EnvelopeError,
    Stamp,
    clean,
    join,
    outgoing_headers,
    parse,
    read_json,
)

EVENT = {"specversion": "1.0", "id": "lpr-1", "source": "urn:example:kanal", "type": "salur.complaint.submitted.v1", "data": {"text": "Air mati."}}
BINARY = {"ce_specversion": b"1.0", "ce_id": b"lpr-1", "ce_source": b"urn:example:kanal", "ce_type": b"salur.complaint.submitted.v1"}


def structured(**changes: Any) -> bytes:
    return orjson.dumps({name: value for name, value in (EVENT | changes).items() if value is not ...})


def with_raw_data(raw: bytes) -> bytes:
    return structured(data=0).replace(b'"data":0', b'"data":' + raw)


def refusal(value: bytes | None, headers: dict[str, bytes] | None = None) -> EnvelopeError:
    with pytest.raises(EnvelopeError) as caught:
        parse(value, headers or {})
    return caught.value


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": b"application/cloudevents+json"},
        {"content-type": b"Application/CloudEvents+JSON; charset=UTF-8"},
        {"content-type": b"application/cloudevents+json", **BINARY, "ce_id": b"another"},
        {"content-type": b"application/json"},
    ],
)
def test_a_structured_event_is_read_whether_it_says_so_or_not(headers: dict[str, bytes]) -> None:
    read = parse(structured(time="2026-11-02T08:15:30.5+07:00", sequence=3, tracking="7K3M-9QWD-2F5H"), headers)
    assert (read.id, read.source, read.type) == ("lpr-1", "urn:example:kanal", "salur.complaint.submitted.v1")
    assert read.time == datetime(2026, 11, 2, 1, 15, 30, 500_000, tzinfo=UTC)
    assert read.data == {"text": "Air mati."}
    assert read.attributes == {"sequence": 3, "tracking": "7K3M-9QWD-2F5H"}


def test_a_binary_event_is_read_from_its_headers() -> None:
    headers = BINARY | {"content-type": b"application/json", "ce_time": b"2026-11-02T01:15:30Z", "ce_traceparent": b"00-ab"}
    read = parse(b'{"text": "Air mati."}', headers)
    assert (read.id, read.source, read.type) == ("lpr-1", "urn:example:kanal", "salur.complaint.submitted.v1")
    assert read.time == datetime(2026, 11, 2, 1, 15, 30, tzinfo=UTC)
    assert (read.data, read.attributes) == ({"text": "Air mati."}, {"traceparent": "00-ab"})


def test_data_in_base64_is_read_as_the_json_it_is() -> None:
    coded = base64.b64encode(b'{"text": "Air mati."}').decode()
    assert parse(structured(data=..., data_base64=coded), {}).data == {"text": "Air mati."}


def test_an_event_without_data_has_none() -> None:
    assert parse(structured(data=...), {}).data is None


def test_of_a_key_that_stands_twice_the_last_value_counts() -> None:
    assert parse(with_raw_data(b'{"text":"lama","text":"baru"}'), {}).data == {"text": "baru"}


DAMAGED = {
    "nothing": b"",
    "half an object": b'{"specversion":',
    "NaN": with_raw_data(b'{"lat":NaN}'),
    "Infinity": with_raw_data(b'{"lat":-Infinity}'),
    "an infinite number": with_raw_data(b'{"lat":1e999}'),
    "a lone surrogate": with_raw_data(rb'{"text":"\ud83d"}'),
    "a lone low surrogate": with_raw_data(rb'{"text":"\ude00 x"}'),
    "a surrogate in UTF-8": with_raw_data(b'{"text":"\xed\xa0\xbd"}'),
    "invalid UTF-8": with_raw_data(b'{"text":"\xff"}'),
    "overlong UTF-8": with_raw_data(b'{"text":"\xc0\x80"}'),
    "a byte order mark": b"\xef\xbb\xbf" + structured(),
    "UTF-16": structured().decode().encode("utf-16-le"),
    "a bare control character": with_raw_data(b'{"text":"a\x00b"}'),
    "an integer of 5,000 digits": with_raw_data(b"9" * 5_000),
    "one level too deep": with_raw_data(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH),
    "1,000 levels": with_raw_data(b"[" * 1_000 + b"]" * 1_000),
    "100,000 levels": b"[" * 100_000 + b"]" * 100_000,
    "100,000 levels that never end": b'{"a":' * 40_000,
    "two values": structured() + structured(),
    "single quotes": b"{'specversion': '1.0'}",
}


@pytest.mark.parametrize("name", DAMAGED)
def test_what_is_not_json_is_malformed_and_what_it_held_is_not_repeated(name: str) -> None:
    error = refusal(DAMAGED[name])
    assert (error.code, error.id, error.source) == ("malformed_json", None, None)
    assert [problem.path for problem in error.problems] == [""]
    assert "text" not in error.problems[0].message


def test_a_record_without_value_is_malformed_in_both_modes() -> None:
    assert refusal(None).code == "malformed_json"
    error = refusal(None, BINARY)
    assert (error.code, error.id, error.source) == ("malformed_json", "lpr-1", "urn:example:kanal")


@pytest.mark.parametrize("name", [name for name in DAMAGED if name not in ("UTF-16", "a byte order mark", "single quotes")])
def test_a_damaged_body_in_binary_mode_still_tells_whose_it_is(name: str) -> None:
    error = refusal(DAMAGED[name], BINARY)
    assert (error.code, error.id, error.source) == ("malformed_json", "lpr-1", "urn:example:kanal")


def test_the_deepest_data_is_read_and_can_be_cleaned_and_written_again() -> None:
    inner = MAX_DEPTH - 1
    data = parse(with_raw_data(b"[" * inner + b"]" * inner), {}).data
    assert orjson.loads(orjson.dumps(clean(data))) == data


def test_many_brackets_beside_one_another_or_in_a_text_are_not_deep() -> None:
    data = {"text": "[{" * 5_000, "parts": [[{}]] * 5_000}
    assert parse(structured(data=data), {}).data == data


@pytest.mark.parametrize(
    "damaged",
    [123, "bukan base64", "e30", base64.b64encode(b"{").decode(), base64.b64encode(b"[" * 200 + b"]" * 200).decode(), "é", None],
)
def test_data_base64_that_is_no_json_is_malformed(damaged: object) -> None:
    error = refusal(structured(data=..., data_base64=damaged))
    assert (error.code, error.id, error.problems[0].path) == ("malformed_json", "lpr-1", "/data_base64")


def test_the_limit_is_in_bytes_of_the_value() -> None:
    empty = len(structured(data={"text": ""}))
    exactly = structured(data={"text": "a" * (MAX_BYTES - empty)})
    assert len(exactly) == MAX_BYTES
    assert parse(exactly, {}).id == "lpr-1"
    assert refusal(exactly + b" ").code == "too_large"
    multibyte = structured(data={"text": "é" * (MAX_BYTES // 2)})
    assert refusal(multibyte).code == "too_large"
    assert refusal(b"x" * (MAX_BYTES + 1), BINARY).code == "too_large"


@pytest.mark.parametrize("value", [b"[]", b"null", b"5", b'"text"', b"true"])
def test_json_that_is_no_object_is_no_cloudevent(value: bytes) -> None:
    assert refusal(value).code == "not_cloudevent"


def test_texts_lose_control_characters_but_tab_newline_and_return() -> None:
    c0 = "".join(map(chr, range(32)))
    value = {"text": f"a{c0}b", "parts": [f"{c0}", 5, None, True, {"x": "\x00"}]}
    assert clean(value) == {"text": "a\t\n\rb", "parts": ["\t\n\r", 5, None, True, {"x": ""}]}


def test_other_characters_stay_as_they_are() -> None:
    text = "Jalan rusak \x7f\x85\u202e\u200d\U0001f6a7 \u0e44\u0e17\u0e22"
    assert clean(text) == text


@given(st.binary(max_size=200), st.dictionaries(st.sampled_from([*BINARY, "content-type", "ce_time"]), st.binary(max_size=40)))
def test_no_bytes_at_all_upset_the_reader(value: bytes, headers: dict[str, bytes]) -> None:
    code = None
    try:
        parse(value, headers)
    except EnvelopeError as error:
        code = error.code
    assert code in {None, "malformed_json", "not_cloudevent"}


def test_what_goes_out_is_a_structured_event_and_the_same_again_as_headers() -> None:
    alike = {"source": "urn:salur:intake", "type": "salur.complaint.accepted.v1", "specversion": "1.0", "datacontenttype": "application/json"}
    stamp = Stamp(alike["source"], alike["type"])
    own = {"id": "1", "sequence": 1, "tracking": "7K3M-9QWD-2F5H"}
    attributes = {**alike, **own}
    value = join(stamp.header(own), b'{"text":"Air mati."}')
    assert orjson.loads(value) == {**attributes, "data": {"text": "Air mati."}}
    headers = dict(stamp.headers(own))
    assert headers == dict(outgoing_headers(attributes))
    assert headers["content-type"] == STRUCTURED.encode()
    assert headers["salur_type"] == b"salur.complaint.accepted.v1"
    assert headers["salur_sequence"] == b"1"
    assert {name.removeprefix("salur_") for name in headers} - {"content-type"} == set(attributes)
    assert not any(name.startswith("ce_") for name in headers)
    read = parse(value, headers)
    assert (read.id, read.attributes["sequence"], read.data) == ("1", 1, {"text": "Air mati."})


def test_json_alone_is_read_by_the_same_rules() -> None:
    assert read_json(b'{"a": 1, "a": 2}') == {"a": 2}
    with pytest.raises(EnvelopeError, match="malformed_json"):
        read_json(b"NaN")
