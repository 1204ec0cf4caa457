"""Bytes that are no event at all, or hardly one."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import orjson

from tests.poison.record import LARGEST, MARK, SOURCE, TYPE, Poison, Writer


def structured(id_: str, data: bytes) -> bytes:
    return b'{"specversion":"1.0","id":"%b","source":"%b","type":"%b","data":%b}' % (id_.encode(), SOURCE.encode(), TYPE.encode(), data)


def corpus(write: Writer) -> Iterator[Poison]:
    yield from _no_json(write)
    yield from _characters(write)
    yield from _sizes(write)
    yield from _depths(write)
    yield from _numbers(write)


def _no_json(write: Writer) -> Iterator[Poison]:
    whole = structured("x", b'{"text":"%b"}' % MARK.encode())
    hostile: dict[str, bytes | None] = {
        "a tombstone": None,
        "an empty value": b"",
        "white space": b" \r\n\t ",
        "half a document": whole[:-1],
        "two documents": whole + whole,
        "a document and a bit": whole + b"x",
        "plain text": f"Tolong. {MARK}".encode(),
        "a comma too many": whole[:-1] + b",}",
        "single quotes": whole.replace(b'"', b"'"),
        "a comment": b"/* " + MARK.encode() + b" */" + whole,
        "a byte order mark": b"\xef\xbb\xbf" + whole,
        "UTF-16": whole.decode().encode("utf-16"),
        "UTF-32": whole.decode().encode("utf-32"),
        "latin-1": whole.replace(b"RAHASIA", "RAHASIA é".encode("latin-1")),
        "an overlong slash in UTF-8": whole.replace(b"RAHASIA", b"RAHASIA \xc0\xaf"),
        "a surrogate in UTF-8": whole.replace(b"RAHASIA", b"RAHASIA \xed\xa0\x80"),
        "a cut character": whole.replace(b"RAHASIA", b"RAHASIA \xf0\x9f\x98"),
        "a byte that is never UTF-8": b"\xff" + whole,
        "a lone high surrogate": whole.replace(b"RAHASIA", b"RAHASIA \\ud800"),
        "a lone low surrogate": whole.replace(b"RAHASIA", b"RAHASIA \\udc00"),
        "surrogates the wrong way round": whole.replace(b"RAHASIA", b"RAHASIA \\udc00\\ud800"),
        "an escape that is none": whole.replace(b"RAHASIA", b"RAHASIA \\x41"),
        "a raw NUL within a text": whole.replace(b"RAHASIA", b"RAHASIA \x00"),
        "a raw line feed within a text": whole.replace(b"RAHASIA", b"RAHASIA \n"),
        "a NUL behind the document": whole + b"\x00",
        "gzip": gzip.compress(whole),
        "an Avro record with its schema's number": b"\x00\x00\x00\x00\x07" + whole,
        "Avro's container": b"Obj\x01" + whole,
        "Protobuf": b"\x0a\x04" + whole,
        "XML": b"<event><text>RAHASIA</text></event>",
        "a pickle": b"\x80\x04\x95\x1f\x00\x00\x00\x00\x00\x00\x00\x8c\x07RAHASIA.",
        "zeros": bytes(1000),
    }
    for name, value in hostile.items():
        yield write.raw(name, value, "malformed_json")
    for name, value in {"a list": b'["RAHASIA"]', "a text": b'"RAHASIA"', "a number": b"5", "true": b"true", "null": b"null"}.items():
        yield write.raw(f"{name} instead of an object", value, "not_cloudevent")
    yield write.raw("an object that is no event", b'{"text":"RAHASIA"}', "not_cloudevent", "/specversion /id /source /type")


def _characters(write: Writer) -> Iterator[Poison]:
    for number in (*range(32), 127, 0x85, 0x200B, 0x202E, 0x2028, 0xFEFF, 0xFFFE, 0x10FFFF):
        fields = {"text": f"{MARK} a{chr(number)}b", "title": f"{MARK}{chr(number)}", "external_ref": f"{MARK}{chr(number)}"}
        yield write.data(f"U+{number:04X} in texts", fields | {"reporter": {"name": f"{MARK}{chr(number)}"}})
    for number in (0, 1, 8, 27, 31):
        yield write.data(f"nothing but U+{number:04X} for a text", {"text": chr(number) * 3}, "schema_violation", "/data/text")
    id_ = write.id()
    value = structured(id_, b'{"text":"first RAHASIA","text":"a","text":"last RAHASIA"}')
    yield write.raw("a field three times", value, "ok", None, id=id_)
    twice = write.id()
    yield write.raw(
        "a field twice, the last of it wrong", structured(twice, b'{"text":"RAHASIA","text":5}'), "schema_violation", "/data/text", id=twice
    )
    last = write.id()
    value = structured("RAHASIA-first", b'{"text":"RAHASIA"}').replace(b'"source"', b'"id":"%b","source"' % last.encode(), 1)
    yield write.raw("an id twice", value, "ok", None, id=last)


def _sizes(write: Writer) -> Iterator[Poison]:
    for name, size, code in (
        ("exactly the largest", LARGEST, "ok"),
        ("one byte too large", LARGEST + 1, "too_large"),
        ("huge", 900_000, "too_large"),
    ):
        id_ = write.id()
        frame = structured(id_, b'{"text":"RAHASIA","more":""}')
        value = structured(id_, b'{"text":"RAHASIA","more":"%b"}' % (b"x" * (size - len(frame))))
        assert len(value) == size
        known = {"id": id_} if code == "ok" else {}
        yield write.raw(name, value, code, None if code == "ok" else "", **known)
    yield write.raw("huge and no JSON", b"\xff" * 600_000, "too_large")
    body = b'{"text":"%b"}' % (b"x" * LARGEST)
    yield write.raw("too large in binary mode", body, "too_large", headers=_headers(write.id()))


def _headers(id_: str) -> list[tuple[str, bytes]]:
    return [("ce_specversion", b"1.0"), ("ce_id", id_.encode()), ("ce_source", SOURCE.encode()), ("ce_type", TYPE.encode())]


def _depths(write: Writer) -> Iterator[Poison]:
    for name, opening, closing in (("lists", b"[", b"]"), ("objects", b'{"a":', b"}")):
        for depth in (98, 99, 1_000, 10_000):
            inner = opening * depth + b"1" + closing * depth
            id_ = write.id()
            value = structured(id_, b'{"text":"RAHASIA","more":%b}' % inner)
            if depth == 98:
                yield write.raw(f"{name} nested to the limit", value, "ok", None, id=id_)
            else:
                yield write.raw(f"{depth} {name} within one another", value, "malformed_json")
    yield write.raw("brackets without end", b"[" * 100_000, "malformed_json")
    yield write.data("many brackets in a text", {"text": f"{MARK} " + "[{" * 5_000})


def _numbers(write: Writer) -> Iterator[Poison]:
    for name in ("NaN", "Infinity", "-Infinity", "nan", "01", "1e999", "-1e999", "+1", ".5", "0x10", "9" * 5_000):
        value = structured("x", b'{"text":"RAHASIA","more":%b}' % name.encode())
        yield write.raw(f"{name[:10]} for a number", value, "malformed_json")
    for name in ("18446744073709551616", "-9223372036854775809", "1e308", "1e-400", "-0.0", "123456789012345678901234567890"):
        id_ = write.id()
        value = structured(id_, b'{"text":"RAHASIA","more":%b}' % name.encode())
        yield write.raw(f"{name} where nobody looks", value, "ok", None, id=id_)
    keys = orjson.dumps({"text": MARK, "": 1, "\u0000": 2, "\u202e": 3, "__proto__": {"x": 1}, "a" * 10_000: 4})
    id_ = write.id()
    yield write.raw("strange keys", structured(id_, keys), "ok", None, id=id_)
