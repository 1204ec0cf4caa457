"""The way in over HTTP: requests that wait at one moment are one batch, carried like any other."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping
from typing import Any, Final

from chassis.carry import Carrier
from chassis.item import Item, Origin, Raw, Reply, Unreadable, Work
from chassis.postgres import AwayError
from chassis.retry import waits

BATCH: Final = 200
"""Smaller than a batch from a topic: a caller waits for the whole of it."""
TRIES_SECONDS: Final = 3.0


class BusyError(Exception):
    """Too many requests wait, or the database is away: try again after `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"try again after {seconds} seconds")
        self.seconds = seconds


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
        if len(self._waiting) >= self._most:
            raise BusyError(1)
        marks = [(f"bare_{name}", value.encode()) for name, value in (bare or {}).items()]
        told = ((name.replace("ce-", "ce_", 1), value) for name, value in headers.items() if name.startswith(("content-type", "ce-")))
        kept = [(name, value.encode()) for name, value in told]
        raw = Raw(f"http:{path}", 0, int.from_bytes(os.urandom(8)) >> 1, int(time.time() * 1000), None, body, kept + marks)
        read = self._carrier.decoder.inbound(raw, self._carrier.clock.now(), Origin.HTTP, bare)
        read.reply = asyncio.get_running_loop().create_future()
        self._waiting.append(read)
        self._wake.set()
        reply: Reply = await read.reply
        return reply

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
                read.reply.set_exception(BusyError(2))


def describe(reply: Reply) -> dict[str, Any]:
    """Return the part of a receipt that every refused caller is told."""
    errors = [{"path": problem.path, "message": problem.message} for problem in reply.answer.errors]
    return {"outcome": reply.answer.outcome, "code": reply.answer.code, "errors": errors}
