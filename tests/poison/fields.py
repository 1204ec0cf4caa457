"""Every field of a submission at its limit, one beyond it, and with values of another kind of JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from schemas.words import Channel, Kind
from tests.poison.record import MARK, Poison, Writer

TEXTS: Mapping[str, tuple[int, int]] = {
    "text": (1, 20_000),
    "title": (0, 200),
    "category": (0, 100),
    "addressed_to": (0, 200),
    "external_ref": (0, 100),
    "location/address": (0, 1_000),
    "reporter/name": (0, 200),
    "reporter/nik": (0, 200),
    "reporter/phone": (0, 200),
    "reporter/email": (0, 200),
    "reporter/address": (0, 200),
    "attachments/0/url": (1, 2_048),
    "attachments/0/media_type": (0, 255),
}
"""Least and most characters by path."""
NO_TEXT = {"a number": 5, "true": True, "a list": [MARK], "an object": {MARK: MARK}, "half a number": 0.5}
NO_OBJECT = {"a text": MARK, "a number": 5, "true": True, "a list": [MARK]}
NO_FLAG = {"null": None, "1": 1, "0": 0, "a text": "true", "no": "no", "a list": [], "1.0": 1.0}
NO_WORD = {"null": None, "an unknown word": MARK, "capitals": "COMPLAINT", "a number": 5, "an empty text": "", "a list": ["web"]}
NO_LIST = {"null": None, "a text": MARK, "a number": 5, "an object": {"url": MARK}}


def corpus(write: Writer) -> Iterator[Poison]:
    for path, (least, most) in TEXTS.items():
        yield from _text(write, path, least, most)
    yield from _words(write)
    yield from _flags(write)
    yield from _objects(write)
    yield from _places(write)
    yield from _attachments(write)
    yield from _reply_to(write)
    yield from _many(write)


def put(path: str, value: Any) -> dict[str, Any]:
    """Return the fields of a submission with `value` at `path`."""
    first, *rest = path.split("/")
    for step in reversed(rest):
        value = [value] if step.isdecimal() else {step: value}
    if first == "attachments" and isinstance(value, list) and isinstance(value[0], dict):
        value = [{"url": "https://berkas.example.org/1"} | value[0]]
    return {first: value}


def _text(write: Writer, path: str, least: int, most: int) -> Iterator[Poison]:
    place = f"/data/{path}"
    # A code point beyond the sixteenth bit is one character, whatever it takes in UTF-8 or UTF-16.
    for name, letter in (("letters", "x"), ("emoji", "😀"), ("combined letters", "\u0301")):
        yield write.data(f"{path} of {most} {name}", put(path, letter * most))
        yield write.data(f"{path} of {most + 1} {name}", put(path, letter * (most + 1)), "schema_violation", place)
    if least:
        yield write.data(f"{path} of nothing", put(path, ""), "schema_violation", place)
        yield write.data(f"{path} of one", put(path, "x"))
        yield write.data(f"null for {path}", put(path, None), "schema_violation", place)
    else:
        yield write.data(f"{path} of nothing", put(path, ""))
        yield write.data(f"null for {path}", put(path, None))
    for name, value in NO_TEXT.items():
        yield write.data(f"{name} for {path}", put(path, value), "schema_violation", place)


def _words(write: Writer) -> Iterator[Poison]:
    for kind in Kind:
        yield write.data(f"the kind {kind}", {"kind": str(kind)})
    for channel in Channel:
        yield write.data(f"the channel {channel}", {"channel": str(channel)})
    for field in ("kind", "channel"):
        for name, value in NO_WORD.items():
            yield write.data(f"{name} for {field}", {field: value}, "schema_violation", f"/data/{field}")


def _flags(write: Writer) -> Iterator[Poison]:
    for field in ("anonymous", "confidential"):
        yield write.data(f"true for {field}", {field: True})
        for name, value in NO_FLAG.items():
            yield write.data(f"{name} for {field}", {field: value}, "schema_violation", f"/data/{field}")


def _objects(write: Writer) -> Iterator[Poison]:
    for field in ("reporter", "location"):
        yield write.data(f"null for {field}", {field: None})
        yield write.data(f"an empty {field}", {field: {}})
        yield write.data(f"{field} with a field that nobody knows", {field: {MARK: MARK}})
        for name, value in NO_OBJECT.items():
            yield write.data(f"{name} for {field}", {field: value}, "schema_violation", f"/data/{field}")
    yield write.data("no text", {"text": ...}, "schema_violation", "/data/text")
    yield write.data("fields that nobody knows", {"state": "closed", "case_id": MARK, "owner": MARK, "by": {"role": MARK}, "__class__": MARK})


def _places(write: Writer) -> Iterator[Poison]:
    for field, most in (("lat", 90), ("lon", 180)):
        other = "lon" if field == "lat" else "lat"
        place = f"/data/location/{field}"
        for value in (most, -most, 0, -0.0, most - 1e-9):
            yield write.data(f"{value} for {field}", {"location": {field: value, other: 0}})
        wrong = (most + 1, -most - 0.0001, 1e308, "7.25", "", True, [7.25], {"deg": 7})
        for value in wrong:
            yield write.data(f"{value} for {field}", {"location": {field: value, other: 0}}, "schema_violation", place)
        yield write.data(f"{field} without {other}", {"location": {field: 1}}, "schema_violation", f"/data/location/{other}")
        yield write.data(f"{field} beside null", {"location": {field: 1, other: None}}, "schema_violation", f"/data/location/{other}")


def _attachments(write: Writer) -> Iterator[Poison]:
    def files(**field: Any) -> dict[str, Any]:
        return {"attachments": [{"url": "u"}, {"url": f"https://berkas.example.org/{MARK}", **field}]}

    for number in (0, 1, 10):
        yield write.data(f"{number} attachments", {"attachments": [{"url": "u"}] * number})
    for number in (11, 50_000):
        yield write.data(f"{number} attachments", {"attachments": [1] * number}, "schema_violation", "/data/attachments")
    for name, value in NO_LIST.items():
        yield write.data(f"{name} for attachments", {"attachments": value}, "schema_violation", "/data/attachments")
    yield write.data("an attachment that is none", {"attachments": [MARK]}, "schema_violation", "/data/attachments/0")
    yield write.data("an attachment without address", {"attachments": [{"media_type": MARK}]}, "schema_violation", "/data/attachments/0/url")
    for size in (0, 2**53 - 1, None):
        yield write.data(f"an attachment of {size} bytes", files(size_bytes=size))
    for wrong in (-1, 2**53, 2**64, "5", 5.0, 5.5, True, [5]):
        yield write.data(f"an attachment of {wrong!r} bytes", files(size_bytes=wrong), "schema_violation", "/data/attachments/1/size_bytes")
    for digest in ("a" * 64, "AF09" * 16, None):
        yield write.data(f"the digest {digest}", files(sha256=digest))
    for digest in ("a" * 63, "a" * 65, "g" * 64, "\u0663" * 64, "a" * 64 + "\n", "", 5, b"a".hex()):
        yield write.data(f"the digest {digest!r}", files(sha256=digest), "schema_violation", "/data/attachments/1/sha256")


def _reply_to(write: Writer) -> Iterator[Poison]:
    base = "https://kanal.example.org/"
    good = (
        base,
        base + "x" * (2_048 - len(base)),
        "https://kanal.example.org:8443/a?b=c#d",
        "http://127.0.0.1:8127/x",
        "http://localhost/x",
        "http://[::1]/",
        "HTTPS://Kanal.example.org/",
        "HTTP://LOCALHOST/x",
        None,
    )
    for url in good:
        yield write.data(f"answers to {str(url)[:60]}", {"reply_to": url})
    local = (
        "http://kanal.example.org/",
        "http://localhost.example.org/",
        "http://127.0.0.1.example.org/",
        "http://10.0.0.1/",
        "http://169.254.169.254/latest",
    )
    schemes = (
        "ftp://kanal.example.org/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:text/plain,x",
        "gopher://x/",
        "//kanal.example.org/",
        "kanal.example.org",
    )
    odd = ("https://", "https:///x", f"https://{MARK}:{MARK}@kanal.example.org/", "https://a b/", "https://x\\@y/", "https://x/\r\nHost: y", "", MARK)
    none = ("https://[::1/", f"https://[::1]{MARK}/", "https://x:65536/", "https://x..y/", "https://x/\\y")
    for url in (*local, *schemes, *odd, *none, base + "x" * 2_048):
        yield write.data(f"answers to {url[:60]!r}", {"reply_to": url}, "schema_violation", "/data/reply_to")
    for name, value in NO_TEXT.items():
        yield write.data(f"answers to {name}", {"reply_to": value}, "schema_violation", "/data/reply_to")


def _many(write: Writer) -> Iterator[Poison]:
    wrong = {"text": 5, "title": 5, "kind": MARK, "channel": MARK, "anonymous": MARK, "region": MARK, "reply_to": MARK}
    yield write.data("seven things wrong", wrong, "schema_violation", " ".join(f"/data/{field}" for field in wrong))
    ten = [{"url": 5, "media_type": 5, "size_bytes": MARK, "sha256": MARK}] * 10
    some = [f"/data/attachments/{n}/{field}" for n in range(5) for field in ten[0]]
    yield write.data("forty things wrong, of which twenty are told", {"attachments": ten}, "schema_violation", " ".join(some))
