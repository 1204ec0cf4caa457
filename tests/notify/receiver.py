"""A real HTTP server that takes webhooks and behaves as it is told to; every request is kept, and every connection counted."""

from __future__ import annotations

import asyncio
import ssl
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import orjson
from standardwebhooks import Webhook

from services.notify.channels.signing import read_secrets
from services.notify.settings import NotifySettings
from tests.notify import facts


@dataclass(frozen=True, slots=True)
class Request:
    """One webhook as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        """The event, after the official library has verified it."""
        found: dict[str, Any] = Webhook(facts.SECRET).verify(self.body, self.headers)
        return found


BODY = '{"id":"é"}'.encode()
KEYS = read_secrets(facts.SECRET)
Send = Callable[..., Any]

Answer = Callable[[Request, asyncio.StreamWriter], Awaitable[bytes]]


def answer(status: int, *headers: str, body: bytes = b"") -> bytes:
    lines = [f"HTTP/1.1 {status} x", *headers, f"content-length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


async def _yes(_request: Request, _writer: asyncio.StreamWriter) -> bytes:
    return answer(204)


class Receiver:
    """`answers` is asked for each request and returns the bytes of the answer; it may write itself, wait, or hang up."""

    def __init__(self, answers: Answer = _yes) -> None:
        self.answers = answers
        self.requests: list[Request] = []
        self.connections = 0
        self.port = 0
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def ids(self) -> Counter[str]:
        return Counter(request.headers["webhook-id"] for request in self.requests)

    async def start(self, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None, port: int = 0) -> Receiver:
        self._server = await asyncio.start_server(self._serve, host, port, ssl=tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        with suppress(OSError, asyncio.IncompleteReadError, ValueError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
                request = Request(head[0].split()[1], headers, await reader.readexactly(int(headers["content-length"])))
                self.requests.append(request)
                writer.write(await self.answers(request, writer))
                await writer.drain()
        self._writers.discard(writer)
        writer.close()


def saying(*answers_: bytes) -> Answer:
    """Answer so one after the other; the last one from then on."""
    left = list(answers_)

    async def act(_request: Request, _writer: asyncio.StreamWriter) -> bytes:
        return left.pop(0) if len(left) > 1 else left[0]

    return act


def sequence_of(request: Request) -> int:
    number: int = orjson.loads(request.body)["sequence"]
    return number


def channel_settings(**given: Any) -> NotifySettings:
    return NotifySettings(**{"notify_allow_loopback": True, "notify_webhook_seconds": 1.0} | given)
