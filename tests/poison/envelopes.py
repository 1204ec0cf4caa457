"""Events whose envelope is wrong, odd, or in another form."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator
from typing import Any

import orjson

from tests.poison.record import ACTIONS, MARK, SOURCE, TYPE, Poison, Writer

GOOD = b'{"text":"Jalan rusak. RAHASIA"}'
WRONG: dict[str, Any] = {"nothing": ..., "null": None, "an empty text": "", "a number": 5, "true": True, "a list": [MARK], "an object": {MARK: 1}}


def corpus(write: Writer) -> Iterator[Poison]:
    yield from _required(write)
    yield from _names(write)
    yield from _types(write)
    yield from _modes(write)
    yield from _headers(write)
    yield from _encoded(write)
    yield from _optional(write)


def _required(write: Writer) -> Iterator[Poison]:
    for attribute in ("id", "source", "type", "specversion"):
        for name, value in WRONG.items():
            known = {key: None for key in ("id", "source") if key == attribute}
            yield write.event(f"{name} for {attribute}", {attribute: value}, "not_cloudevent", f"/{attribute}", **known)
    for version in ("0.3", "1", "1.1", "2.0", "1.0 ", "v1.0"):
        yield write.event(f"specversion {version}", {"specversion": version}, "not_cloudevent", "/specversion")


def _names(write: Writer) -> Iterator[Poison]:
    def long(text: str, length: int = 500) -> str:
        head = write.id()
        return head + text * (length - len(head))

    noise = random.Random(7)
    astral = "".join(chr(noise.randrange(0x10000, 0x10FFFF)) for _ in range(290))
    taken = {
        "500 characters": long("x"),
        "500 characters of two bytes": long("é"),
        "emoji": write.id() + "🚧👩‍🚒",
        "right to left": write.id() + "שלום",
        "spaces around": f" {write.id()} ",
        "a quote and a backslash": write.id() + "'\"\\; DROP TABLE inbox; --",
        "a per cent sign": write.id() + "%s%00{}${x}",
        "almost 1,200 random bytes": write.id() + astral,
    }
    for name, id_ in taken.items():
        yield write.event(f"an id of {name}", {"id": id_})
    refused = {
        "501 characters": long("x", 501),
        "500 characters of four bytes": long("😀"),
        "a NUL": write.id() + "\0",
        "a line feed": write.id() + "\n",
        "a delete": write.id() + "\x7f",
        "an escape": "\x1b[2J" + write.id(),
    }
    for name, id_ in refused.items():
        yield write.event(f"an id with {name}", {"id": id_}, "not_cloudevent", "/id", id=None)
        yield write.event(f"a source with {name}", {"source": id_}, "not_cloudevent", "/source", source=None)
    sources = {"random bytes to the limit": astral, "a path": "/a/b?c#d", "500 characters": "s" * 500}
    for name, source in sources.items():
        yield write.event(f"a source of {name}", {"source": source})
    yield write.event("the largest id beside the largest source", {"id": write.id() + astral, "source": astral[::-1]})
    yield write.event("a type of 501 characters", {"type": TYPE + "x" * 500}, "not_cloudevent", "/type")


def _types(write: Writer) -> Iterator[Poison]:
    unknown = ("id.go.lapor.aduan.v1", "salur.complaint.submitted", "salur.complaint.submitted.v0", "salur.complaint.submitted.v01", f"{TYPE} ")
    more = (
        TYPE.upper(),
        "salur.complaint.accepted.v1",
        "salur.receipt.v1",
        "timer.due",
        "salur.complaint.submitted.v-1",
        "salur.complaint.withdrawn.v2x",
        MARK,
    )
    for type_ in (*unknown, *more, "salur.case.verify.v1"):
        yield write.event(f"the type {type_}", {"type": type_}, "unknown_type", "/type")
    for number in (2, 17, 10**30):
        yield write.event(f"version {number}", {"type": f"salur.complaint.submitted.v{number}"}, "unsupported_version", "/type")
    yield write.event("a newer version of data that is none", {"type": "salur.complaint.submitted.v3", "data": MARK}, "unsupported_version", "/type")
    yield write.event("a submission among the actions", {}, "unknown_type", "/type", topic=ACTIONS)
    yield write.event("a newer submission among the actions", {"type": "salur.complaint.submitted.v2"}, "unknown_type", "/type", topic=ACTIONS)
    yield write.event("a newer action", {"type": "salur.case.verify.v2"}, "unsupported_version", "/type", topic=ACTIONS)


def _modes(write: Writer) -> Iterator[Poison]:
    yield write.binary("binary mode", GOOD)
    yield write.binary("binary mode with a content type", GOOD, headers={"content-type": b"application/json; charset=utf-8"})
    yield write.binary("binary mode with another content type", GOOD, headers={"content-type": b"text/plain"})
    yield write.binary("binary mode with names in capitals", GOOD, headers={"CE_TIME": b"2026-01-02T03:04:05Z"})
    yield write.binary("binary mode of a tombstone", None, "malformed_json", "")
    yield write.binary("binary mode of nothing", b"", "malformed_json", "")
    yield write.binary("binary mode of no JSON", b"RAHASIA", "malformed_json", "")
    yield write.binary("binary mode of gzip", b"\x1f\x8bRAHASIA", "malformed_json", "", headers={"content-encoding": b"gzip"})
    yield write.binary("binary mode of a list", b'["RAHASIA"]', "schema_violation", "/data")
    whole = write.event("structured mode beside binary headers")
    mixed = [("content-type", b"application/cloudevents+json"), ("ce_id", b"RAHASIA"), ("ce_type", b"RAHASIA")]
    yield Poison(whole.name, whole.value, headers=mixed, id=whole.id)
    for content in ("APPLICATION/CLOUDEVENTS+JSON; charset=UTF-8", "application/json", "text/plain", "", "RAHASIA"):
        whole = write.event(f"structured mode as {content or 'nothing'}")
        yield Poison(whole.name, whole.value, headers=[("content-type", content.encode())], id=whole.id)
    batch = [orjson.loads(write.event("").value or b"") for _ in range(3)]
    for name, content in (("batch mode", b"application/cloudevents-batch+json"), ("a list in structured mode", b"application/cloudevents+json")):
        yield write.raw(name, orjson.dumps(batch), "not_cloudevent", headers=[("content-type", content)])
    yield write.raw("an event in Avro's form", b"\x02RAHASIA", "malformed_json", headers=[("content-type", b"application/cloudevents+avro")])


def _headers(write: Writer) -> Iterator[Poison]:
    for attribute in ("id", "source", "type", "specversion"):
        for name, value in {"missing": ..., "empty": b"", "not UTF-8": b"RAHASIA \xff\xfe", "with a NUL": b"a\0b"}.items():
            made = write.binary(f"binary mode, {attribute} {name}", GOOD, "not_cloudevent", f"/{attribute}", headers={f"ce_{attribute}": value})
            unknown = {key: None for key in ("id", "source") if key == attribute}
            yield Poison(made.name, made.value, made.code, made.paths, made.headers, **({"id": made.id, "source": SOURCE} | unknown))
    yield write.binary("binary mode, a time that is not UTF-8", GOOD, "not_cloudevent", "/time", headers={"ce_time": b"\xff\xfe"})
    yield write.binary("binary mode, strange headers", GOOD, headers={"ce_": b"", "": b"RAHASIA", "x" * 5_000: b"y" * 50_000, "traceparent": b"\xff"})
    made = write.binary("binary mode, an id twice, the last stands", GOOD)
    yield Poison(made.name, made.value, headers=[("ce_id", b"RAHASIA"), *made.headers], id=made.id)
    made = write.event("a hundred headers")
    yield Poison(made.name, made.value, headers=[(f"h{n}", b"\xff\x00RAHASIA") for n in range(100)], id=made.id)
    yield write.raw(
        "one stray binary header", b'{"specversion":"1.0","RAHASIA":1}', "not_cloudevent", "/specversion /id /source /type", headers=[("ce_x", b"1")]
    )


def _encoded(write: Writer) -> Iterator[Poison]:
    good = base64.b64encode(GOOD).decode()
    yield write.event("data in base64", {"data": ..., "data_base64": good})
    yield write.event("data in both forms", {"data": {"text": 5}, "data_base64": good})
    bad = {
        "no base64": f"{MARK}!",
        "cut": good[:-2],
        "with line feeds": good[:8] + "\n" + good[8:],
        "for URLs": base64.urlsafe_b64encode(b"\xfb\xff").decode(),
    }
    inside = {
        "of no JSON": MARK.encode(),
        "of NaN": b'{"text":NaN}',
        "of invalid UTF-8": b'{"text":"\xff"}',
        "too deep": b"[" * 200 + b"]" * 200,
        "of nothing": b"",
    }
    encoded = {name: base64.b64encode(value).decode() for name, value in inside.items()}
    for name, value in {**bad, **encoded, "a number": 5, "null": None, "a list": [good]}.items():
        yield write.event(f"base64 {name}", {"data": ..., "data_base64": value}, "malformed_json", "/data_base64")
    text = base64.b64encode(b'{"text":"\\u0000RAHASIA"}').decode()
    yield write.event("a NUL within base64", {"data": ..., "data_base64": text})
    for name, value in {"nothing": ..., "null": None, "a text": MARK, "a list": [MARK], "a number": 1.5, "false": False}.items():
        yield write.event(f"{name} for data", {"data": value}, "schema_violation", "/data")
    yield write.event("data that say they are XML", {"datacontenttype": "application/xml", "data": f"<x>{MARK}</x>"}, "schema_violation", "/data")
    yield write.event("JSON that says it is XML", {"datacontenttype": "application/xml"})


def _optional(write: Writer) -> Iterator[Poison]:
    for attribute in ("subject", "dataschema", "tracking", "correlationid", "causationid", "traceparent", "sequence", "partitionkey"):
        yield write.event(f"an odd {attribute}", {attribute: {MARK: [1]}})
        yield write.event(f"{attribute} with control characters", {attribute: f"{MARK}\0\r\n\x1b"})
    for attribute in ("correlationid", "traceparent"):
        yield write.event(f"a {attribute} of 200,000 characters", {attribute: MARK + "x" * 200_000})
        yield write.binary(f"a {attribute} of 600,000 control characters", GOOD, headers={f"ce_{attribute}": b"\x01" * 600_000})
    for name, value in {
        "a number": 5,
        "an empty text": "",
        "a list": [],
        "a day": "2026-01-02",
        "no offset": "2026-01-02T03:04:05",
        "words": MARK,
    }.items():
        yield write.event(f"{name} for time", {"time": value}, "not_cloudevent", "/time")
