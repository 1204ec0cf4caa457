"""The CloudEvents 1.0 codec: both Kafka modes in, structured mode with `salur_*` headers out."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import orjson

from schemas.base import Problem
from schemas.times import read_time

MAX_BYTES: Final = 256 * 1024
"""The largest value of a record or body (contracts §3)."""
MAX_ID: Final = 500
"""Characters of `id` and of `source`: both are keys of an index (docs/contract.md)."""
MAX_ID_BYTES: Final = 1200
"""The same in UTF-8: together they must fit into an entry of a B-tree, a third of a page (2,704 bytes)."""
MAX_DEPTH: Final = 100
"""Lists and objects within one another; what is deeper could be read, but neither walked nor written again."""

STRUCTURED: Final = "application/cloudevents+json"
_REQUIRED: Final = ("specversion", "id", "source", "type")
_OPTIONAL: Final = ("subject", "datacontenttype", "dataschema", "tracking", "causationid", "correlationid", "traceparent")
_CONTENT_TYPE: Final = ("content-type", STRUCTURED.encode())
_NAMES: Final = {name: f"salur_{name}" for name in (*_REQUIRED, *_OPTIONAL, "time", "sequence")}
_ALIKE: Final = {"specversion": "1.0", "datacontenttype": "application/json"}
"""What every outgoing event has alike."""
_CONTROL: Final = re.compile("[\x00-\x1f\x7f]")
_UNFIT: Final = f"must have at most {MAX_ID} characters ({MAX_ID_BYTES} bytes in UTF-8), none of them a control character"
_C0: Final = dict.fromkeys(n for n in range(32) if n not in (9, 10, 13))


class EnvelopeError(Exception):
    """The input is not a CloudEvent; `code` and `problems` say why, never what it held."""

    def __init__(self, code: str, problems: Sequence[Problem], *, id: str | None = None, source: str | None = None) -> None:  # noqa: A002 - CloudEvents' name
        super().__init__(code)
        self.code = code
        self.problems = tuple(problems)
        self.id = id
        self.source = source


class Envelope(NamedTuple):
    """A CloudEvent before its data is validated; `data` is parsed JSON, `attributes` are the optional ones by name."""

    id: str
    source: str
    type: str
    time: datetime | None
    data: Any
    attributes: Mapping[str, Any]


def parse(value: bytes | None, headers: Mapping[str, bytes]) -> Envelope:
    """Read one record in structured or binary mode; header names are lower case.

    Raises EnvelopeError with `too_large`, `malformed_json` or `not_cloudevent`.
    """
    if value is not None and len(value) > MAX_BYTES:
        raise EnvelopeError("too_large", [Problem("", f"the value is larger than {MAX_BYTES} bytes")])
    content_type = headers.get("content-type", b"").decode("latin-1").split(";")[0].strip().lower()
    if content_type != STRUCTURED and any(name.startswith("ce_") for name in headers):
        attributes = {name[3:]: _header_text(raw) for name, raw in headers.items() if name.startswith("ce_")}
        return _envelope(attributes, value or b"")
    document = _json(value)
    if not isinstance(document, dict):
        raise EnvelopeError("not_cloudevent", [Problem("", "a CloudEvent is a JSON object")])
    return _envelope(document, None)


def read_json(value: bytes | None) -> Any:
    """Parse JSON strictly; raises EnvelopeError `malformed_json` (also for NaN, lone surrogates and invalid UTF-8)."""
    return _json(value)


def clean(value: Any) -> Any:
    """Return parsed JSON whose texts have lost the C0 control characters but tab, newline and carriage return (contracts §3)."""
    if isinstance(value, str):
        return value.translate(_C0)
    if isinstance(value, list):
        return [clean(item) for item in value]
    if isinstance(value, dict):
        return {key: clean(item) for key, item in value.items()}
    return value


def _json(value: bytes | None) -> Any:
    raw = value or b""
    try:
        document = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise EnvelopeError("malformed_json", [Problem("", "the value is not JSON")]) from None
    if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH and _too_deep(document):
        raise EnvelopeError("malformed_json", [Problem("", f"the value is nested deeper than {MAX_DEPTH}")])
    return document


def _too_deep(document: Any) -> bool:
    level = [document]
    for _ in range(MAX_DEPTH):
        level = [child for item in level for child in (item.values() if isinstance(item, dict) else item) if isinstance(child, dict | list)]
        if not level:
            return False
    return True


def _header_text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return "\x00"


def _envelope(document: dict[str, Any], body: bytes | None) -> Envelope:
    needed = _fitting(document, _REQUIRED)
    problems = _attribute_problems(document, needed) if len(needed) < len(_REQUIRED) or needed["specversion"] != "1.0" else []
    time = None
    if (given := document.get("time")) is not None and (time := read_time(given)) is None:
        problems.append(Problem("/time", "must be an RFC 3339 time with offset"))
    if problems:
        raise EnvelopeError("not_cloudevent", problems, id=needed.get("id"), source=needed.get("source"))
    attributes: dict[str, Any] = _fitting(document, _OPTIONAL)
    if "sequence" in document:
        attributes["sequence"] = document["sequence"]
    return Envelope(needed["id"], needed["source"], needed["type"], time, _data(document, body), attributes)


def _fitting(document: dict[str, Any], names: Sequence[str]) -> dict[str, str]:
    """Return those of the attributes that can be ones."""
    return {name: value for name in names if isinstance(value := document.get(name), str) and fits(value)}


def _attribute_problems(document: dict[str, Any], needed: Mapping[str, str]) -> list[Problem]:
    problems = []
    for name in _REQUIRED:
        if name not in needed:
            given = isinstance(value := document.get(name), str) and value
            problems.append(Problem(f"/{name}", _UNFIT if given else "is required and must be a text that is not empty"))
    return problems or [Problem("/specversion", "must be 1.0")]


def fits(value: str) -> bool:
    """Tell whether a text can be an attribute: neither empty nor too long, no control characters."""
    short = 0 < len(value) <= MAX_ID and (value.isascii() or len(value.encode()) <= MAX_ID_BYTES)
    return short and (value.isprintable() or not _CONTROL.search(value))


def _data(document: dict[str, Any], body: bytes | None) -> Any:
    if body is not None:
        try:
            return _json(body)
        except EnvelopeError as error:
            raise EnvelopeError(error.code, error.problems, id=document["id"], source=document["source"]) from None
    if "data_base64" in document:
        try:
            return _json(base64.b64decode(document["data_base64"], validate=True))
        except (EnvelopeError, TypeError, ValueError, binascii.Error):
            problem = Problem("/data_base64", "must be JSON in base64")
            raise EnvelopeError("malformed_json", [problem], id=document["id"], source=document["source"]) from None
    return document.get("data")


class Stamp:
    """What all events of one type from one source have alike: the beginning of their header, and record headers, made once."""

    def __init__(self, source: str, type: str, dataschema: str | None = None) -> None:  # noqa: A002 - CloudEvents' names
        alike = {"type": type, **_ALIKE, "source": source, **({"dataschema": dataschema} if dataschema else {})}
        self._start = orjson.dumps(alike)[:-1] + b","
        self._pairs = outgoing_headers(alike)

    def header(self, own: Mapping[str, Any]) -> bytes:
        """Return the JSON of an event's attributes, of which `own` are its own: everything but its data."""
        return self._start + orjson.dumps(own)[1:]

    def headers(self, own: Mapping[str, Any]) -> list[tuple[str, bytes]]:
        """Return the same attributes as record headers."""
        return self._pairs + [(_NAMES[name], value.encode() if type(value) is str else b"%d" % value) for name, value in own.items()]


def join(head: bytes, data: bytes) -> bytes:
    """Return the structured CloudEvent of a header and its data, without parsing either."""
    return b'%b,"data":%b}' % (head[:-1], data)


def outgoing_headers(attributes: Mapping[str, Any]) -> list[tuple[str, bytes]]:
    """Return the record headers of an outgoing event: the content type and each attribute as `salur_<name>`."""
    return [_CONTENT_TYPE, *((f"salur_{name}", str(value).encode()) for name, value in attributes.items())]
