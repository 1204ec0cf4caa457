"""Reading what somebody wants to publish: lines of JSON or a table, each made the CloudEvent it stands for.

A line may be a CloudEvent, `{"idempotency_key", "data"}`, or the data of a submission alone. What has no id of its own gets one that
follows from its content and from how often that content came before: the same file published again is all duplicates.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, BinaryIO, Final

import orjson

from cli.common import WRONG_USE, Failure
from schemas.base import Problem
from schemas.envelope import MAX_BYTES, EnvelopeError, read_json
from schemas.inbound.complaint_submitted_v1 import ComplaintSubmitted

OPEN: Final = "urn:salur:open"
"""Who publishes while authentication is off."""
MOST_BYTES: Final = 1 << 20
"""Of a line: what is longer is passed over unread."""
_BOM: Final = b"\xef\xbb\xbf"
_WRAPPED: Final = frozenset({"idempotency_key", "data"})
_EVENT_ONLY: Final = frozenset({"type", "source"})


@dataclass(slots=True)
class Line:
    """One line: the event to publish, or why there is none."""

    number: int
    event: dict[str, Any] | None = None
    value: bytes = b""
    """The event's bytes: the line's own where it was a whole event."""
    code: str = ""
    errors: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """A line from which nothing could be read."""

    code: str
    message: str


Read = tuple[int, dict[str, Any] | bytes | Fault]
"""A line's number with what was read of it: a row of a table, the bytes of a line of JSON, or a fault."""


class Source:
    """Makes events of lines; one for a whole file, for it counts what it has seen."""

    def __init__(self, source: str = OPEN) -> None:
        self._source = source
        self._seen: Counter[bytes] = Counter()

    def events(self, read: Iterable[Read]) -> Iterator[Line]:
        """Return each line's event."""
        for number, what in read:
            yield self._line(number, what)

    def _line(self, number: int, what: dict[str, Any] | bytes | Fault) -> Line:
        if isinstance(what, Fault):
            return Line(number, code=what.code, errors=(Problem("", what.message),))
        if isinstance(what, bytes):
            try:
                document = read_json(what)
            except EnvelopeError as error:
                return Line(number, code=error.code, errors=(Problem("", _json_advice(what)),))
            if not isinstance(document, dict):
                return Line(number, code="not_cloudevent", errors=(Problem("", "a line is one JSON object"),))
        else:
            document = what
        return self._sized(self._event(number, document, what if isinstance(what, bytes) else b""))

    def _event(self, number: int, document: dict[str, Any], raw: bytes) -> Line:
        if "specversion" in document or ("data" in document and _EVENT_ONLY & document.keys()):
            if document.get("id") is not None and "source" in document:
                return Line(number, document, raw)
            named = {"id": self._id(document), "source": self._source, **{name: value for name, value in document.items() if value is not None}}
            return Line(number, named, orjson.dumps(named))
        key, data = None, document
        if "data" in document and document.keys() <= _WRAPPED:
            key, data = document.get("idempotency_key"), document["data"]
        event = {
            "specversion": "1.0",
            "id": self._id(data) if key is None else key,
            "source": self._source,
            "type": ComplaintSubmitted.TYPE,
            "datacontenttype": "application/json",
            "data": data,
        }
        return Line(number, event, orjson.dumps(event))

    def _id(self, content: Any) -> str:
        """Return an id that is the same for the same content at the same count."""
        digest = blake2b(orjson.dumps(content, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()
        self._seen[digest] += 1
        return blake2b(digest + self._seen[digest].to_bytes(8), digest_size=16).hexdigest()

    @staticmethod
    def _sized(line: Line) -> Line:
        if len(line.value) > MAX_BYTES:
            return Line(line.number, code="too_large", errors=(Problem("", f"the event is larger than {MAX_BYTES} bytes"),))
        return line


def _json_advice(raw: bytes) -> str:
    if raw.lstrip()[:1] == b"[":
        return "this begins a JSON list: one object a line is wanted (`jq -c '.[]'` makes it so)"
    return "the line is not JSON"


def open_input(file: str) -> BinaryIO:
    """Open a file, or standard input for `-`; raises Failure when it cannot be read."""
    if file == "-":
        return sys.stdin.buffer
    try:
        return Path(file).open("rb")
    except OSError as error:
        raise Failure(f"{file} cannot be read: {error.strerror}.", WRONG_USE) from None


def json_lines(stream: BinaryIO) -> Iterator[Read]:
    """Return each line of JSON; blank ones are left out, one that is too long is passed over."""
    number = 0
    while raw := stream.readline(MOST_BYTES):
        number += 1
        if number == 1:
            raw = raw.removeprefix(_BOM)
        if len(raw) >= MOST_BYTES and not raw.endswith(b"\n"):
            while (rest := stream.readline(MOST_BYTES)) and not rest.endswith(b"\n"):
                pass
            yield number, Fault("too_large", f"the line is longer than {MOST_BYTES} bytes")
        elif stripped := raw.strip():
            yield number, stripped
