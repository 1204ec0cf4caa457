"""What the services and the mailbox answer when asked over HTTP: of every case how it stands, and all mails."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final

import orjson
from aiohttp import ClientSession, ClientTimeout

from deploy.demo.doors import UNANSWERED

AT_ONCE: Final = 8
TRIES: Final = 5
PAUSE_SECONDS: Final = 0.3
LOOK_SECONDS: Final = 4.0
MAILBOX: Final = ClientTimeout(total=60)
"""A hundred megabytes come in one piece."""


async def ask_all(http: ClientSession, urls: Mapping[str, str]) -> dict[str, Mapping[str, Any]]:
    """Return the answers by the names of the questions; what is refused or stays unanswered is an empty object."""
    turn = asyncio.Semaphore(AT_ONCE)

    async def ask(url: str) -> Mapping[str, Any]:
        async with turn:
            return await _ask(http, url)

    answers = await asyncio.gather(*(ask(url) for url in urls.values()))
    return dict(zip(urls, answers, strict=True))


async def mails(http: ClientSession, mailbox: str) -> tuple[Mapping[str, Any], ...]:
    """Return all mails, oldest first; raises ClientError."""
    async with http.get(f"{mailbox}/messages.json", timeout=MAILBOX) as response:
        response.raise_for_status()
        found: Iterable[Mapping[str, Any]] = orjson.loads(await response.read())
    return tuple(found)


async def pages(http: ClientSession, links: Mapping[str, str]) -> dict[str, tuple[int, str]]:
    """Return status and page behind each link, by its name; status 0 when nobody answered."""

    async def open_(url: str) -> tuple[int, str]:
        try:
            async with http.get(url) as response:
                return response.status, await response.text()
        except UNANSWERED:
            return 0, ""

    return {name: await open_(url) for name, url in links.items()}


class Hooks:
    """What the webhook sink took, read again and again, for it keeps only the newest."""

    def __init__(self, http: ClientSession, sink: str) -> None:
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
            async with self._http.get(f"{self._sink}/messages.json") as response:
                found = orjson.loads(await response.read()) if response.ok else ()
        except UNANSWERED:
            return
        for message in found:
            self._found.setdefault(message["id"], message)

    async def watch(self) -> None:
        """Look until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_SECONDS)


async def _ask(http: ClientSession, url: str) -> Mapping[str, Any]:
    for _ in range(TRIES):
        try:
            async with http.get(url) as response:
                status, body = response.status, await response.read()
        except UNANSWERED:
            await asyncio.sleep(PAUSE_SECONDS)
            continue
        if status == HTTPStatus.OK:
            told: Mapping[str, Any] = orjson.loads(body)
            return told
        if status == HTTPStatus.NOT_FOUND:
            return {}
        await asyncio.sleep(PAUSE_SECONDS)
    return {}
