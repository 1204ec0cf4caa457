"""How sla's door over HTTP describes itself."""

from __future__ import annotations

from typing import Any, Final

from schemas.words import Clock, Code
from services.sla.clocks import Standing
from services.sla.phrases import Language

_TEXT: Final = {"type": "string"}
_COUNT: Final = {"type": "integer", "minimum": 0}
_TIME: Final = {"type": "string", "format": "date-time"}
_MAYBE: Final = {"type": ["string", "null"], "format": "date-time"}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}


def _list(items: dict[str, Any], description: str) -> dict[str, Any]:
    return {"type": "array", "items": items, "description": description}


def _answer(description: str, schema: dict[str, Any], **headers: dict[str, Any]) -> dict[str, Any]:
    told = {name.replace("_", "-"): {"schema": shape} for name, shape in headers.items()}
    return {"description": description, "content": {"application/json": {"schema": schema}}, "headers": told}


_DEADLINE: Final = _object(
    clock={"enum": [clock.value for clock in Clock]},
    agency={"type": "string", "description": "code of the agency that it binds"},
    state={"enum": [standing.value for standing in Standing]},
    started_at=_TIME,
    due_at=_TIME,
    breached_at=_MAYBE,
    ended_at=_MAYBE,
    consumed_percent={**_COUNT, "description": "of its budget: when it was paused, else at its end, else now"},
    level={**_COUNT, "description": "how many levels above the agency were told of the breach; one more when nobody was left to tell"},
    pauses=_list(_object(**{"from": _TIME, "until": _MAYBE}), "when it stood still; the one that lasts has no end"),
    policy_version=_TEXT,
    calendar_version=_TEXT,
    because=_list(_TEXT, "how it was reckoned, as sentences"),
)
_DEADLINES: Final = _object(
    case_id={"type": "string", "format": "uuid"},
    tracking_id=_TEXT,
    owner={"type": "string", "description": "code of the agency"},
    deadlines=_list(_DEADLINE, "every run of a clock, the oldest first"),
    as_of=_TIME,
)
_REFUSAL: Final = _object(
    outcome={"enum": ["rejected"]},
    code={"enum": [*(code.value for code in Code), "unavailable"]},
    errors=_list(_object(path=_TEXT, message=_TEXT), "what is wrong, never with the value"),
)

DEADLINES_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    200: _answer("Every clock of the case.", _DEADLINES, Content_Language={"enum": [language.value for language in Language]}),
    401: _answer("No office is known by this request.", _REFUSAL),
    403: _answer("The link opens another case.", _REFUSAL),
    404: _answer("There is no such case, or none yet.", _REFUSAL),
    503: _answer("Ask again later.", _REFUSAL, Retry_After={"type": "integer"}),
}
