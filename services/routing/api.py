"""Cases over HTTP: how one stands, the actions on it, whose one would be. An action is the same event as on `salur.actions`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
from fastapi import APIRouter, Request, Response
from pydantic import ValidationError

from chassis.callers import Callers
from chassis.door import BusyError, describe
from chassis.item import Reply
from chassis.ops import operators_only
from chassis.postgres import AwayError
from schemas.base import Answer, Problem
from schemas.envelope import EnvelopeError, clean
from schemas.inbound.action import ActingPerson
from services.routing.callers import KEY_PATH, Caller, RefusedError, caller_of, document_of, key_of
from services.routing.case import Case
from services.routing.explaining import explain
from services.routing.openapi import ACT_BODY, ACT_RESPONSES, EXPLAIN_BODY, EXPLAIN_RESPONSES, SHOW_RESPONSES
from services.routing.rights import allowed_to
from services.routing.rules import Reference
from services.routing.workflow import TABLE

PATH: Final = "/v1/cases/{case_id}"
RETRY_SECONDS: Final = 1
_TYPES: Final = {row.action: row.order.TYPE for row in TABLE}
_ACTION: Final = Problem("/action", f"must be one of {', '.join(_TYPES)}")
_DATA: Final = Problem("/data", "must be an object")
_NO_CASE: Final = Answer("rejected", "unknown_case", (Problem("/case_id", "no such case"),))
_NOT_YET: Final = Answer("rejected", "case_not_yet_known", (Problem("/case_id", "routing has not seen this case yet"),))
_AWAY: Final = Answer("rejected", "unavailable", (Problem("", "nothing is known of it; send it again under the same key"),))
_OF_THE_ORDER: Final = frozenset({"case_id", "tracking_id", "by", "expected_version"})
"""What an order says beside its action's own fields, and no `data` can say instead."""
_STATUS: Final[Mapping[str, int]] = {
    "illegal_action": 409,
    "stale_version": 409,
    "idempotency_conflict": 409,
    "case_not_yet_known": 409,
    "forbidden_role": 403,
    "unauthorized_source": 401,
    "unknown_case": 404,
    "too_large": 413,
    "unavailable": 503,
}
"""Status by code; what is not here is 422."""

Knock = Callable[..., Awaitable[Reply]]
Find = Callable[[UUID], Awaitable[Case | None]]


@dataclass(frozen=True, slots=True)
class Api:
    """Routing's endpoints over the door of the chassis."""

    knock: Knock
    find: Find
    callers: Callers
    now: Callable[[], datetime]
    reference: Reference

    def router(self) -> APIRouter:
        """Return the endpoints."""
        router = APIRouter(tags=["cases"])

        @router.get(PATH, summary="How a case stands: its owner, its hops, what may be done with it", responses=SHOW_RESPONSES)
        async def show(case_id: str, request: Request, agency: str | None = None, role: str | None = None) -> Response:
            return await self._guarded(self._show(case_id, request, {"agency": agency, "role": role}))

        @router.post(f"{PATH}/actions", summary="Act on a case", responses=ACT_RESPONSES, openapi_extra=ACT_BODY)
        async def act(case_id: str, request: Request) -> Response:
            return await self._guarded(self._act(case_id, request))

        @router.post("/v1/routing:explain", summary="Whose a submission would be, and why", responses=EXPLAIN_RESPONSES, openapi_extra=EXPLAIN_BODY)
        async def explained(request: Request) -> Response:
            if not self.callers.open_to_all:
                operators_only(request)
            return await self._guarded(self._explain(request))

        return router

    async def _guarded(self, answering: Awaitable[Response]) -> Response:
        """Return an answer, or the refusal that was raised on the way to it."""
        try:
            return await answering
        except EnvelopeError as error:
            return _refused(Answer("rejected", error.code, error.problems))
        except RefusedError as error:
            return _refused(Answer("rejected", error.code, (error.problem,)))
        except (AwayError, BusyError):
            return _refused(_AWAY)

    async def _show(self, given: str, request: Request, by: Mapping[str, Any]) -> Response:
        case_id = _case_id(given)
        caller = caller_of(self.callers, request, case_id)
        case = await self.find(case_id)
        return _refused(_NO_CASE) if case is None else _json(200, _shown(case, self._allowed(case, caller.office or by)))

    async def _act(self, given: str, request: Request) -> Response:
        case_id = _case_id(given)
        caller = caller_of(self.callers, request, case_id)
        key = key_of(request)
        order = _order(await document_of(request))
        try:
            by = caller.by(order.get("by"))
        except RefusedError as error:
            return _refused(Answer("rejected", error.code, (error.problem,)), self._standing(await self.find(case_id), caller.office))
        reply = await self.knock(request.url.path, _event_data(order, by, case_id), {}, bare=_bare(key, caller, order))
        if reply.unknown_yet:
            return _refused(_NOT_YET)
        if reply.answer.outcome not in {"accepted", "duplicate"}:
            return _refused(reply.by_key(KEY_PATH).answer, self._standing(reply.state, by))
        if reply.state is None:  # its first copy came over Kafka and waits for the case
            return _refused(_NOT_YET)
        return _json(200, {"state": reply.state.state, "owner": reply.state.owner, **self._standing(reply.state, by)})

    async def _explain(self, request: Request) -> Response:
        return _json(200, explain(clean(await document_of(request)), self.now(), self.reference))

    def _standing(self, case: Case | None, by: Any) -> dict[str, Any]:
        """Return what a caller must know to go on: the case's version, and what it may do now."""
        return {} if case is None else {"version": case.version, "allowed": self._allowed(case, by)}

    def _allowed(self, case: Case, by: Any) -> list[str]:
        try:
            person = ActingPerson.model_validate(by)
        except ValidationError:
            return []
        return list(allowed_to(case, person, self.now(), self.reference))


