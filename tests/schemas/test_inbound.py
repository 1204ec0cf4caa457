"""What others may send: every limit of the contract, to the letter; a refusal never quotes what was written."""

from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator

from schemas.base import Problem
from schemas.envelope import EnvelopeError
from schemas.inbound.case_follow_up_v1 import CaseFollowUp
from schemas.inbound.complaint_submitted_v1 import ComplaintSubmitted
from schemas.publish import schema_of
from schemas.registry import EVENTS, Model, read
from schemas.routing.case_transferred_v1 import CaseTransferred
from schemas.words import Channel, Kind

SECRET = "3578-RAHASIA"


def problems(model: Model, data: Any) -> tuple[Problem, ...]:
    with pytest.raises(EnvelopeError) as caught:
        read(model, data)
    assert caught.value.code == "schema_violation"
    return caught.value.problems


def paths(model: Model, data: Any) -> list[str]:
    return [problem.path for problem in problems(model, data)]


def fits_published(model: Model, data: Any) -> bool:
    return bool(Draft202012Validator(schema_of(EVENTS[model.TYPE])).is_valid(data))


def submission(**fields: Any) -> dict[str, Any]:
    return {"text": "Air mati.", **fields}


def attachment(**fields: Any) -> dict[str, Any]:
    return {"attachments": [{"url": "https://berkas.example.org/1.jpg"}, {"url": "https://berkas.example.org/2.jpg", **fields}]}


