"""The way in over HTTP: requests that wait at one moment are one batch, carried like any other."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from chassis.carry import Carrier
from chassis.item import HTTP, Item, Origin, Raw, Reply, Unreadable, Work
from chassis.postgres import AwayError
from chassis.retry import waits

BATCH: Final = 200
"""Smaller than a batch from a topic: a caller waits for the whole of it."""
TRIES_SECONDS: Final = 3.0
AWAY_SECONDS: Final = 2
"""When to come again after the database was away."""
AT_A_STRETCH: Final = 50
"""Letters that are read before other callers get their turn: a thousand of them take tenths of a second."""


class BusyError(Exception):
    """Too many requests wait, or the database is away: try again after `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"try again after {seconds} seconds")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Letter:
    """What somebody hands in: a body with its headers; `bare` gives id, source and type of a body that is data alone."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    bare: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Handled:
    """What was read of a letter, and its reply; the reply is None when nothing is known of it: it may be sent again."""

    read: Item | Unreadable
    reply: Reply | None


class Door:
    """Takes requests, carries those that wait as one batch, and gives each caller its reply."""

    def __init__(self, carrier: Carrier, *, most: int) -> None:
        self._carrier = carrier
        self._most = most
        self._waiting: list[Item | Unreadable] = []
        self._wake = asyncio.Event()

    async def knock(self, path: str, body: bytes, headers: Mapping[str, str], *, bare: Mapping[str, str] | None = None) -> Reply:
        """Bring one request to its end and return its reply; `bare` gives id, source and type of a body that is data alone.

        Raises BusyError when it was not taken, or when nothing is known of it: the caller may send it again under the same id.
        """
        self._make_room(1)
        (reply,) = self._put([self._read(path, Letter(body, headers, bare))])
        return await reply

    async def knock_all(self, path: str, letters: Sequence[Letter]) -> list[Handled]:
        """Bring many letters to their ends and return what became of each, in their order.

        Raises BusyError when there is no room for all of them: none was taken then.
        """
        self._make_room(len(letters))
        reads = []
        for number, letter in enumerate(letters, 1):
            reads.append(self._read(path, letter))
            if number % AT_A_STRETCH == 0:
                await asyncio.sleep(0)
        self._make_room(len(letters))  # others may have come meanwhile
        told = await asyncio.gather(*self._put(reads), return_exceptions=True)
        return [Handled(read, _known(reply)) for read, reply in zip(reads, told, strict=True)]

    def _make_room(self, number: int) -> None:
        """Refuse what does not fit; to an empty queue everything fits, or a large batch never would."""
        if self._waiting and len(self._waiting) + number > self._most:
            raise BusyError(1)

    def _put(self, reads: Sequence[Item | Unreadable]) -> list[asyncio.Future[Reply]]:
        """Put what was read into the queue and return where its replies will be."""
        loop = asyncio.get_running_loop()
        replies: list[asyncio.Future[Reply]] = []
        for read in reads:
            read.reply = loop.create_future()
            replies.append(read.reply)
        self._waiting += reads
        self._wake.set()
        return replies

    def _read(self, path: str, letter: Letter) -> Item | Unreadable:
        marks = [(f"bare_{name}", value.encode()) for name, value in (letter.bare or {}).items()]
        told = ((name.replace("ce-", "ce_", 1), value) for name, value in letter.headers.items() if name.startswith(("content-type", "ce-")))
        kept = [(name, value.encode()) for name, value in told]
        raw = Raw(f"{HTTP}{path}", 0, int.from_bytes(os.urandom(8)) >> 1, int(time.time() * 1000), None, letter.body, kept + marks)
        return self._carrier.decoder.inbound(raw, self._carrier.clock.now(), Origin.HTTP, letter.bare)

    async def run(self) -> None:
        """Carry what waits, batch after batch, until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
                await self._carry(batch)

    async def _carry(self, batch: list[Item | Unreadable]) -> None:
        work = Work([read for read in batch if isinstance(read, Item)], [read for read in batch if isinstance(read, Unreadable)])
        end = time.monotonic() + TRIES_SECONDS
        for wait in waits():
            try:
                await self._carrier.carry(work)
            except AwayError:
                if time.monotonic() + wait > end:
                    break
                await asyncio.sleep(wait)
            else:
                return
        for read in batch:
            if read.reply is not None and not read.reply.done():
                read.reply.set_exception(BusyError(AWAY_SECONDS))


def _known(reply: Reply | BaseException) -> Reply | None:
    """Return a reply, None for one that nobody knows; any other failure is a bug, and raised."""
    if isinstance(reply, BusyError):
        return None
    if isinstance(reply, BaseException):
        raise reply
    return reply


def describe(reply: Reply) -> dict[str, Any]:
    """Return the part of a receipt that every refused caller is told."""
    errors = [{"path": problem.path, "message": problem.message} for problem in reply.answer.errors]
    return {"outcome": reply.answer.outcome, "code": reply.answer.code, "errors": errors}
