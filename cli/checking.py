"""Judging a line as the services will: the same envelope, the same models, the same codes; nothing is sent anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Final, NamedTuple

import orjson

from cli.lines import Line
from schemas import registry
from schemas.base import Data, Problem
from schemas.envelope import Envelope, EnvelopeError, clean, parse
from schemas.inbound.complaint_submitted_v1 import ComplaintSubmitted

AHEAD: Final = timedelta(hours=24)
_SUSPECT: Final = (b"\\u00", b"\\b", b"\\f", b"data_base64")
"""Only so can control characters stand in JSON, which the services take out before they look."""
_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_INBOUND: Final = {entry.type: entry.model for entry in registry.EVENTS.values() if entry.inbound}


class Verdict(NamedTuple):
    """Why a line would be rejected."""

    code: str
    errors: Sequence[Problem]


class Judge:
    """Judges the lines of one file: also whether one contradicts an earlier one of the same id."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._contents: dict[bytes, bytes] = {}

    def verdict(self, line: Line) -> Verdict | None:
        """Return why a line would be rejected, None when nothing speaks against it."""
        if line.event is None:
            return Verdict(line.code, line.errors)
        try:
            envelope = parse(line.value, {})
            suspect = any(mark in line.value for mark in _SUSPECT)
            data = registry.read(self._model(envelope.type), clean(envelope.data) if suspect else envelope.data)
        except EnvelopeError as error:
            return Verdict(error.code, error.problems)
        return self._time(envelope, data) or self._conflict(envelope)

    def _model(self, type_: str) -> type[Data]:
        model = _INBOUND.get(type_)
        if model is None and registry.newer_major(type_, _INBOUND):
            raise EnvelopeError("unsupported_version", [Problem("/type", "this version is not known here yet")])
        if model is None:
            raise EnvelopeError("unknown_type", [Problem("/type", "this type is not taken here")])
        return model

    def _time(self, envelope: Envelope, data: Data) -> Verdict | None:
        if not isinstance(data, ComplaintSubmitted):
            return None
        path, filed = ("/data/submitted_at", data.submitted_at) if data.submitted_at else ("/time", envelope.time)
        if filed is not None and filed > self._now + AHEAD:
            return Verdict("time_in_future", [Problem(path, "must not lie more than 24 hours in the future")])
        if filed is not None and filed < _EARLIEST:
            return Verdict("schema_violation", [Problem(path, "must not lie before the year 2000")])
        return None

    def _conflict(self, envelope: Envelope) -> Verdict | None:
        key = blake2b(f"{envelope.source}\n{envelope.id}".encode(), digest_size=16).digest()
        content = blake2b(f"{envelope.type}\n".encode() + orjson.dumps(envelope.data, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()
        if self._contents.setdefault(key, content) != content:
            return Verdict("idempotency_conflict", [Problem("/id", "an earlier line of this file has this id and other content")])
        return None
