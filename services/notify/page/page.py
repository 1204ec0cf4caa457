"""`GET|POST /a/{token}`: the page behind the link in a notice (contracts §6). The link is the right to see it; nothing is stored."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl
from uuid import uuid4

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from chassis.link import Link, Links
from chassis.postgres import AwayError, Pool
from services.notify import store
from services.notify.case import Case
from services.notify.names import Names
from services.notify.offices import Offices
from services.notify.page.form_view import QUIET, Typed
from services.notify.page.forms import FORMS, MAX_ANSWER, read
from services.notify.page.limits import Limiter
from services.notify.page.pen import LANGUAGES, Pen
from services.notify.page.sources import Sources
from services.notify.page.view import Reader, view

MAX_TOKEN: Final = 600
MAX_FORM_BYTES: Final = MAX_ANSWER * 12 + 8192
"""The longest answer, each of its letters four bytes and each byte written as `%XX`, with room for the other fields."""
MAX_FIELDS: Final = 20
AWAY_SECONDS: Final = "5"
_KEY: Final = re.compile(r"[A-Za-z0-9-]{1,64}")
_VERSION: Final = re.compile(r"[0-9]{1,15}")
_OF_NO_CASE: Final = 0
"""A version that no case ever has: routing finds it stale, after it has looked at role and state as with any other."""
_HTML: Final[dict[int | str, dict[str, Any]]] = {
    status: {"description": what, "content": {"text/html": {}}}
    for status, what in {
        200: "the case as far as the link's office may see it",
        404: "not a link of ours, or its time is over",
        429: "this link is used too often",
        503: "the database is away",
    }.items()
}
_SENT: Final[dict[int | str, dict[str, Any]]] = {
    **_HTML,
    303: {"description": "taken; the page shows what became of the case"},
    409: {"description": "refused as the case stands now; the page shows what is allowed, and what was typed"},
    413: {"description": "the form is too large"},
    422: {"description": "something is missing or wrong in the form"},
}
_FORM: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "required": ["action"],
                    "properties": {
                        "action": {"enum": list(FORMS)},
                        "key": {"type": "string", "description": "makes the form count once", "pattern": _KEY.pattern},
                        "version": {"type": "string", "description": "of the case as it was shown"},
                    },
                    "additionalProperties": {"type": "string", "description": "the action's own fields"},
                }
            }
        },
    }
}


class _TooLargeError(Exception):
    """The form is larger than any that can be filled in."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One office that looks at one case; `token` is its right to do so."""

    token: str
    link: Link
    facts: Case
    language: str


@dataclass(frozen=True, slots=True)
class Page:
    """The page's endpoints; `limiter` None lets every link ask as often as it likes."""

    pool: Pool
    links: Links
    sources: Sources
    pen: Pen
    offices: Callable[[], Offices]
    names: Names
    now: Callable[[], datetime]
    limiter: Limiter | None

    def router(self) -> APIRouter:
        """Return the endpoints."""
        routes = APIRouter(tags=["page"])

        @routes.get("/a/{token}", summary="The page behind the link in a notice", response_class=HTMLResponse, responses=_HTML)
        async def show(token: str, request: Request) -> Response:
            visit = await self._visit(token, request)
            return visit if isinstance(visit, Response) else await self._show(visit, done=request.query_params.get("done", ""))

        @routes.head("/a/{token}", include_in_schema=False)
        async def look(token: str, request: Request) -> Response:
            visit = await self._visit(token, request)
            return visit if isinstance(visit, Response) else self.pen.bare()

        @routes.post("/a/{token}", summary="Act on the case by a form of its page", response_class=HTMLResponse, responses=_SENT, openapi_extra=_FORM)
        async def act(token: str, request: Request) -> Response:
            visit = await self._visit(token, request)
            return visit if isinstance(visit, Response) else await self._act(visit, request)

        return routes

    async def _visit(self, token: str, request: Request) -> Visit | Response:
        """Return who looks at what, or the page that says why nothing can be seen."""
        link = self.links.read(token, self.now()) if len(token) <= MAX_TOKEN else None
        if link is None:
            return self.pen.notice("gone", 404)
        if self.limiter is not None and not self.limiter.passes(token, time.monotonic()):
            return self.pen.notice("busy", 429, {"Retry-After": AWAY_SECONDS})
        try:
            facts = await store.case_of(self.pool, link.case_id)
        except AwayError:
            return self.pen.notice("away", 503, {"Retry-After": AWAY_SECONDS})
        if facts is None:
            return self.pen.notice("gone", 404)
        asked = request.query_params.get("lang")
        return Visit(token, link, facts, asked if asked in LANGUAGES else LANGUAGES[0])

    async def _show(self, visit: Visit, *, status: int = 200, done: str = "", refused: str = "", typed: Typed | None = None) -> Response:
        """Return the page as the case stands now, with what became of the form that was sent last."""
        words = self.pen.words[visit.language]
        restricted = visit.facts.kind is None or visit.facts.restricted  # of a case that was not told yet nobody knows better
        looked = await self.sources.look(visit.link, visit.token, visit.facts.tracking_id, language=visit.language, restricted=restricted)
        reader = Reader(visit.link, self.now(), visit.language, words, self.offices(), self.names)
        shown = {
            **view(reader, visit.facts, looked, typed=typed),
            "done": words["actions"][done]["done"] if done in FORMS else "",
            "refused": words["refusals"].get(refused, words["refusals"]["other"]) if refused else "",
            "key": lambda: str(uuid4()),
        }
        return self.pen.page(shown, visit.language, status)

    async def _act(self, visit: Visit, request: Request) -> Response:
        """Hand the action to routing: when it is taken, the page is asked for anew; when not, nothing that was typed is lost."""
        try:
            given = _form(await _body(request))
        except _TooLargeError:
            refusal = await self._show(visit, status=413, refused="too_large")
            refusal.headers["Connection"] = "close"  # the rest of the body is not worth reading
            return refusal
        action, key = given.get("action", ""), given.get("key", "")
        if action not in FORMS:
            return await self._show(visit, status=422, refused="other")
        filled = read(action, given, self.offices())
        if filled.errors:
            return await self._show(visit, status=422, refused="form", typed=Typed(action, given, filled.errors))
        key = key if _KEY.fullmatch(key) else str(uuid4())
        version = None if action == QUIET else _version(given.get("version", ""))  # having seen a case does not hang on how it stands
        acted = await self.sources.act(visit.link, visit.token, action, filled.data, key=key, version=version)
        if acted.status == HTTPStatus.OK:
            language = "" if visit.language == LANGUAGES[0] else f"&lang={visit.language}"
            return Response(status_code=303, headers={**self.pen.headers, "Location": f"?done={action}{language}"})
        again = key if acted.code == "unavailable" else ""
        return await self._show(visit, status=acted.status, refused=acted.code, typed=Typed(action, given, key=again))


def _version(told: str) -> int | None:
    """Return the version that a form was shown with, None when it says none; one that cannot be read is that of no case."""
    if not told:
        return None
    return int(told) if _VERSION.fullmatch(told) else _OF_NO_CASE


def _form(body: bytes) -> Mapping[str, str]:
    """Return the fields of a form, none when it is not one; of a field that comes twice the last stands."""
    try:
        return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MAX_FIELDS))
    except ValueError:
        return {}


async def _body(request: Request) -> bytes:
    """Return the body; raises _TooLargeError as soon as it is known to be too large."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_FORM_BYTES:
            raise _TooLargeError
        parts.append(part)
    return b"".join(parts)
