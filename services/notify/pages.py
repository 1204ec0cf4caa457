"""What notify answers over HTTP."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from asyncpg import Record
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse

from chassis.callers import Callers
from chassis.postgres import AwayError, Pool
from services.notify import store
from services.notify.openapi import NOTICES_EXTRA, NOTICES_RESPONSES

_MISSING: Final = {"path": "/query/case_id", "message": "is required: the id of one case"}
_NO_CASE: Final = "no such case"


def router(pool: Pool, callers: Callers) -> APIRouter:
    """Return the endpoints of notify."""
    routes = APIRouter(prefix="/v1", tags=["notices"])

    @routes.get(
        "/notices", summary="Every intended notice of a case, with what became of it", responses=NOTICES_RESPONSES, openapi_extra=NOTICES_EXTRA
    )
    async def notices(request: Request) -> JSONResponse:
        given = request.query_params.get("case_id")
        if not given:
            return JSONResponse({"outcome": "rejected", "code": "schema_violation", "errors": [_MISSING]}, status_code=422)
        try:
            wanted = UUID(given)
        except ValueError:
            raise HTTPException(404, _NO_CASE) from None
        callers.let_in(request, wanted)
        try:
            rows = await store.notices_of(pool, wanted)
        except AwayError:
            return JSONResponse({"outcome": "rejected", "code": "unavailable", "errors": []}, status_code=503, headers={"Retry-After": "2"})
        if rows is None:
            raise HTTPException(404, _NO_CASE)
        return JSONResponse({"case_id": str(wanted), "notices": [_describe(row) for row in rows]})

    return routes


def _describe(row: Record) -> dict[str, Any]:
    return {
        "notice_id": str(row["notice_id"]),
        "cause": row["cause"],
        "rule": row["rule"],
        "channel": row["channel"],
        "recipient": {"agency": row["agency"], "role": row["role"]},
        "meant_for": row["meant_for"],
        "outcome": row["state"],
        "reason": row["reason"],
        "attempts": row["epoch"],
        "message_id": row["message_id"] if row["state"] == "delivered" else None,
        "at": _instant(row["at"]),
        "ended_at": _instant(row["ended_at"] or (row["at"] if row["state"] in ("suppressed", "without_recipient") else None)),
    }


def _instant(at: Any) -> str | None:
    return None if at is None else at.isoformat().replace("+00:00", "Z")