TAKEN: dict[str, dict[str, Any]] = {
    "the shortest text": {"text": "a"},
    "the longest text": {"text": "é" * 20_000},
    "the longest title": {"title": "a" * 200},
    "an empty title": {"title": ""},
    "a province": {"region": "35"},
    "a regency": {"region": "35.22"},
    "a district": {"region": "35.22.05"},
    "a village": {"region": "35.22.05.2001"},
    "a category in free words": {"category": "Jalan & jembatan " + "a" * 83},
    "an addressee": {"addressed_to": "a" * 200},
    "an own number": {"external_ref": "a" * 100},
    "the corners of the world": {"location": {"lat": -90, "lon": 180}},
    "an address alone": {"location": {"address": "Depan pasar"}},
    "a reporter with some fields": {"reporter": {"nik": "a" * 200, "name": None}},
    "ten attachments": {"attachments": [{"url": "u"}] * 10},
    "an attachment of no bytes": attachment(size_bytes=0),
    "a digest in capitals": attachment(sha256="A" * 64),
    "a status address": {"reply_to": "https://kanal.example.org:8443/salur?x=1#y"},
    "a status address on this machine": {"reply_to": "http://127.0.0.1:8127/salur"},
    "a status address on this machine by name": {"reply_to": "http://localhost"},
    "a status address in capitals": {"reply_to": "HTTPS://Kanal.Example.ORG/salur"},
    "a status address on this machine in capitals": {"reply_to": "HTTP://LocalHost:8127/"},
    "a status address at the last port": {"reply_to": "https://[2001:db8::1]:65535/"},
    "null where nothing is the default": dict.fromkeys(("title", "category", "region", "location", "submitted_at", "reporter", "reply_to")),
    "unknown fields": {"unknown": {"deep": [1]}, "by": 5},
    "the first instant of 2000": {"submitted_at": "2000-01-01T00:00:00Z"},
    "a far future, which intake judges": {"submitted_at": "9999-01-01T00:00:00+07:00"},
    "the end of time in the west": {"submitted_at": "9999-12-31T23:59:59-23:59"},
    "a fraction of many digits": {"submitted_at": f"2026-11-02T08:14:55.{'1' * 270}+07:00"},
}
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no text": ({"text": ...}, "/data/text"),
    "an empty text": ({"text": ""}, "/data/text"),
    "a text too long": ({"text": "a" * 20_001}, "/data/text"),
    "a number for a text": ({"text": 5}, "/data/text"),
    "null for a text": ({"text": None}, "/data/text"),
    "a title too long": ({"title": "a" * 201}, "/data/title"),
    "a list for a title": ({"title": ["a"]}, "/data/title"),
    "an unknown kind": ({"kind": "keluhan"}, "/data/kind"),
    "null for a kind": ({"kind": None}, "/data/kind"),
    "an unknown channel": ({"channel": "fax"}, "/data/channel"),
    "a category too long": ({"category": "a" * 101}, "/data/category"),
    "one digit for a region": ({"region": "3"}, "/data/region"),
    "a region without dots": ({"region": "3522"}, "/data/region"),
    "a region that ends in a dot": ({"region": "35."}, "/data/region"),
    "a region with a village of three digits": ({"region": "35.22.05.201"}, "/data/region"),
    "a region in other digits": ({"region": "\u0663\u0665"}, "/data/region"),
    "a number for a region": ({"region": 35}, "/data/region"),
    "an addressee too long": ({"addressed_to": "a" * 201}, "/data/addressed_to"),
    "an own number too long": ({"external_ref": "a" * 101}, "/data/external_ref"),
    "north of the pole": ({"location": {"lat": 90.001, "lon": 0}}, "/data/location/lat"),
    "east of the world": ({"location": {"lat": 0, "lon": -180.5}}, "/data/location/lon"),
    "a text for a latitude": ({"location": {"lat": "7", "lon": 0}}, "/data/location/lat"),
    "true for a latitude": ({"location": {"lat": True, "lon": 0}}, "/data/location/lat"),
    "half a point": ({"location": {"lat": -7.2}}, "/data/location/lon"),
    "the other half of a point": ({"location": {"lon": 111.9}}, "/data/location/lat"),
    "a text for a location": ({"location": "Depan pasar"}, "/data/location"),
    "an address too long": ({"location": {"address": "a" * 1_001}}, "/data/location/address"),
    "a reporter's name too long": ({"reporter": {"name": "a" * 201}}, "/data/reporter/name"),
    "a number for an identity number": ({"reporter": {"nik": 3578}}, "/data/reporter/nik"),
    "one for true": ({"anonymous": 1}, "/data/anonymous"),
    "a text for true": ({"confidential": "true"}, "/data/confidential"),
    "null for false": ({"confidential": None}, "/data/confidential"),
    "eleven attachments": ({"attachments": [{"url": "u"}] * 11}, "/data/attachments"),
    "fifty thousand wrong attachments": ({"attachments": [1] * 50_000}, "/data/attachments"),
    "an object for attachments": ({"attachments": {"url": "u"}}, "/data/attachments"),
    "an attachment without address": ({"attachments": [{"url": "u"}, {}]}, "/data/attachments/1/url"),
    "an attachment's address too long": (attachment(url="a" * 2_049), "/data/attachments/1/url"),
    "a text for a size": (attachment(size_bytes="5"), "/data/attachments/1/size_bytes"),
    "true for a size": (attachment(size_bytes=True), "/data/attachments/1/size_bytes"),
    "a size below nothing": (attachment(size_bytes=-1), "/data/attachments/1/size_bytes"),
    "a size beyond counting": (attachment(size_bytes=2**53), "/data/attachments/1/size_bytes"),
    "a digest too short": (attachment(sha256="a" * 63), "/data/attachments/1/sha256"),
    "a media type too long": (attachment(media_type="a" * 256), "/data/attachments/1/media_type"),
    "a status address without encryption": ({"reply_to": "http://kanal.example.org"}, "/data/reply_to"),
    "a status address that only looks local": ({"reply_to": "http://localhost.example.org/"}, "/data/reply_to"),
    "a status address with a password": ({"reply_to": "https://a:b@kanal.example.org/"}, "/data/reply_to"),
    "a status address elsewhere": ({"reply_to": "file:///etc/passwd"}, "/data/reply_to"),
    "a status address too long": ({"reply_to": "https://kanal.example.org/" + "a" * 2_048}, "/data/reply_to"),
}
NO_TIME: dict[str, object] = {
    "the last instant of 1999": "1999-12-31T23:59:59Z",
    "2000 in the east, 1999 in the world": "2000-01-01T06:59:59+07:00",
    "the year 1 in the east": "0001-01-01T00:00:00+07:00",
    "a fraction without end": f"2026-11-02T08:14:55.{'1' * 300}+07:00",
    "minutes beyond an hour in the offset": "2026-11-02T08:14:55+01:60",
    "the year 0": "0000-12-31T23:59:59-07:00",
    "no offset": "2026-11-02T08:15:30",
    "a day": "2026-11-02",
    "seconds since 1970": 1_793_000_000,
    "the same as a text": "1793000000",
    "words": "kemarin sore",
    "a date that is none": "2026-02-30T08:00:00+07:00",
    "true": True,
}


@pytest.mark.parametrize("name", TAKEN)
def test_a_submission_within_the_limits_is_taken(name: str) -> None:
    data = submission() | TAKEN[name]
    assert fits_published(ComplaintSubmitted, data)
    assert read(ComplaintSubmitted, data).text == data["text"]


