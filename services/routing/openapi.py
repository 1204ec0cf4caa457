"""How routing's doors over HTTP describe themselves; the examples run as they stand against an open `make up`."""

from __future__ import annotations

from typing import Any, Final

from schemas.envelope import MAX_ID
from schemas.words import ArchiveReason, Code, Kind, Role, State
from services.routing.workflow import TABLE

_TEXT: Final = {"type": "string"}
_TIME: Final = {"type": "string", "format": "date-time"}
_ACTIONS: Final = [row.action for row in TABLE]
_ALLOWED: Final = {"type": "array", "items": {"enum": _ACTIONS}}
_CODES: Final = [*(code.value for code in Code), "unavailable", "case_not_yet_known"]
_STATE: Final = {"enum": [state.value for state in State]}
_OWNER: Final = {"type": "string", "description": "code of the agency"}
_VERSION: Final = {"type": "integer", "description": "counts routing's events of the case"}


def _object(required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required.split() or list(properties), "properties": properties}


def _answer(description: str, schema: dict[str, Any], *, retry: bool = False) -> dict[str, Any]:
    headers = {"headers": {"Retry-After": {"schema": {"type": "integer"}, "description": "seconds"}}} if retry else {}
    return {"description": description, "content": {"application/json": {"schema": schema}}, **headers}


_PROBLEM: Final = _object("", path={**_TEXT, "description": "JSON Pointer into the event"}, message=_TEXT)
_REFUSAL: Final = _object(
    "outcome code errors",
    outcome={"enum": ["rejected", "parked"]},
    code={"enum": _CODES},
    errors={"type": "array", "items": _PROBLEM},
    allowed=_ALLOWED,
    version=_VERSION,
)
_HOP: Final = _object("", agency=_TEXT, **{"from": _TIME, "until": {"type": ["string", "null"]}, "reason": {"type": ["string", "null"]}})
_SENTENCES: Final = {"type": "array", "items": _TEXT}
_CASE: Final = _object(
    "",
    case_id={"type": "string", "format": "uuid"},
    tracking_id=_TEXT,
    state=_STATE,
    version=_VERSION,
    owner=_OWNER,
    hops={"type": "array", "items": _HOP},
    allowed=_ALLOWED,
    because=_SENTENCES,
)
_ROUTED: Final = {"owner": _OWNER, "name": _TEXT, "level": _TEXT, "triage": {"type": "boolean"}, "rule": _TEXT, "because": _SENTENCES}
_EXPLAINED: Final = _object(
    "",
    kind={"enum": [kind.value for kind in Kind]},
    category=_TEXT,
    region={"type": ["string", "null"]},
    **_ROUTED,
    rules_version=_TEXT,
    directory_version=_TEXT,
    runners_up={"type": "array", "items": _object("", **_ROUTED)},
)
_BY: Final = _object("role", agency=_TEXT, role={"enum": [role.value for role in Role]}, name=_TEXT)
_OFFICE: Final = {"agency": "35.22", "role": "coordinator", "name": "Petugas Contoh"}
_ABOVE: Final = {"agency": "35", "role": "coordinator"}
_EXAMPLES: Final[dict[str, dict[str, Any]]] = {
    "verify": {},
    "defer": {"question": "Di ruas jalan mana persisnya?"},
    "resume": {},
    "transfer": {"to": "35.78", "reason": "Jalan ini berada di wilayah lain."},
    "decide_transfer": {"to": "35.22/dinas-pu-bina-marga", "reason": "Jalan kabupaten adalah wewenang dinas ini."},
    "hand_down": {"to": "35.22/dinas-pu-bina-marga"},
    "follow_up": {"text": "Jalan sudah diperbaiki.", "final": True},
    "extend": {"days": 5, "reason": "Suku cadang harus dipesan."},
    "reclassify": {"kind": Kind.ASPIRATION.value, "reason": "Pelapor menyampaikan usulan."},
    "refer": {"to": "Ombudsman Republik Indonesia", "reason": "Pelapor mengadukan maladministrasi."},
    "archive": {"reason": ArchiveReason.UNCLEAR.value},
    "close": {},
    "reopen": {"reason": "Jalannya rusak lagi."},
    "acknowledge": {},
}

SHOW_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    200: _answer("How the case stands.", _CASE),
    401: _answer("No office is known by this request.", _REFUSAL),
    403: _answer("The link opens another case.", _REFUSAL),
    404: _answer("There is no such case.", _REFUSAL),
    503: _answer("Ask again later.", _REFUSAL, retry=True),
}
ACT_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    200: _answer(
        "The action was taken, now or under the same key before.", _object("", state=_STATE, version=_VERSION, owner=_OWNER, allowed=_ALLOWED)
    ),
    202: _answer("It is kept and will be taken up; its receipt comes on `salur.receipts`.", _REFUSAL),
    401: _answer("No office is known by this request.", _REFUSAL),
    403: _answer("This office may not do that to the case now.", _REFUSAL),
    404: _answer("There is no such case.", _REFUSAL),
    409: _answer("Not allowed in this state, or the case has moved on, or it is not known yet, or the key is taken.", _REFUSAL, retry=True),
    413: _answer("The body is larger than 256 KiB.", _REFUSAL),
    422: _answer("The sender must change it.", _REFUSAL),
    503: _answer("Send it again later, under the same key.", _REFUSAL, retry=True),
}
EXPLAIN_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    200: _answer("Who would own it, by which rule, and who comes after.", _EXPLAINED),
    403: _answer("For operators, where authentication is on.", _REFUSAL),
    413: _answer("The body is larger than 256 KiB.", _REFUSAL),
    422: _answer("The sender must change it.", _REFUSAL),
    503: _answer("Ask again later.", _REFUSAL, retry=True),
}
ACT_BODY: Final[dict[str, Any]] = {
    "parameters": [{"name": "Idempotency-Key", "in": "header", "required": True, "schema": {"type": "string", "minLength": 1, "maxLength": MAX_ID}}],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": _object(
                    "action",
                    action={"enum": _ACTIONS},
                    by={**_BY, "description": "who acts; the office of a signed link when left out"},
                    data={"type": "object", "description": "the action's own fields"},
                    expected_version={"type": "integer", "description": "refused when the case has moved past it"},
                ),
                "examples": {
                    action: {"value": {"action": action, "by": _ABOVE if action == "decide_transfer" else _OFFICE, "data": data}}
                    for action, data in _EXAMPLES.items()
                },
            }
        },
    },
}
EXPLAIN_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "A submission's data; of it kind, category, region and addressed_to count.",
        "content": {
            "application/json": {
                "schema": _object("text", text=_TEXT, kind=_TEXT, category=_TEXT, region=_TEXT, addressed_to=_TEXT),
                "example": {"text": "Jalan berlubang.", "category": "pekerjaan-umum.jalan-berlubang", "region": "35.22.05"},
            }
        },
    }
}
