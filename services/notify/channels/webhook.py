"""Handing webhooks to their receivers over HTTP: signed, no redirect followed, no answer read longer than it needs."""

from __future__ import annotations

import asyncio
import ssl
import time
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from typing import Final

import httpcore

from schemas.envelope import STRUCTURED
from schemas.targets import Target, read_target
from services.notify.channels.attempt import TAKEN, Attempt
from services.notify.channels.guard import Guarded, RefusedError, UnknownHostError
from services.notify.channels.signing import sign
from services.notify.settings import NotifySettings

IDLE_SECONDS: Final = 20.0
ANSWER_BYTES: Final = 65_536
"""How much of an answer is read, so that its connection can be used again; nothing in it matters to us."""
ANSWER_SECONDS: Final = 2.0
LONGEST_ASKED_SECONDS: Final = 3600.0
"""A receiver may ask us to wait (Retry-After), but not for longer."""
_FAILURES: Final = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, TimeoutError, OSError)
_OK: Final = range(200, 300)
_GONE: Final = 410
_THROTTLING: Final = {429: "throttled", 502: "server_away", 503: "server_away", 504: "server_away"}
_KINDS: Final = {3: "redirected", 4: "refused"}


class WebhookChannel:
    """Sends webhooks; how many at once, and to whom, is its caller's to decide."""

    def __init__(self, settings: NotifySettings) -> None:
        self._inward = settings.notify_allow_loopback
        self._seconds = settings.notify_webhook_seconds
        self._guard = Guarded(inward=self._inward)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=settings.notify_webhook_connections,
            keepalive_expiry=IDLE_SECONDS,
            network_backend=self._guard,
        )

    async def send(self, url: str, webhook_id: str, body: bytes, keys: tuple[bytes, ...]) -> Attempt:
        """Hand one webhook over; taken when the receiver answers 2xx in time."""
        target = read_target(url)
        if target is None:
            return Attempt("invalid_url", for_good=True)
        if target.scheme == "http" and not (self._inward and _here(target)):
            return Attempt("target_refused", for_good=True)
        headers = {
            "host": target.authority,
            "content-type": STRUCTURED,
            "content-length": str(len(body)),
            "user-agent": "Salur",
            **sign(keys, webhook_id, int(time.time()), body),
        }
        try:
            async with asyncio.timeout(self._seconds):
                return await self._exchange(target, list(headers.items()), body)
        except (RefusedError, UnknownHostError, *_FAILURES) as error:
            return _failed(error)

    async def close(self) -> None:
        """Hang up."""
        await self._pool.aclose()
        self._guard.close()

    async def _exchange(self, target: Target, headers: list[tuple[str, str]], body: bytes) -> Attempt:
        url = httpcore.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path)
        async with self._pool.stream("POST", url, headers=headers, content=body) as answer:
            attempt = _judge(answer.status, dict(answer.headers))
            with suppress(*_FAILURES):
                async with asyncio.timeout(ANSWER_SECONDS):
                    await _drain(answer)
            return attempt


def _failed(error: Exception) -> Attempt:
    """Name a failure by what it means."""
    match error:
        case RefusedError():
            return Attempt("target_refused", for_good=True)
        case TimeoutError() | httpcore.TimeoutException():
            return Attempt("timeout", away=True)
        case UnknownHostError() | httpcore.ConnectError() | ssl.SSLError():
            return Attempt("server_away", away=True)
    return Attempt("connection_lost", away=True)


async def _drain(answer: httpcore.Response) -> None:
    """Read a short answer to its end; a longer one is given up, and its connection with it."""
    read = 0
    async for piece in answer.aiter_stream():
        read += len(piece)
        if read > ANSWER_BYTES:
            return


def _judge(status: int, headers: dict[bytes, bytes]) -> Attempt:
    """Return what an answer means, as Standard Webhooks says: 2xx is a yes, 410 ends it, everything else may pass."""
    if status in _OK:
        return TAKEN
    if status == _GONE:
        return Attempt("gone", for_good=True)
    asked = _asked_seconds(next((value for name, value in headers.items() if name.lower() == b"retry-after"), b""))
    if status in _THROTTLING:
        return Attempt(_THROTTLING[status], away=True, after_seconds=asked)
    return Attempt(_KINDS.get(status // 100, "server_error"), after_seconds=asked)


def _asked_seconds(value: bytes) -> float:
    """Return how long a Retry-After asks to wait (RFC 9110 §10.2.3: seconds or a date), 0 when it does not or cannot be read."""
    text = value.decode("latin-1").strip()
    try:
        seconds = float(text) if text.isascii() and text.isdigit() else (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        return 0.0
    return min(max(seconds, 0.0), LONGEST_ASKED_SECONDS)


def _here(target: Target) -> bool:
    """Return whether a host names this machine: only there may a webhook travel in the clear."""
    try:
        return ip_address(target.host).is_loopback
    except ValueError:
        return target.host.lower() == "localhost"
