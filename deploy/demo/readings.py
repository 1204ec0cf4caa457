"""What the services and the mailbox answer when asked over HTTP: of every case how it stands, and all mails."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any, Final

import httpx

AT_ONCE: Final = 8
TRIES: Final = 5
PAUSE_SECONDS: Final = 0.3
LOOK_SECONDS: Final = 3.0


async def ask_all(http: httpx.AsyncClient, urls: Mapping[str, str]) -> dict[str, Mapping[str, Any]]:
    """Return the answers by the names of the questions; what is refused or stays unanswered is an empty object."""
    turn = asyncio.Semaphore(AT_ONCE)

    async def ask(url: str) -> Mapping[str, Any]:
        async with turn:
            return await _ask(http, url)

    answers = await asyncio.gather(*(ask(url) for url in urls.values()))
    return dict(zip(urls, answers, strict=True))


async def mails(http: httpx.AsyncClient, mailbox: str) -> tuple[Mapping[str, Any], ...]:
    """Return all mails, oldest first; raises httpx.HTTPError."""
    response = await http.get(f"{mailbox}/messages.json")
    response.raise_for_status()
    found: Iterable[Mapping[str, Any]] = response.json()
    return tuple(found)


async def pages(http: httpx.AsyncClient, links: Mapping[str, str]) -> dict[str, tuple[int, str]]:
    """Return status and page behind each link, by its name; status 0 when nobody answered."""

    async def open_(url: str) -> tuple[int, str]:
        try:
            response = await http.get(url)
        except httpx.HTTPError:
            return 0, ""
        return response.status_code, response.text

    return {name: await open_(url) for name, url in links.items()}


class Hooks:
    """What the webhook sink took, read again and again, for it keeps only the newest."""

    def __init__(self, http: httpx.AsyncClient, sink: str) -> None:
        self._http = http
        self._sink = sink
        self._found: dict[str, Mapping[str, Any]] = {}

    @property
    def messages(self) -> tuple[Mapping[str, Any], ...]:
        """Return all that was seen, in the order in which it came."""
        return tuple(self._found.values())

    async def look(self) -> None:
        """Read what is new; a sink that does not answer is asked again later."""
        try:
            response = await self._http.get(f"{self._sink}/messages.json")
        except httpx.HTTPError:
            return
        if response.is_success:
            for message in response.json():
                self._found.setdefault(message["id"], message)

    async def watch(self) -> None:
        """Look until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_SECONDS)


async def _ask(http: httpx.AsyncClient, url: str) -> Mapping[str, Any]:
    for _ in range(TRIES):
        try:
            response = await http.get(url)
        except httpx.HTTPError:
            await asyncio.sleep(PAUSE_SECONDS)
            continue
        if response.is_success:
            told: Mapping[str, Any] = response.json()
            return told
        if response.status_code == httpx.codes.NOT_FOUND:
            return {}
        await asyncio.sleep(PAUSE_SECONDS)
    return {}
