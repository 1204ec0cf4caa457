"""What a case's reporter wrote, for the people who work on it: each read is written down before it is answered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, Protocol
from uuid import UUID

import orjson
from fastapi import APIRouter, Request, Response

from chassis.link import Link, Links
from schemas.base import Answer, Problem
from schemas.ids import read_tracking_id
from schemas.inbound.complaint_submitted_v1 import Reporter
from schemas.words import Kind
from services.intake.anonymous import attachments_of, location_of
from services.intake.answers import NO_CASE, OPEN, Told, as_json, refused
from services.intake.domain import Submission
from services.intake.metrics import IntakeMetrics
from services.intake.openapi import CONTENT_EXTRA, CONTENT_RESPONSES
from services.intake.redaction import redact
from services.intake.store import Content
from services.intake.titles import derive_title

PATH: Final = "/v1/complaints/{tracking_id}/content"
_HASH_BYTES: Final = 16
_NO_LINK: Final = Answer("rejected", "unauthorized_source", (Problem("", "the link of a notice is required: Authorization: Bearer, or ?token="),))
_DEAD_LINK: Final = Answer("rejected", "unauthorized_source", (Problem("", "this link was not signed here, or its time is over"),))
_OTHERS: Final = Answer("rejected", "forbidden_role", (Problem("", "this link is for another case, or its agency does not hold this case any more"),))
_PRIVATE: Final = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


class ReadContent(Protocol):
    """Writes down a read and returns what is read."""

    def __call__(self, case_id: UUID, *, at: datetime, who: str, link: bytes | None) -> Awaitable[Content]:
        """Raise AwayError when it cannot be written down: then nothing is read."""


@dataclass(frozen=True, slots=True)
class ContentApi:
    """The content endpoint; `owned` finds a case with its owner, `above` names the agencies above one, the nearest first."""

    owned: Callable[[str], Awaitable[tuple[Submission, str | None] | None]]
    read: ReadContent
    above: Callable[[str], Iterator[str]]
    links: Links
    now: Callable[[], datetime]
    metrics: IntakeMetrics
    public: frozenset[str]
    """Words that stand in names of places and offices: they give nobody away."""
    open_to_all: bool

    def router(self) -> APIRouter:
        """Return the endpoint."""
        router = APIRouter(tags=["complaints"])

        @router.get(PATH, summary="What the reporter wrote, for the owner's people", responses=CONTENT_RESPONSES, openapi_extra=CONTENT_EXTRA)
        async def content(tracking_id: str, request: Request) -> Response:
            with self.metrics.request("GET") as told:
                response, told.outcome = await self._content(tracking_id, request)
            return response

        return router

    async def _content(self, tracking_id: str, request: Request) -> Told:
        token, at = _token(request), self.now()
        link = self.links.read(token, at) if token else None
        canonical = read_tracking_id(tracking_id)
        found = await self.owned(canonical) if canonical else None
        if found is None:
            return refused(NO_CASE)
        case, owner = found
        right = link is not None and self._opens(link, case, owner)
        if case.kind is Kind.WHISTLEBLOWING and not right:
            return refused(NO_CASE)  # to everyone else it does not exist, also where doors are open
        if token is None and not self.open_to_all:
            return refused(_NO_LINK, {"WWW-Authenticate": "Bearer"})
        if token is not None and link is None:
            return refused(_DEAD_LINK, {"WWW-Authenticate": 'Bearer error="invalid_token"'})
        if link is not None and not right:
            return refused(_OTHERS)
        who = f"{link.agency}/{link.role}" if link else OPEN
        digest = sha256(token.encode()).digest()[:_HASH_BYTES] if token else None
        return as_json(200, _told(case, await self.read(case.case_id, at=at, who=who, link=digest), self.public), _PRIVATE), "accepted"

    def _opens(self, link: Link, case: Submission, owner: str | None) -> bool:
        """Tell whether a link opens a case: it is the case's, and for its owner now or an agency above, which hears of its breaches."""
        return link.case_id == case.case_id and owner is not None and (link.agency == owner or link.agency in self.above(owner))


def _token(request: Request) -> str | None:
    """Return the token that a caller shows, None when it shows none; what is no bearer's is a token that nobody signed."""
    header = request.headers.get("authorization")
    if header is None:
        return request.query_params.get("token")
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _told(case: Submission, content: Content, public: frozenset[str]) -> dict[str, Any]:
    """Return what is shown; of an anonymous reporter words, place and files too tell nobody who it was (docs/contract.md)."""
    entry = content.entry
    reporter = Reporter.model_validate_json(entry.reporter) if entry and entry.reporter else None

    def shown(words: str) -> str:
        return redact(words, reporter, public) if case.anonymous else words

    location = orjson.loads(entry.location) if entry and entry.location else None
    attachments = orjson.loads(entry.attachments) if entry and entry.attachments else []
    if case.anonymous:
        location = location and location_of(location, reporter, public)
        attachments = attachments_of(attachments, reporter, public)
    text = shown(entry.text.decode()) if entry else None
    title = shown(entry.title.decode()) if entry and entry.title else derive_title(text or "")
    return {
        "tracking_id": case.tracking_id,
        "kind": case.kind,
        "category": case.category,
        "accepted_at": case.accepted_at,
        "title": title or None,
        "text": text,
        "location": location,
        "attachments": attachments,
        "supplements": [{"at": at, "text": shown(words)} for at, words in content.supplements],
    }
