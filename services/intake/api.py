"""The doors over HTTP: submissions in, one or many, the tracking view out. What a body holds is judged behind the door, once."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import unquote_to_bytes

import orjson
from fastapi import APIRouter, Request, Response

from chassis.door import BusyError, Door
from chassis.item import Reply
from schemas.base import Answer, Problem
from schemas.envelope import MAX_BYTES
from schemas.ids import read_tracking_id
from schemas.words import Kind
from services.intake import batch
from services.intake.answers import KEY_RULE, NO_CASE, Told, as_json, away, refused, too_fast
from services.intake.bodies import Bodies, BodyError
from services.intake.domain import Submission
from services.intake.metrics import IntakeMetrics
from services.intake.openapi import BATCH_BODY, BATCH_RESPONSES, SUBMIT_BODY, SUBMIT_RESPONSES, TRACK_RESPONSES
from services.intake.rates import Rates
from services.intake.tracking import Step, tell

PATH: Final = "/v1/complaints"
BATCH_PATH: Final = f"{PATH}:batch"
NDJSON: Final = "application/x-ndjson"
_KEY_PATH: Final = "/headers/idempotency-key"
_KEY: Final = Answer("rejected", "schema_violation", (Problem(_KEY_PATH, KEY_RULE),))
_QUOTED: Final = re.compile(r'"([^"\\]|\\.)*"')
_ESCAPED: Final = re.compile(r"\\(.)")
_UNKNOWN_SENDER: Final = Answer("rejected", "unauthorized_source", (Problem("", "no publisher is known by this request"),))

Track = Callable[[str], Awaitable[tuple[Submission, Sequence[Step]] | None]]


@dataclass(frozen=True, slots=True)
class Api:
    """Intake's endpoints over the door of the chassis and the tracking view; `now` is Salur time, links begin with `public_url`."""

    door: Door
    track: Track
    now: Callable[[], datetime]
    metrics: IntakeMetrics
    bodies: Bodies
    rates: Rates
    public_url: str
    open_to_all: bool

    def router(self) -> APIRouter:
        """Return the endpoints."""
        router = APIRouter(tags=["complaints"])

        @router.post(
            PATH, status_code=202, summary="Hand in a submission, or what is said of one later", responses=SUBMIT_RESPONSES, openapi_extra=SUBMIT_BODY
        )
        async def submit(request: Request) -> Response:
            with self.metrics.request("POST") as told:
                response, told.outcome = await self._guarded(request, MAX_BYTES, self._submit)
            return response

        @router.post(BATCH_PATH, summary="Hand in up to a thousand, a line each", responses=BATCH_RESPONSES, openapi_extra=BATCH_BODY)
        async def submit_all(request: Request) -> Response:
            with self.metrics.request("POST") as told:
                response, told.outcome = await self._guarded(request, batch.MOST_BYTES, self._submit_all)
            return response

        @router.get(f"{PATH}/{{tracking_id}}", summary="How a case stands", responses=TRACK_RESPONSES)
        async def show(tracking_id: str) -> Response:
            with self.metrics.request("GET") as told:
                response, told.outcome = await self._show(tracking_id)
            return response

        return router

    async def _guarded(self, request: Request, limit: int, act: Callable[[Request, bytes], Awaitable[Told]]) -> Told:
        """Let in who may come, with as much as they may bring, while there is room."""
        if not self.open_to_all:
            # Nobody can say yet who they are; whoever tries is slowed down by where they call from.
            seconds = self.rates.take(request.client.host if request.client else "")
            return too_fast(seconds) if seconds else refused(_UNKNOWN_SENDER, {"WWW-Authenticate": "Bearer"})
        try:
            async with self.bodies.read(request, limit) as body:
                return await act(request, body)
        except BodyError as error:
            return refused(error.answer, {"Connection": "close"})  # the rest of the body is not worth reading
        except BusyError as busy:
            return away(busy.seconds)

    async def _submit(self, request: Request, body: bytes) -> Told:
        headers = {name: _attribute(value) if name.startswith("ce-") else value for name, value in request.headers.items()}
        bare = None
        if not _is_event(headers, body):
            key = _key(request)
            if not batch.is_key(key):
                return refused(_KEY)
            bare = batch.bare(key)
        reply = await self.door.knock(PATH, body, headers, bare=bare)
        known = batch.known(reply)
        return _answered(known if bare is None else known.by_key(_KEY_PATH), f"{self.public_url}{PATH}")

    async def _submit_all(self, _request: Request, body: bytes) -> Told:
        lines = batch.split(body)
        if lines is None:
            return refused(batch.TOO_MANY)
        receipts = await batch.hand_in(self.door.knock_all, BATCH_PATH, lines, self.now)
        option = orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE
        return Response(b"".join(orjson.dumps(receipt, option=option) for receipt in receipts), media_type=NDJSON), "accepted"

    async def _show(self, tracking_id: str) -> Told:
        canonical = read_tracking_id(tracking_id)
        found = await self.track(canonical) if canonical else None
        # A whistle-blowing case is shown to its publisher only, and to everyone else it does not exist (contracts §6).
        if found is None or found[0].kind is Kind.WHISTLEBLOWING:
            return refused(NO_CASE)
        return as_json(200, tell(*found)), "accepted"


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


def _attribute(value: str) -> str:
    """Return what a `ce-` header says: unquoted, then decoded (CloudEvents HTTP binding §3.1.3.2); a NUL, which none may hold, if not UTF-8."""
    plain = _ESCAPED.sub(r"\1", value[1:-1]) if _QUOTED.fullmatch(value) else value
    try:
        return unquote_to_bytes(plain.encode("latin-1")).decode()
    except UnicodeDecodeError:
        return "\x00"


def _key(request: Request) -> str:
    """Return the idempotency key; bytes beyond ASCII are read as UTF-8, as they are in an event's id."""
    return request.headers.get("idempotency-key", "").strip().encode("latin-1").decode("utf-8", "replace")


def _answered(reply: Reply, base: str) -> Told:
    answer = reply.answer
    if answer.outcome == "rejected":
        return refused(answer)
    told = {
        "outcome": answer.outcome,
        "code": answer.code,
        "case_id": str(reply.case_id) if reply.case_id else None,
        "tracking_id": reply.tracking_id,
        "status_url": f"{base}/{reply.tracking_id}" if reply.tracking_id else None,
    }
    return as_json(200 if answer.outcome == "duplicate" else 202, told), "error" if answer.outcome == "parked" else answer.outcome
