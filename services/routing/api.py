"""Cases over HTTP: how one stands, and the actions on it. Each action is the same event as on `salur.actions`, behind one door."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import ValidationError

from chassis.door import BusyError, describe
from chassis.item import Reply
from chassis.postgres import AwayError
from schemas.base import Answer, Problem
from schemas.envelope import MAX_BYTES, MAX_ID, EnvelopeError, read_json
from schemas.inbound.action import ActingPerson
from services.routing.case import Case
from services.routing.directory import Directory
from services.routing.domain import allowed_to
from services.routing.workflow import ROWS

OPEN: Final = "urn:salur:open"
"""Who every caller is while authentication is off (contracts §1)."""
PATH: Final = "/v1/cases/{case_id}"
RETRY_SECONDS: Final = 1
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_TYPES: Final = {row.action: model.TYPE for model, row in ROWS.items()}
_KEY: Final = Problem("/headers/idempotency-key", f"is required: 1 to {MAX_ID} characters, none of them a control character")
_ACTION: Final = Problem("/action", f"must be one of {', '.join(sorted(_TYPES))}")
_STATUS: Final[Mapping[str, int]] = {
    "illegal_action": 409,
    "stale_version": 409,
    "idempotency_conflict": 409,
    "forbidden_role": 403,
    "unauthorized_source": 401,
    "unknown_case": 404,
    "too_large": 413,
    "unavailable": 503,
    "case_not_yet_known": 409,
}
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["action", "by"],
                    "properties": {
                        "action": {"enum": sorted(_TYPES)},
                        "by": {"type": "object", "properties": {name: {"type": "string"} for name in ("agency", "role", "name")}},
                        "data": {"type": "object", "description": "the action's own fields"},
                        "expected_version": {"type": "integer"},
                    },
                }
            }
        },
    },
    "parameters": [{"name": "Idempotency-Key", "in": "header", "required": True, "schema": {"type": "string", "maxLength": MAX_ID}}],
}

Knock = Callable[..., Awaitable[Reply]]
Find = Callable[[UUID], Awaitable[Case | None]]


@dataclass(frozen=True, slots=True)
class Api:
    """Routing's endpoints over the door of the chassis; `open_to_all` believes the `by` of an action."""

    knock: Knock
    find: Find
    directory: Directory
    open_to_all: bool

    def router(self) -> APIRouter:
        """Return the endpoints."""
        router = APIRouter(tags=["cases"])

        @router.get(PATH, summary="How a case stands: its owner, its hops, what may be done with it")
        async def show(case_id: UUID, agency: str | None = None, role: str | None = None) -> Response:
            try:
                case = await self.find(case_id)
            except AwayError:
                return _refused(Answer("rejected", "unavailable"))
            if case is None:
                return _refused(Answer("rejected", "unknown_case", (Problem("/case_id", "no such case"),)))
            return JSONResponse(_shown(case, self._allowed(case, agency, role)))

        @router.post(f"{PATH}/actions", summary="Act on a case", openapi_extra=_BODY)
        async def act(case_id: UUID, request: Request) -> Response:
            return await self._act(case_id, request)

        return router

    async def _act(self, case_id: UUID, request: Request) -> Response:
        if not self.open_to_all:
            return _refused(Answer("rejected", "unauthorized_source", (Problem("", "no agency system is known by this request"),)))
        try:
            key, type_, order = _order(request.headers.get("idempotency-key", "").strip(), await request.body())
        except EnvelopeError as error:
            return _refused(Answer("rejected", error.code, error.problems))
        given = {name: order[name] for name in ("by", "expected_version") if name in order}
        data = orjson.dumps({**order.get("data", {}), **given, "case_id": str(case_id)})
        try:
            reply = await self.knock(request.url.path, data, {}, bare={"id": key, "source": OPEN, "type": type_})
        except BusyError:
            return _refused(Answer("rejected", "unavailable", (Problem("", "nothing is known of it; send it again under the same key"),)))
        return self._answered(reply, order.get("by"))

    def _answered(self, reply: Reply, by: Any) -> Response:
        case: Case | None = reply.state
        if reply.unknown_yet:
            return _refused(Answer("rejected", "case_not_yet_known", (Problem("/case_id", "routing has not seen this case yet"),)))
        known = by if isinstance(by, dict) else {}
        allowed = self._allowed(case, known.get("agency"), known.get("role")) if case else []
        if reply.answer.outcome not in {"accepted", "duplicate"}:
            return _refused(reply.answer, {"allowed": allowed, "version": case.version} if case else {})
        assert case is not None, "an action that was taken has a case"
        return JSONResponse({"state": case.state, "version": case.version, "owner": case.owner, "allowed": allowed})

    def _allowed(self, case: Case, agency: Any, role: Any) -> list[str]:
        try:
            by = ActingPerson(agency=agency, role=role)
        except ValidationError:
            return []
        return list(allowed_to(case, by, self.directory))


def _order(key: str, body: bytes) -> tuple[str, str, dict[str, Any]]:
    """Return the key, the event type and the body of an action; raises EnvelopeError."""
    if not 0 < len(key) <= MAX_ID or _CONTROL.search(key):
        raise EnvelopeError("schema_violation", [_KEY])
    if len(body) > MAX_BYTES:
        raise EnvelopeError("too_large", [Problem("", f"the body is larger than {MAX_BYTES} bytes")])
    order = read_json(body)
    type_ = _TYPES.get(str(order.get("action"))) if isinstance(order, dict) else None
    if type_ is None:
        raise EnvelopeError("schema_violation", [_ACTION])
    if not isinstance(order.get("data", {}), dict):
        raise EnvelopeError("schema_violation", [Problem("/data", "must be an object")])
    return key, type_, order


def _shown(case: Case, allowed: list[str]) -> dict[str, Any]:
    hops = [
        {"agency": hop.agency, "from": _instant(hop.since), "until": hop.until and _instant(hop.until), "reason": hop.reason} for hop in case.hops
    ]
    return {
        "case_id": str(case.case_id),
        "tracking_id": case.tracking_id,
        "state": case.state,
        "version": case.version,
        "owner": case.owner,
        "hops": hops,
        "allowed": allowed,
        "because": list(case.because),
    }


def _instant(at: Any) -> str:
    return str(at.isoformat()).replace("+00:00", "Z")


def _refused(answer: Answer, more: Mapping[str, Any] | None = None) -> Response:
    status = _STATUS.get(answer.code, 422)
    headers = {"Retry-After": str(RETRY_SECONDS)} if answer.code in {"unavailable", "case_not_yet_known"} else {}
    return JSONResponse({**describe(Reply(answer)), **(more or {})}, status, headers)
