"""Is it ready? One question a kind of process, answered by real use and within seconds."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from chassis.kafka import wait_until_ready

Probe = Callable[[], Awaitable[bool]]
ANSWER_SECONDS = 3.0


def kafka_probe(bootstrap: str) -> Probe:
    """Ask by an admin request: an open port says nothing."""

    async def ready() -> bool:
        try:
            await wait_until_ready(bootstrap, timeout_seconds=ANSWER_SECONDS)
        except TimeoutError:
            return False
        return True

    return ready


def http_probe(host: str, port: int, path: str = "/readyz") -> Probe:
    """Ask a service's own page; ready is status 200."""

    async def ready() -> bool:
        try:
            return await asyncio.wait_for(_status(host, port, path), ANSWER_SECONDS) == 200
        except (OSError, TimeoutError, ValueError, IndexError):
            return False

    return ready


async def alive() -> bool:
    """Be content with a process that runs and opens no port."""
    return True


async def _status(host: str, port: int, path: str) -> int:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        return int((await reader.readline()).split()[1])
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
