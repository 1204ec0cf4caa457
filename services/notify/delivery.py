"""Sending: notices are leased, handed to their channel, and what came of it is written under the same lease.

The lease is a row's epoch (docs/adr/0009): whoever comes back after it was taken by another writes nothing. Between a server's yes
and our mark a crash makes a copy; every copy bears the notice's one Message-ID.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Final
from uuid import UUID

from asyncpg import Record
from jinja2 import TemplateError

from chassis.postgres import AwayError, Pool
from services.notify import store
from services.notify.channels.mail import TAKEN, Attempt, MailChannel
from services.notify.letter import Desk, Letter
from services.notify.metrics import NoticeMetrics
from services.notify.offices import Offices
from services.notify.settings import NotifySettings

log = logging.getLogger(__name__)

MAIL: Final = "mail"
AHEAD: Final = 4
"""Notices leased for each connection: enough that none waits for the database, few enough to be sent within the lease."""
POLL_SECONDS: Final = 0.5
"""What another replica queues, and retries that come due, are noticed after this time at the latest."""
GATHER_SECONDS: Final = 0.01
"""Results are written at least this far apart, so that many share a statement."""
STOP_SECONDS: Final = 5.0
FIRST_PAUSE_SECONDS: Final = 0.25
LONGEST_PAUSE_SECONDS: Final = 15.0
"""How long nothing is leased after the server was found away."""

Result = tuple[UUID, int, str, str | None, float | None]


class Delivery:
    """Sends what is due until it is told to stop; deciding never waits for it."""

    def __init__(
        self,
        settings: NotifySettings,
        *,
        pool: Pool,
        channel: MailChannel,
        desk: Desk,
        offices: Callable[[], Offices],
        now: Callable[[], datetime],
        metrics: NoticeMetrics,
        ended: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._pool = pool
        self._channel = channel
        self._desk = desk
        self._offices = offices
        self._now = now
        self._metrics = metrics
        self._ended = ended
        self._domain = settings.notify_from.rpartition("@")[2]
        self._wake = asyncio.Event()
        self._sending: set[asyncio.Task[Result | None]] = set()
        self._results: list[Result] = []
        self._failure: BaseException | None = None
        self._pause_seconds = 0.0
        self._paused_until = 0.0

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
            self._channel.close()
            raise

    async def step(self) -> None:
        """Write the results there are, and begin to send what is due; raises AwayError."""
        if self._failure is not None:
            raise self._failure
        await self._write()
        room = self._settings.notify_connections * AHEAD - len(self._sending)
        if room > 0 and time.monotonic() >= self._paused_until:
            until = time.monotonic() + self._settings.notify_lease_seconds
            for row in await store.lease(self._pool, MAIL, room, self._settings.notify_lease_seconds, self._domain):
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
        attempt = await self._attempt(row, until)
        if attempt is None:
            return None
        self._mind(attempt)
        state, wait = self._next(row, attempt)
        reason = "gave_up" if state == "undeliverable" and not attempt.for_good else attempt.reason
        return row["notice_id"], row["epoch"], state, reason, wait

    async def _attempt(self, row: Record, until: float) -> Attempt | None:
        """Hand one notice over; None when its lease would not last, then whoever takes it next will."""
        if row["mailbox"] is None:
            return Attempt("no_address", for_good=True)
        letter = Letter(
            case_id=row["case_id"],
            rule=row["rule"],
            agency=row["agency"],
            meant_for=row["meant_for"],
            matter=store.matter(row["matter"]),
            message_id=row["message_id"],
            mailbox=row["mailbox"],
            deputies=row["deputies"],
            language=row["language"],
        )
        try:
            mail = self._desk.write(letter, self._offices())
        except (TemplateError, ValueError, LookupError):
            log.exception("a notice cannot be written", extra={"case_id": str(row["case_id"]), "notice_id": str(row["notice_id"])})
            return Attempt("not_writable", for_good=True)
        return await self._channel.send(mail, [letter.mailbox, *letter.deputies], until)

    def _next(self, row: Record, attempt: Attempt) -> tuple[str, float | None]:
        """Return the notice's next state, and after how many seconds it is to be tried again."""
        if attempt == TAKEN:
            return "delivered", None
        wait = retry_wait(row["epoch"], self._settings.notify_retry_seconds, self._settings.notify_retry_longest_seconds)
        if attempt.for_good or row["age"] + wait > self._settings.notify_give_up_seconds:
            return "undeliverable", None
        return "retry", min(wait, LONGEST_PAUSE_SECONDS * 4) if attempt.away else wait

    def _mind(self, attempt: Attempt) -> None:
        """Lease nothing for a while when the server is away; the wait grows until it takes a mail or says no to one."""
        if not attempt.away:
            self._pause_seconds = 0.0
        elif time.monotonic() >= self._paused_until:
            self._pause_seconds = min(max(self._pause_seconds * 2, FIRST_PAUSE_SECONDS), LONGEST_PAUSE_SECONDS)
            self._paused_until = time.monotonic() + self._pause_seconds

    async def _write(self) -> None:
        """Write what came of notices, in one statement; results of a lost lease change nothing."""
        if not self._results:
            return
        results = self._results[:]
        rows = await store.finish(self._pool, results, self._now())
        del self._results[: len(results)]
        self._metrics.count(MAIL, "fenced", len(results) - len(rows))
        for row in rows:
            self._metrics.count(MAIL, row["state"])
            if row["state"] == "delivered":
                self._metrics.delay.labels(MAIL).observe(row["age"])
            if row["state"] != "retry":
                self._metrics.attempts.labels(MAIL).observe(row["epoch"])
        if any(row["state"] != "retry" for row in rows):
            self._ended()


def retry_wait(tries: int, first_seconds: float, longest_seconds: float) -> float:
    """Return the seconds before the next try after `tries`: doubling, half of it random, so that a crowd does not come at once."""
    wait: float = min(first_seconds * 2.0 ** min(tries - 1, 40), longest_seconds)
    return wait * (0.5 + random.random() / 2)  # noqa: S311 - jitter, not a secret
