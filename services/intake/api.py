"""The doors over HTTP: submissions in, the tracking view out. What a body holds is read and judged behind the door, once."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

import orjson
from fastapi import APIRouter, Request, Response

from chassis.door import BusyError, describe
from chassis.item import Reply
from chassis.postgres import AwayError
from schemas.base import Answer, Problem
from schemas.envelope import MAX_BYTES, MAX_ID
from schemas.ids import read_tracking_id
from schemas.inbound.complaint_submitted_v1 import ComplaintSubmitted
from schemas.words import Kind
from services.intake.domain import Submission
from services.intake.metrics import IntakeMetrics
from services.intake.openapi import SUBMIT_BODY, SUBMIT_RESPONSES, TRACK_RESPONSES
from services.intake.tracking import Step, tell

OPEN: Final = "urn:salur:open"
"""Who every caller is while authentication is off (contracts §1)."""
PATH: Final = "/v1/complaints"
AWAY_SECONDS: Final = 2
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_KEY: Final = Answer(
    "rejected",
    "schema_violation",
    (Problem("/headers/idempotency-key", f"is required with data alone: 1 to {MAX_ID} characters, none of them a control character"),),
)
_TOO_LARGE: Final = Answer("rejected", "too_large", (Problem("", f"the body is larger than {MAX_BYTES} bytes"),))
_UNKNOWN_SENDER: Final = Answer("rejected", "unauthorized_source", (Problem("", "no publisher is known by this request"),))
_NO_CASE: Final = Answer("rejected", "unknown_case", (Problem("/tracking_id", "no such case"),))
_AWAY: Final = Answer("rejected", "unavailable", (Problem("", "nothing was taken; send it again later, under the same id"),))
_REFUSALS: Final[Mapping[str, tuple[int, str]]] = {
    "idempotency_conflict": (409, "conflict"),
    "too_large": (413, "invalid"),
    "unauthorized_source": (401, "unauthorised"),
}
"""Status and counted outcome by code; what is not here is 422 and invalid."""

Told = tuple[Response, str]
"""An answer, and the outcome as which it is counted."""
Knock = Callable[..., Awaitable[Reply]]
Track = Callable[[str], Awaitable[tuple[Submission, Sequence[Step]] | None]]


class _TooLargeError(Exception):
    """The body is larger than a submission may be."""


@dataclass(frozen=True, slots=True)
class Api:
    """Intake's endpoints over the door of the chassis and the tracking view."""

    knock: Knock
    track: Track
    metrics: IntakeMetrics
    open_to_all: bool

    def router(self) -> APIRouter:
        """Return the endpoints."""
        router = APIRouter(tags=["complaints"])

        @router.post(PATH, status_code=202, summary="Hand in a submission", responses=SUBMIT_RESPONSES, openapi_extra=SUBMIT_BODY)
        async def submit(request: Request) -> Response:
            with self.metrics.request("POST") as told:
                response, told.outcome = await self._submit(request)
            return response

        @router.get(f"{PATH}/{{tracking_id}}", summary="How a case stands", responses=TRACK_RESPONSES)
        async def show(tracking_id: str) -> Response:
            with self.metrics.request("GET") as told:
                response, told.outcome = await self._show(tracking_id)
            return response

        return router

    async def _submit(self, request: Request) -> Told:
        if not self.open_to_all:
            return _refused(_UNKNOWN_SENDER, {"WWW-Authenticate": "Bearer"})
        try:
            body = await _body(request)
        except _TooLargeError:
            return _refused(_TOO_LARGE, {"Connection": "close"})  # the rest of the body is not worth reading
        headers = {name: unquote(value) if name.startswith("ce-") else value for name, value in request.headers.items()}
        bare = None
        if not _is_event(headers, body):
            key = _key(request)
            if key is None:
                return _refused(_KEY)
            bare = {"id": key, "source": OPEN, "type": ComplaintSubmitted.TYPE}
        try:
            reply = await self.knock(PATH, body, headers, bare=bare)
        except BusyError as busy:
            return _away(busy.seconds)
        return _answered(reply, f"{request.base_url}{PATH[1:]}")

    async def _show(self, tracking_id: str) -> Told:
        canonical = read_tracking_id(tracking_id)
        try:
            found = await self.track(canonical) if canonical else None
        except AwayError:
            return _away(AWAY_SECONDS)
        # A whistle-blowing case is shown to its publisher only, and to everyone else it does not exist (contracts §6).
        if found is None or found[0].kind is Kind.WHISTLEBLOWING:
            return _json(404, describe(Reply(_NO_CASE))), "invalid"
        return _json(200, tell(*found)), "accepted"


def _is_event(headers: Mapping[str, str], body: bytes) -> bool:
    """Tell a CloudEvent from data alone, by its headers, or by `specversion` in a body that says nothing of itself."""
    content_type = headers.get("content-type", "").split(";")[0].strip().lower()
    if content_type.startswith("application/cloudevents") or any(name.startswith("ce-") for name in headers):
        return True
    if b'"specversion"' not in body:
        return False
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    return isinstance(document, dict) and "specversion" in document


def _key(request: Request) -> str | None:
    """Return the idempotency key; bytes beyond ASCII are read as UTF-8, as they are in an event's id."""
    raw = request.headers.get("idempotency-key", "").strip().encode("latin-1")
    key = raw.decode("utf-8", "replace")
    return key if 0 < len(key) <= MAX_ID and not _CONTROL.search(key) else None


async def _body(request: Request) -> bytes:
    """Return the body; raises _TooLargeError as soon as it is known to be too large, unread by its announced length."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > MAX_BYTES:
        raise _TooLargeError
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_BYTES:
            raise _TooLargeError
        parts.append(part)
    return b"".join(parts)


def _answered(reply: Reply, base: str) -> Told:
    answer = reply.answer
    if answer.outcome == "rejected":
        return _refused(answer)
    told = {
        "outcome": answer.outcome,
        "code": answer.code,
        "case_id": str(reply.case_id) if reply.case_id else None,
        "tracking_id": reply.tracking_id,
        "status_url": f"{base}/{reply.tracking_id}" if reply.tracking_id else None,
    }
    return _json(200 if answer.outcome == "duplicate" else 202, told), "error" if answer.outcome == "parked" else answer.outcome


def _refused(answer: Answer, headers: Mapping[str, str] | None = None) -> Told:
    status, outcome = _REFUSALS.get(answer.code, (422, "invalid"))
    return _json(status, describe(Reply(answer)), headers), outcome


def _away(seconds: int) -> Told:
    return _json(503, describe(Reply(_AWAY)), {"Retry-After": str(seconds)}), "error"


def _json(status: int, document: Any, headers: Mapping[str, str] | None = None) -> Response:
    body = orjson.dumps(document, option=orjson.OPT_UTC_Z)
    return Response(body, status_code=status, headers=dict(headers or {}), media_type="application/json")
