"""What the other services tell of a case for one office, and the action that it takes: HTTP, with the link as the right to ask."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import quote

import httpx

from chassis.link import Link
from services.notify.settings import NotifySettings

MOST_CONNECTIONS: Final = 50
_HIDDEN: Final = frozenset({401, 403, 404})

Why = Literal["away", "hidden"]


@dataclass(frozen=True, slots=True)
class Part:
    """What a service told, or why nothing: it was away, or this is not for the reader."""

    told: Mapping[str, Any]
    why: Why | None = None


AWAY: Final = Part({}, "away")
HIDDEN: Final = Part({}, "hidden")


@dataclass(frozen=True, slots=True)
class Looked:
    """A case as the services told it at one moment."""

    case: Part
    deadlines: Part
    content: Part
    track: Part


@dataclass(frozen=True, slots=True)
class Acted:
    """What routing answered to an action: `code` is that of a receipt, "" when it was taken, `unavailable` when nobody knows."""

    status: int
    code: str = ""


class Sources:
    """Asks routing, sla and intake; what does not answer in time is away, and the others are not kept waiting."""

    def __init__(self, settings: NotifySettings) -> None:
        self._routing = settings.notify_routing_url.rstrip("/")
        self._sla = settings.notify_sla_url.rstrip("/")
        self._intake = settings.notify_intake_url.rstrip("/")
        limits = httpx.Limits(max_connections=MOST_CONNECTIONS)
        self._http = httpx.AsyncClient(timeout=settings.notify_page_seconds, limits=limits, trust_env=False)

    async def look(self, link: Link, token: str, tracking_id: str, *, language: str, restricted: bool) -> Looked:
        """Return the case, its deadlines explained in a language; of a restricted one neither text nor history is even asked for."""
        case, complaint = f"{self._routing}/v1/cases/{link.case_id}", f"{self._intake}/v1/complaints/{quote(tracking_id, safe='')}"

        async def unless_restricted(url: str) -> Part:
            return HIDDEN if restricted else await self._get(url, token)

        parts = await asyncio.gather(
            self._get(case, token, {"agency": link.agency, "role": link.role}),
            self._get(f"{self._sla}/v1/cases/{link.case_id}/deadlines", token, {"lang": language}),
            unless_restricted(f"{complaint}/content"),
            unless_restricted(complaint),
        )
        return Looked(*parts)

    async def act(self, link: Link, token: str, action: str, data: Mapping[str, Any], *, key: str, version: int | None) -> Acted:
        """Take an action as the office of the link."""
        order: dict[str, Any] = {"action": action, "by": {"agency": link.agency, "role": link.role}, "data": data}
        if version is not None:
            order["expected_version"] = version
        headers = {**_right(token), "Idempotency-Key": key}
        try:
            answer = await self._http.post(f"{self._routing}/v1/cases/{link.case_id}/actions", json=order, headers=headers)
            told = answer.json()
            if answer.status_code == httpx.codes.OK:
                return Acted(200)
            code = told.get("code")
        except (httpx.HTTPError, ValueError, AttributeError):
            return Acted(503, "unavailable")
        if answer.status_code == httpx.codes.ACCEPTED:
            return Acted(202, "parked")
        return Acted(answer.status_code, code if isinstance(code, str) and answer.status_code < 500 else "unavailable")

    async def _get(self, url: str, token: str, query: Mapping[str, str] | None = None) -> Part:
        try:
            answer = await self._http.get(url, params=query, headers=_right(token))
            told = answer.json() if answer.status_code == httpx.codes.OK else None
        except (httpx.HTTPError, ValueError):
            return AWAY
        if answer.status_code in _HIDDEN:
            return HIDDEN
        return Part(told) if isinstance(told, dict) else AWAY


def _right(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
