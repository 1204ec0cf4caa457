"""Bodies of requests, read no further than they may go, and all that are in memory at one moment within one budget."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from fastapi import Request
from starlette.requests import ClientDisconnect

from chassis.door import BusyError
from schemas.base import Answer, Problem

BUSY_SECONDS: Final = 1
LEFTOVER: Final = 16 * 1024 * 1024
"""How much of a body that is too long is read, to be dropped, before its sender is told."""


class BodyError(Exception):
    """The body is larger than it may be, or broke off; `answer` says so."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.code)
        self.answer = answer


class Bodies:
    """Lends the memory that bodies take, `most_bytes` at the same time: callers beyond it are sent away before the machine is full."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._held = 0

    @asynccontextmanager
    async def read(self, request: Request, limit: int) -> AsyncIterator[bytes]:
        """Lend the body of a request.

        Raises BodyError when it is longer than `limit` bytes or broke off; BusyError when there is no memory for it.
        """
        announced = request.headers.get("content-length", "")
        if announced.isdecimal() and int(announced[:20]) > limit + LEFTOVER:
            raise _too_large(limit)
        parts, held = [], 0
        stream = request.stream()
        try:
            async for part in stream:
                if held + len(part) > limit:
                    await _pass_over(stream)
                    raise _too_large(limit)
                held += len(part)
                self._held += len(part)
                if self._held > self._most:
                    raise BusyError(BUSY_SECONDS)
                parts.append(part)
            yield b"".join(parts)
        except ClientDisconnect:
            raise BodyError(Answer("rejected", "malformed_json", (Problem("", "the body broke off"),))) from None
        finally:
            self._held -= held


async def _pass_over(stream: AsyncIterator[bytes]) -> None:
    """Let the rest of a body go by, up to a bound: who is still sending when the connection is closed never sees the answer."""
    passed = 0
    async for part in stream:
        passed += len(part)
        if passed > LEFTOVER:
            return


def _too_large(limit: int) -> BodyError:
    return BodyError(Answer("rejected", "too_large", (Problem("", f"the body is larger than {limit} bytes"),)))
