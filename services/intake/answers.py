"""Answers over HTTP in the contract's shape, each with the outcome as which it is counted."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import Any, Final

import orjson
from fastapi import Response

from chassis.door import describe
from chassis.item import Reply
from schemas.base import Answer, Problem
from schemas.envelope import MAX_ID

OPEN: Final = "urn:salur:open"
"""Who every caller is while authentication is off (contracts §1)."""
KEY_RULE: Final = f"is required with data alone: 1 to {MAX_ID} characters, none of them a control character"
UNAVAILABLE: Final = Answer("rejected", "unavailable", (Problem("", "nothing is known of it; send it again later, under the same id"),))
NO_CASE: Final = Answer("rejected", "unknown_case", (Problem("/tracking_id", "no such case"),))
_RATE: Final = Answer("rejected", "rate_limited", (Problem("", "this caller comes too fast; nothing was taken"),))
_REFUSALS: Final[Mapping[str, tuple[int, str]]] = {
    "idempotency_conflict": (409, "conflict"),
    "unknown_case": (404, "invalid"),
    "too_large": (413, "invalid"),
    "unauthorized_source": (401, "unauthorised"),
    "forbidden_role": (403, "unauthorised"),
    "rate_limited": (429, "limited"),
    "unavailable": (503, "error"),
}
"""Status and counted outcome by code; what is not here is 422 and invalid."""

Told = tuple[Response, str]
"""An answer, and the outcome as which it is counted."""


def refused(answer: Answer, headers: Mapping[str, str] | None = None) -> Told:
    """Return a refusal under the status of its code."""
    status, outcome = _REFUSALS.get(answer.code, (422, "invalid"))
    return as_json(status, describe(Reply(answer)), headers), outcome


def away(seconds: int) -> Told:
    """Return that nothing can be done now."""
    return refused(UNAVAILABLE, {"Retry-After": str(seconds)})


def too_fast(seconds: float) -> Told:
    """Return that a caller must wait."""
    return refused(_RATE, {"Retry-After": str(max(1, ceil(seconds)))})


def as_json(status: int, document: Any, headers: Mapping[str, str] | None = None) -> Response:
    """Return a document; times are UTC with `Z`."""
    body = orjson.dumps(document, option=orjson.OPT_UTC_Z)
    return Response(body, status_code=status, headers=dict(headers or {}), media_type="application/json")
