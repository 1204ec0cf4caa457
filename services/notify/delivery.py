"""Sending: notices are leased, handed to their channel, and what came of it is written under the same lease.

The lease is a row's epoch (docs/adr/0009): whoever comes back after it was taken by another writes nothing. Between a server's yes
and our mark a crash makes a copy; every copy bears the notice's one Message-ID or
webhook-id.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Final
from uuid import UUID

from asyncpg import Record

from chassis.postgres import AwayError, Pool
from services.notify import store
from services.notify.channels.attempt import TAKEN, Attempt
from services.notify.metrics import NoticeMetrics
from services.notify.settings import NotifySettings
from services.notify.ways import Way

POLL_SECONDS: Final = 0.5
"""What another replica queues, and retries that come due, are noticed after this time at the latest."""
GATHER_SECONDS: Final = 0.01
"""Results are written at least this far apart, so that many share a statement."""
STOP_SECONDS: Final = 5.0
AWAY_SECONDS: Final = 60.0
"""What found its server away waits no longer than this: the server is left alone anyway, by its way out."""

Result = tuple[UUID, int, str, str | None, float | None]


class Delivery:
    """Sends by one way what is due until it is told to stop; deciding never waits for it."""

    def __init__(
        self, settings: NotifySettings, way: Way, *, pool: Pool, now: Callable[[], datetime], metrics: NoticeMetrics, ended: Callable[[], None]
    ) -> None:
        self._settings = settings
        self._way = way
        self._pool = pool
        self._now = now
        self._metrics = metrics
        self._ended = ended
        self._wake = asyncio.Event()
        self._sending: set[asyncio.Task[Result | None]] = set()
        self._results: list[Result] = []
        self._failure: BaseException | None = None

    def wake(self) -> None:
        """Look again: something was queued."""
        self._wake.set()

    async def run(self) -> None:
        """Send until cancelled, then wait a little for what is on its way; raises AwayError."""
        try:
            while True:
                self._wake.clear()
                await self.step()
                await self._rest()
        except asyncio.CancelledError:
            if self._sending:
                await asyncio.wait(self._sending, timeout=STOP_SECONDS)
            with suppress(AwayError):
                await self._write()
            await self._way.close()
            raise

    async def step(self) -> None:
        """Write the results there are, and begin to send what is due; raises AwayError."""
        if self._failure is not None:
            raise self._failure
        await self._write()
        until = time.monotonic() + self._settings.notify_lease_seconds
        for row in await self._way.lease(len(self._sending)):
            task = asyncio.create_task(self._send(row, until))
            self._sending.add(task)
            task.add_done_callback(self._sent)

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(POLL_SECONDS):
                await self._wake.wait()
        except TimeoutError:
            return
        await asyncio.sleep(GATHER_SECONDS)

    def _sent(self, task: asyncio.Task[Result | None]) -> None:
        self._sending.discard(task)
        self._wake.set()
        if task.cancelled():
            return
        if (error := task.exception()) is not None:
            self._failure = error
        elif (result := task.result()) is not None:
            self._results.append(result)

    async def _send(self, row: Record, until: float) -> Result | None:
        attempt = await self._way.hand_over(row, until)
        if attempt is None:
            return None
        state, wait = self._next(row, attempt)
        reason = "gave_up" if state == "undeliverable" and not attempt.for_good else attempt.reason
        return row["notice_id"], row["epoch"], state, reason, wait

    def _next(self, row: Record, attempt: Attempt) -> tuple[str, float | None]:
        """Return the notice's next state, and after how many seconds it is to be tried again."""
        if attempt == TAKEN:
            return "delivered", None
        wait = retry_wait(row["epoch"], self._settings.notify_retry_seconds, self._settings.notify_retry_longest_seconds)
        if attempt.for_good or row["age"] + wait > self._way.give_up_seconds:
            return "undeliverable", None
        return "retry", max(attempt.after_seconds, min(wait, AWAY_SECONDS) if attempt.away else wait)

    async def _write(self) -> None:
        """Write what came of notices, in one statement; results of a lost lease change nothing."""
        if not self._results:
            return
        results = self._results[:]
        rows = await store.finish(self._pool, results, self._now())
        del self._results[: len(results)]
        self._metrics.count(self._way.channel, "fenced", len(results) - len(rows))
        for row in rows:
            self._metrics.count(self._way.channel, row["state"])
            if row["state"] == "delivered":
                self._metrics.delay.labels(self._way.channel).observe(row["age"])
            if row["state"] != "retry":
                self._metrics.attempts.labels(self._way.channel).observe(row["epoch"])
        if any(row["state"] != "retry" for row in rows):
            self._ended()


def retry_wait(tries: int, first_seconds: float, longest_seconds: float) -> float:
    """Return the seconds before the next try after `tries`: doubling, half of it random, so that a crowd does not come at once."""
    wait: float = min(first_seconds * 2.0 ** min(tries - 1, 40), longest_seconds)
    return wait * (0.5 + random.random() / 2)  # noqa: S311 - jitter, not a secret