def _case_id(given: str) -> UUID:
    """Return the id of a path; what is none names no case."""
    try:
        return UUID(given)
    except ValueError:
        raise RefusedError("unknown_case", _NO_CASE.errors[0]) from None


def _order(document: Any) -> dict[str, Any]:
    """Return the body of an action once it is known which; raises EnvelopeError."""
    if not isinstance(document, dict) or str(document.get("action")) not in _TYPES:
        raise EnvelopeError("schema_violation", [_ACTION])
    if not isinstance(document.get("data", {}), dict):
        raise EnvelopeError("schema_violation", [_DATA])
    return document


def _event_data(order: Mapping[str, Any], by: Any, case_id: UUID) -> bytes:
    own = {name: value for name, value in order.get("data", {}).items() if name not in _OF_THE_ORDER}
    said = {} if by is None else {"by": by}
    expected = {name: order[name] for name in ("expected_version",) if name in order}
    return orjson.dumps({**own, **said, **expected, "case_id": str(case_id)})


def _bare(key: str, caller: Caller, order: Mapping[str, Any]) -> dict[str, str]:
    return {"id": key, "source": caller.source, "type": _TYPES[str(order["action"])]}


def _shown(case: Case, allowed: list[str]) -> dict[str, Any]:
    return {
        "case_id": str(case.case_id),
        "tracking_id": case.tracking_id,
        "state": case.state,
        "version": case.version,
        "owner": case.owner,
        "hops": [{"agency": hop.agency, "from": hop.since, "until": hop.until, "reason": hop.reason} for hop in case.hops],
        "allowed": allowed,
        "because": case.because,
    }


def _refused(answer: Answer, more: Mapping[str, Any] | None = None) -> Response:
    status = 202 if answer.outcome == "parked" else _STATUS.get(answer.code, 422)
    headers = {"Retry-After": str(RETRY_SECONDS)} if answer.code in {"unavailable", "case_not_yet_known"} else {}
    headers |= {"WWW-Authenticate": "Bearer"} if answer.code == "unauthorized_source" else {}
    headers |= {"Connection": "close"} if answer.code == "too_large" else {}  # the rest of the body is not worth reading
    return _json(status, {**describe(Reply(answer)), **(more or {})}, headers)


def _json(status: int, document: Any, headers: Mapping[str, str] | None = None) -> Response:
    body = orjson.dumps(document, option=orjson.OPT_UTC_Z)
    return Response(body, status_code=status, headers=dict(headers or {}), media_type="application/json")
