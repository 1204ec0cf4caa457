"""How notify's doors over HTTP describe themselves."""

from __future__ import annotations

from typing import Any, Final

from chassis.described import refused
from schemas.words import NoticeChannel, Role

_TEXT: Final = {"type": "string"}
_MAYBE: Final = {"type": ["string", "null"]}
_INSTANT: Final = {"type": ["string", "null"], "format": "date-time"}
_OUTCOMES: Final = ["queued", "sending", "retry", "delivered", "undeliverable", "suppressed", "without_recipient"]


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}


_NOTICE: Final = _object(
    notice_id={"type": "string", "format": "uuid"},
    cause={**_TEXT, "description": "id of the event that it is about"},
    rule=_TEXT,
    channel={"enum": [channel.value for channel in NoticeChannel]},
    recipient=_object(agency=_TEXT, role={"enum": [*(role.value for role in Role), "publisher"]}),
    meant_for={**_MAYBE, "description": "the office for which a stand-in gets it"},
    outcome={"enum": _OUTCOMES},
    reason=_MAYBE,
    attempts={"type": "integer", "minimum": 0},
    message_id=_MAYBE,
    at=_INSTANT,
    ended_at=_INSTANT,
)
_NOTICES: Final = _object(case_id={"type": "string", "format": "uuid"}, notices={"type": "array", "items": _NOTICE})

NOTICES_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "Every intended notice, with what became of it.", "content": {"application/json": {"schema": _NOTICES}}},
    401: refused("No office is known by this request, or the time of its link is over."),
    403: refused("This link opens another case."),
    404: refused("There is no such case, or none yet."),
    422: refused("It does not say which case."),
    503: refused("Ask again later.", retry=True),
}
NOTICES_EXTRA: Final[dict[str, Any]] = {
    "parameters": [
        {"name": "case_id", "in": "query", "required": True, "schema": _TEXT, "description": "the case's id"},
        {"name": "Authorization", "in": "header", "required": False, "schema": _TEXT, "description": "`Bearer` and the token of a notice's link"},
    ],
}
