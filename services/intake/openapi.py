"""How the doors over HTTP describe themselves: made of the contract's own models, without references into other files."""

from __future__ import annotations

from typing import Any, Final

from orjson import dumps

from schemas.envelope import STRUCTURED
from schemas.inbound.complaint_rated_v1 import ComplaintRated
from schemas.inbound.complaint_submitted_v1 import ComplaintSubmitted
from schemas.inbound.complaint_supplemented_v1 import ComplaintSupplemented
from schemas.inbound.complaint_withdrawn_v1 import ComplaintWithdrawn
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


def _data(type_: str = ComplaintSubmitted.TYPE) -> dict[str, Any]:
    schema = schema_of(EVENTS[type_])
    inlined: dict[str, Any] = _inlined(schema, schema.get("$defs", {}))
    return inlined


def _event(type_: str) -> dict[str, Any]:
    attributes = {"specversion": {"const": "1.0"}, "id": _TEXT, "source": _TEXT, "type": {"const": type_}, "time": _TIME}
    needed = ["specversion", "id", "source", "type", "data"]
    return {"title": type_, "type": "object", "required": needed, "properties": {**attributes, "data": _data(type_)}}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}


def _answer(description: str, schema: dict[str, Any], example: Any = None, *, retry: bool = False) -> dict[str, Any]:
    headers = {"headers": {"Retry-After": {"schema": {"type": "integer"}, "description": "seconds"}}} if retry else {}
    shown = {"example": example} if example is not None else {}
    return {"description": description, "content": {"application/json": {"schema": schema, **shown}}, **headers}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


_REFUSAL: Final = _object(outcome={"enum": ["rejected"]}, code={"enum": _CODES}, errors={"type": "array", "items": _PROBLEM})
_CASE: Final = {"case_id": "01a199d3-6350-847e-bb6d-40d3af184332", "tracking_id": "YBT7-S96S-FTP3"}
_TAKEN: Final = _object(
    outcome={"enum": ["accepted", "duplicate", "parked"]},
    code={"enum": ["ok", "duplicate", "internal_error", "queued_behind"]},
    case_id={"type": ["string", "null"], "format": "uuid"},
    tracking_id={"type": ["string", "null"]},
    status_url={"type": ["string", "null"], "format": "uri"},
)
_TAKEN_EXAMPLE: Final = {"outcome": "accepted", "code": "ok", **_CASE, "status_url": "http://127.0.0.1:8101/v1/complaints/YBT7-S96S-FTP3"}
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
_VIEW_EXAMPLE: Final = {
    "tracking_id": "YBT7-S96S-FTP3",
    "status": "verified",
    "owner": "35.22",
    "kind": "complaint",
    "category": "other",
    "history": [
        {"at": "2026-11-02T01:15:30Z", "what": "complaint.accepted", "who": "system"},
        {"at": "2026-11-02T01:15:31Z", "what": "case.routed", "who": "system"},
        {"at": "2026-11-02T03:40:00Z", "what": "case.verified", "who": "35.22/liaison"},
    ],
    "deadlines": [{"clock": "follow_up", "agency": "35.22", "due_at": "2026-11-09T16:59:59Z", "state": "running"}],
    "as_of": "2026-11-02T03:40:00Z",
}
_CONTENT: Final = _object(
    tracking_id=_TEXT,
    kind=_TEXT,
    category=_TEXT,
    accepted_at=_TIME,
    title=_or_null(_TEXT),
    text=_or_null(_TEXT),
    location=_or_null(_data()["properties"]["location"]),
    attachments=_data()["properties"]["attachments"],
    supplements={"type": "array", "items": _object(at=_TIME, text=_TEXT)},
)
_CONTENT_EXAMPLE: Final = {
    "tracking_id": "YBT7-S96S-FTP3",
    "kind": "complaint",
    "category": "other",
    "accepted_at": "2026-11-02T01:15:30Z",
    "title": "Lampu jalan padam",
    "text": "Lampu jalan padam sejak Senin.",
    "location": {"lat": -7.15, "lon": 111.88, "address": "Jl. Veteran"},
    "attachments": [{"url": "https://kanal.example/foto/1.jpg", "media_type": "image/jpeg"}],
    "supplements": [{"at": "2026-11-03T02:00:00Z", "text": "Sekarang seluruh jalan gelap."}],
}
_ITEM: Final = {"type": "object", "required": ["code", "name"], "properties": dict.fromkeys(("code", "name", "level", "parent", "zone"), _TEXT)}
_LIST: Final = _object(version=_TEXT, items={"type": "array", "items": _ITEM})
_LIST_EXAMPLE: Final = {"version": "5f0c0c1b2a9e4d37", "items": [{"code": "agama", "name": "Agama"}]}
_RECEIPT: Final = _object(
    outcome={"enum": ["accepted", "duplicate", "rejected", "parked"]},
    code={"enum": ["ok", "duplicate", "internal_error", "queued_behind", *_CODES]},
    errors={"type": "array", "items": _PROBLEM},
    received_id={"type": ["string", "null"]},
    received_source={"type": ["string", "null"]},
    case_id={"type": ["string", "null"], "format": "uuid"},
    tracking_id={"type": ["string", "null"]},
    topic={"type": "null"},
    partition={"type": "null"},
    offset={"type": "null"},
    at=_TIME,
)
_SUBMITTED: Final = {"text": "Lampu jalan padam sejak Senin.", "region": "35.22", "channel": "web", "external_ref": "LPR-1001"}
_EXAMPLES: Final = {
    ComplaintSubmitted.TYPE: _SUBMITTED,
    ComplaintSupplemented.TYPE: {"external_ref": "LPR-1001", "text": "Sekarang seluruh jalan gelap."},
    ComplaintWithdrawn.TYPE: {"tracking_id": "YBT7-S96S-FTP3"},
    ComplaintRated.TYPE: {"tracking_id": "YBT7-S96S-FTP3", "rating": 4},
}