@pytest.mark.parametrize("name", REFUSED)
def test_a_submission_beyond_a_limit_is_refused_at_its_place(name: str) -> None:
    changes, path = REFUSED[name]
    data = {field: value for field, value in (submission() | changes).items() if value is not ...}
    assert paths(ComplaintSubmitted, data) == [path]
    assert not fits_published(ComplaintSubmitted, data)


@pytest.mark.parametrize("name", NO_TIME)
def test_a_time_of_filing_has_an_offset_and_lies_in_this_millennium(name: str) -> None:
    assert paths(ComplaintSubmitted, submission(submitted_at=NO_TIME[name])) == ["/data/submitted_at"]


@pytest.mark.parametrize("data", [None, [], "text", 5, True])
def test_data_that_is_no_object_is_refused_as_a_whole(data: object) -> None:
    assert problems(ComplaintSubmitted, data) == (Problem("/data", "must be an object"),)


def test_what_is_left_out_has_its_default() -> None:
    read_ = read(ComplaintSubmitted, submission())
    assert (read_.kind, read_.channel, read_.anonymous, read_.confidential) == (Kind.COMPLAINT, Channel.OTHER, False, False)
    assert (read_.category, read_.region, read_.reporter, read_.attachments) == (None, None, None, ())
    assert orjson.loads(read_.to_json()) == submission()


def test_a_time_of_filing_is_kept_in_utc() -> None:
    read_ = read(ComplaintSubmitted, submission(submitted_at="2026-11-02T08:14:55.25+07:00"))
    assert orjson.loads(read_.to_json())["submitted_at"] == "2026-11-02T01:14:55.250000Z"


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("channel", Channel)
def test_every_kind_is_taken_by_every_channel(kind: Kind, channel: Channel) -> None:
    read_ = read(ComplaintSubmitted, submission(kind=str(kind), channel=str(channel)))
    assert (read_.kind, read_.channel) == (kind, channel)


def test_all_that_is_wrong_is_said_at_once_but_never_more_than_twenty_things() -> None:
    many = submission(attachments=[{"url": 5, "media_type": 5, "size_bytes": "5", "sha256": 5}] * 10)
    assert len(problems(ComplaintSubmitted, many)) == 20
    assert len(set(paths(ComplaintSubmitted, many))) == 20
    assert len(problems(ComplaintSubmitted, many | {"text": "", "title": 5, "attachments": many["attachments"][:1]})) == 6


def test_a_refusal_never_quotes_what_was_written() -> None:
    everything: dict[str, Any] = dict.fromkeys(ComplaintSubmitted.model_fields, SECRET * 2_000)
    everything |= {"location": {"lat": SECRET, "lon": SECRET, "address": 5}, "attachments": [{"url": 5, SECRET: SECRET, "sha256": SECRET}]}
    everything |= {"reporter": {"nik": [SECRET], "name": {SECRET: 1}}, SECRET: SECRET}
    found = problems(ComplaintSubmitted, everything)
    assert len(found) > 12
    assert SECRET not in str(found)
    assert SECRET not in str(problems(CaseFollowUp, {"case_id": SECRET, "by": {"role": SECRET, "agency": {SECRET: 1}}, "text": [SECRET]}))
    assert SECRET not in str(problems(CaseTransferred, {"by": SECRET, "decided_by": {"role": [SECRET]}, "hop": SECRET, "from": {}}))


def test_every_kind_of_mistake_has_a_sentence_of_its_own() -> None:
    for changes, _ in REFUSED.values():
        data = {field: value for field, value in (submission() | changes).items() if value is not ...}
        for problem in problems(ComplaintSubmitted, data):
            assert problem.message.startswith(("must ", "is required", "lat and lon")), problem
            assert "{" not in problem.message


def test_the_only_shortest_length_is_one_which_the_sentence_relies_on() -> None:
    def lengths(node: Any) -> set[int]:
        if isinstance(node, dict):
            own = {node["minLength"]} if "minLength" in node else set()
            return own.union(*map(lengths, node.values()))
        return set().union(*map(lengths, node)) if isinstance(node, list) else set()

    assert set().union(*(lengths(schema_of(entry)) for entry in EVENTS.values())) == {1}


def test_every_text_that_comes_in_is_bounded() -> None:
    def unbounded(node: Any, place: str) -> list[str]:
        if isinstance(node, dict):
            bounds = node.keys() & {"maxLength", "enum", "pattern", "format"}
            own = [place] if node.get("type") == "string" and not bounds else []
            return own + [found for name, child in node.items() for found in unbounded(child, f"{place}/{name}")]
        return [found for child in node for found in unbounded(child, place)] if isinstance(node, list) else []

    for entry in EVENTS.values():
        if entry.inbound:
            assert unbounded(schema_of(entry), entry.type) == []
