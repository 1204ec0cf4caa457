"""The two ways of a notice out: what is leased for each, and how one of it is handed over."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from asyncpg import Record
from cryptography.exceptions import InvalidTag
from jinja2 import TemplateError

from chassis.postgres import Pool
from chassis.seal import Seal
from schemas.words import NoticeChannel
from services.notify import store
from services.notify.addresses import ABOUT_SECRET
from services.notify.channels.attempt import Attempt
from services.notify.channels.mail import MailChannel
from services.notify.channels.signing import read_secrets
from services.notify.channels.webhook import WebhookChannel
from services.notify.hosts import Hosts
from services.notify.letter import Desk, Letter
from services.notify.offices import Offices
from services.notify.settings import NotifySettings

log = logging.getLogger(__name__)

AHEAD: Final = 4
"""Mails leased for each connection: enough that none waits for the database, few enough to be sent within the lease."""
FIRST_PAUSE_SECONDS: Final = 0.25
LONGEST_PAUSE_SECONDS: Final = 15.0
"""How long no mail is leased after the server was found away."""
HOSTS_AT_ONCE: Final = 200
"""Receivers that are looked at in one round; the next round goes on after the last of them."""


class Way(Protocol):
    """One channel of notices, as the delivery drives it."""

    channel: str
    give_up_seconds: float

    async def lease(self, sending: int) -> Sequence[Record]:
        """Take what is due and may be begun now, while `sending` are on their way; raises AwayError."""

    async def hand_over(self, row: Record, until: float) -> Attempt | None:
        """Hand one over; None when its lease (monotonic seconds) would not last, then whoever takes it next will."""

    async def close(self) -> None:
        """Hang up."""


class MailWay:
    """Mails, all to one server: while it is away, nothing is leased."""

    channel = str(NoticeChannel.MAIL)

    def __init__(self, settings: NotifySettings, *, pool: Pool, channel: MailChannel, desk: Desk, offices: Callable[[], Offices]) -> None:
        self.give_up_seconds = settings.notify_give_up_seconds
        self._settings = settings
        self._pool = pool
        self._channel = channel
        self._desk = desk
        self._offices = offices
        self._domain = settings.notify_from.rpartition("@")[2]
        self._pause_seconds = 0.0
        self._paused_until = 0.0

    async def lease(self, sending: int) -> Sequence[Record]:
        """Take as many as keep all connections busy."""
        room = self._settings.notify_connections * AHEAD - sending
        if room <= 0 or time.monotonic() < self._paused_until:
            return ()
        return await store.lease(self._pool, room, self._settings.notify_lease_seconds, self._domain)

    async def hand_over(self, row: Record, until: float) -> Attempt | None:
        """Write the mail and hand it to the server."""
        if row["mailbox"] is None:
            return Attempt("no_address", for_good=True)
        letter = Letter(
            case_id=row["case_id"],
            rule=row["rule"],
            agency=row["agency"],
            role=row["role"],
            meant_for=row["meant_for"],
            matter=store.matter(row["matter"]),
            at=row["at"],
            message_id=row["message_id"],
            mailbox=row["mailbox"],
            deputies=row["deputies"],
            language=row["language"],
        )
        try:
            mail = self._desk.write(letter, self._offices()).as_bytes()
        except (TemplateError, ValueError, LookupError):
            log.exception("a notice cannot be written", extra={"case_id": str(row["case_id"]), "notice_id": str(row["notice_id"])})
            return Attempt("not_writable", for_good=True)
        attempt = await self._channel.send(mail, [letter.mailbox, *letter.deputies], until)
        if attempt is not None:
            self._mind(attempt)
        return attempt

    async def close(self) -> None:
        """Hang up."""
        self._channel.close()

    def _mind(self, attempt: Attempt) -> None:
        """Lease nothing for a while when the server is away; the wait grows until it takes a mail or says no to one."""
        if not attempt.away:
            self._pause_seconds = 0.0
        elif time.monotonic() >= self._paused_until:
            self._pause_seconds = min(max(self._pause_seconds * 2, FIRST_PAUSE_SECONDS), LONGEST_PAUSE_SECONDS)
            self._paused_until = time.monotonic() + self._pause_seconds


class WebhookWay:
    """Webhooks, to as many servers as there are receivers: each is leased for by itself, as far as it has room."""

    channel = str(NoticeChannel.WEBHOOK)

    def __init__(self, settings: NotifySettings, *, pool: Pool, channel: WebhookChannel, seal: Seal) -> None:
        self.give_up_seconds = settings.notify_webhook_give_up_seconds
        self._lease_seconds = settings.notify_lease_seconds
        self._keys = settings.webhook_keys()
        self._pool = pool
        self._channel = channel
        self._seal = seal
        self._hosts = Hosts(at_once=settings.notify_webhook_connections, per_host=settings.notify_webhook_host_connections)
        self._last = ""

    async def lease(self, sending: int) -> Sequence[Record]:  # noqa: ARG002 - the hosts know it better
        """Take of each receiver's what it has room for."""
        names = await store.hosts(self._pool, self._last, HOSTS_AT_ONCE)
        self._last = names[-1] if len(names) == HOSTS_AT_ONCE else ""
        now = time.monotonic()
        rooms = self._hosts.rooms(names, now)
        if not rooms:
            return ()
        rows = await store.lease_at(self._pool, rooms, self._lease_seconds)
        for row in rows:
            self._hosts.begin(row["host"], now)
        return rows

    async def hand_over(self, row: Record, until: float) -> Attempt | None:  # noqa: ARG002 - none of them waits for its turn
        """Sign the event with the receiver's own secret, or ours, and hand it to the receiver."""
        began = time.monotonic()
        attempt = Attempt("connection_lost", away=True)
        try:
            attempt = await self._send(row)
        finally:
            now = time.monotonic()
            self._hosts.end(row["host"], attempt, now - began, now)
        return attempt

    async def close(self) -> None:
        """Hang up."""
        await self._channel.close()

    async def _send(self, row: Record) -> Attempt:
        if row["url"] is None:
            return Attempt("no_address", for_good=True)
        try:
            keys = self._keys if row["secret"] is None else read_secrets(self._seal.open(row["secret"], ABOUT_SECRET).decode())
        except (InvalidTag, ValueError):
            log.error("an office's webhook secret cannot be opened", extra={"notice_id": str(row["notice_id"])})  # noqa: TRY400 - it says all
            return Attempt("no_secret", for_good=True)
        if not keys:
            return Attempt("no_secret", for_good=True)
        return await self._channel.send(row["url"], row["message_id"], row["body"], keys)
