"""How the doors over HTTP describe themselves: made of the contract's own models, without references into other files."""

from __future__ import annotations

from typing import Any, Final

from schemas.envelope import STRUCTURED
from schemas.inbound.complaint_submitted_v1 import ComplaintSubmitted
from schemas.publish import schema_of
from schemas.registry import EVENTS
from schemas.words import Code, State

_TEXT: Final = {"type": "string"}
_TIME: Final = {"type": "string", "format": "date-time"}
_CODES: Final = [*(code.value for code in Code), "unavailable"]
_CLOCK_STATES: Final = ["running", "paused", "met", "breached", "elapsed", "cancelled"]
_PROBLEM: Final = {
    "type": "object",
    "required": ["path", "message"],
    "properties": {"path": {**_TEXT, "description": "JSON Pointer into the event"}, "message": _TEXT},
}


def _inlined(schema: Any, parts: dict[str, Any]) -> Any:
    """Return a schema with its references replaced by what they name."""
    if isinstance(schema, list):
        return [_inlined(item, parts) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(parts[schema["$ref"].rpartition("/")[2]], parts)
    return {name: _inlined(value, parts) for name, value in schema.items() if name not in ("$defs", "$schema", "$id", "x-salur")}


def _data() -> dict[str, Any]:
    schema = schema_of(EVENTS[ComplaintSubmitted.TYPE])
    inlined: dict[str, Any] = _inlined(schema, schema.get("$defs", {}))
    return inlined


def _event() -> dict[str, Any]:
    attributes = {"specversion": {"const": "1.0"}, "id": _TEXT, "source": _TEXT, "type": {"const": ComplaintSubmitted.TYPE}, "time": _TIME}
    return {"type": "object", "required": ["specversion", "id", "source", "type", "data"], "properties": {**attributes, "data": _data()}}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}


def _answer(description: str, schema: dict[str, Any], *, retry: bool = False) -> dict[str, Any]:
    headers = {"headers": {"Retry-After": {"schema": {"type": "integer"}, "description": "seconds"}}} if retry else {}
    return {"description": description, "content": {"application/json": {"schema": schema}}, **headers}


_REFUSAL: Final = _object(outcome={"enum": ["rejected"]}, code={"enum": _CODES}, errors={"type": "array", "items": _PROBLEM})
_TAKEN: Final = _object(
    outcome={"enum": ["accepted", "duplicate", "parked"]},
    code={"enum": ["ok", "duplicate", "internal_error"]},
    case_id={"type": ["string", "null"], "format": "uuid"},
    tracking_id={"type": ["string", "null"]},
    status_url={"type": ["string", "null"], "format": "uri"},
)
_VIEW: Final = _object(
    tracking_id=_TEXT,
    status={"enum": [state.value for state in State]},
    owner={"type": ["string", "null"], "description": "code of the agency"},
    kind=_TEXT,
    category=_TEXT,
    history={"type": "array", "items": _object(at=_TIME, what=_TEXT, who=_TEXT)},
    deadlines={"type": "array", "items": _object(clock=_TEXT, agency=_TEXT, due_at=_TIME, state={"enum": _CLOCK_STATES})},
    as_of=_TIME,
)

SUBMIT_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    200: _answer("It was ours already: the first case's ids.", _TAKEN),
    202: _answer("It is durably ours.", _TAKEN),
    401: _answer("The publisher is not known.", _REFUSAL),
    409: _answer("This id was used for other content.", _REFUSAL),
    413: _answer("The body is larger than 256 KiB.", _REFUSAL),
    422: _answer("The sender must change it.", _REFUSAL),
    503: _answer("Send it again later, under the same id.", _REFUSAL, retry=True),
}
TRACK_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    200: _answer("How the case stands.", _VIEW),
    404: _answer("There is no such case to show.", _REFUSAL),
    503: _answer("Ask again later.", _REFUSAL, retry=True),
}
SUBMIT_BODY: Final[dict[str, Any]] = {
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "schema": {"type": "string", "minLength": 1, "maxLength": 500},
            "description": "The submission's id with its publisher; required when the body is the data alone.",
        }
    ],
    "requestBody": {
        "required": True,
        "description": "The data alone, or a CloudEvent in the structured or binary HTTP binding.",
        "content": {"application/json": {"schema": _data()}, STRUCTURED: {"schema": _event()}},
    },
}