def _sent(type_: str) -> dict[str, Any]:
    """Return an event of a type as a publisher may send it."""
    name = type_.split(".")[2]
    return {"specversion": "1.0", "id": f"lpr-1001-{name}", "source": "urn:kanal", "type": type_, "data": _EXAMPLES[type_]}


_ONE_LINE: Final = dumps({"idempotency_key": "lpr-1002", "data": _SUBMITTED}).decode()
_AWAY: Final = _answer("Send it again later, under the same id.", _REFUSAL, retry=True)
_FAST: Final = _answer("This caller comes too fast; nothing was taken.", _REFUSAL, retry=True)
_STRANGER: Final = _answer("The publisher is not known.", _REFUSAL)
_UNREADABLE: Final = _answer("The address cannot be read.", _REFUSAL)
_NO_CASE: Final = _answer("There is no such case to show.", _REFUSAL)

SUBMIT_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    200: _answer("It was ours already: the first case's ids.", _TAKEN, {**_TAKEN_EXAMPLE, "outcome": "duplicate", "code": "duplicate"}),
    202: _answer("It is durably ours.", _TAKEN, _TAKEN_EXAMPLE),
    401: _STRANGER,
    404: _answer("The case that it is about is not known, or is another publisher's.", _REFUSAL),
    409: _answer("This id was used for other content.", _REFUSAL),
    413: _answer("The body is larger than 256 KiB.", _REFUSAL),
    422: _answer("The sender must change it.", _REFUSAL),
    429: _FAST,
    503: _AWAY,
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
        "description": "The data of a submission alone, or a CloudEvent in the structured or binary HTTP binding.",
        "content": {
            "application/json": {"schema": _data(), "example": _SUBMITTED},
            STRUCTURED: {
                "schema": {"oneOf": [_event(type_) for type_ in _EXAMPLES]},
                "examples": {type_.split(".")[2]: {"value": _sent(type_)} for type_ in _EXAMPLES},
            },
        },
    },
}
BATCH_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "A receipt for each line, in order; a line that was not taken says so with its code.",
        "content": {"application/x-ndjson": {"schema": _RECEIPT}},
    },
    401: _STRANGER,
    413: _answer("More than 1,000 lines or 4 MiB; nothing was taken.", _REFUSAL),
    429: _FAST,
    503: _answer("Nothing was taken; send it again later, under the same ids.", _REFUSAL, retry=True),
}
BATCH_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "Lines of JSON: a structured CloudEvent, or a submission's data with its key. Blank lines are left out.",
        "content": {
            "application/x-ndjson": {
                "schema": {
                    "oneOf": [
                        _object(idempotency_key={"type": "string", "minLength": 1, "maxLength": 500}, data={"type": "object"}),
                        {"type": "object", "required": ["specversion", "id", "source", "type", "data"]},
                    ]
                },
                "example": f"{_ONE_LINE}\n{dumps(_sent(ComplaintSupplemented.TYPE)).decode()}\n",
            }
        },
    }
}
TRACK_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    200: _answer("How the case stands.", _VIEW, _VIEW_EXAMPLE),
    404: _NO_CASE,
    422: _UNREADABLE,
    503: _AWAY,
}
CONTENT_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    200: _answer("What the reporter wrote; null where the person was erased.", _CONTENT, _CONTENT_EXAMPLE),
    401: _answer("A link is required, or this one is not valid (any more).", _REFUSAL),
    403: _answer("The link is for another case, or its agency does not hold this case any more.", _REFUSAL),
    404: _NO_CASE,
    422: _UNREADABLE,
    503: _AWAY,
}
CONTENT_EXTRA: Final[dict[str, Any]] = {
    "description": "Opened by the link of a notice: its token as `Authorization: Bearer` or in the query. Each read is written down.",
    "parameters": [{"name": "token", "in": "query", "required": False, "schema": _TEXT}],
}
LIST_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    200: _answer("The list, with its version; `ETag` says the same.", _LIST, _LIST_EXAMPLE),
    304: {"description": "It is the version of `If-None-Match`."},
    404: _answer("There is no such list.", _REFUSAL),
    422: _UNREADABLE,
    503: _answer("Routing has not told its directory yet.", _REFUSAL, retry=True),
}
LIST_EXTRA: Final[dict[str, Any]] = {"parameters": [{"name": "If-None-Match", "in": "header", "required": False, "schema": _TEXT}]}
