"""Handing mails to an SMTP server over connections that are used again."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from aiosmtplib import SMTP, SMTPDataError, SMTPException, SMTPRecipientsRefused

from services.notify.channels.attempt import TAKEN, Attempt
from services.notify.settings import NotifySettings

IDLE_SECONDS: Final = 20.0
"""A connection that rested longer is not used again: servers hang up after a while, and a mail in that moment would need a second try."""
MAILS_PER_CONNECTION: Final = 100
_SERVER_CLOSING: Final = 421


@dataclass(slots=True)
class _Line:
    """A connection, how many mails it has carried, and since when it rests."""

    client: SMTP
    mails: int = 0
    rested_at: float = 0.0

    @property
    def usable(self) -> bool:
        rested = time.monotonic() - self.rested_at
        return self.client.is_connected and self.mails < MAILS_PER_CONNECTION and rested < IDLE_SECONDS


class MailChannel:
    """Sends mails, at most `notify_connections` at once."""

    def __init__(self, settings: NotifySettings) -> None:
        self._settings = settings
        self._free = asyncio.Semaphore(settings.notify_connections)
        self._resting: list[_Line] = []

    async def send(self, mail: bytes, recipients: Sequence[str], until: float) -> Attempt | None:
        """Hand one mail over; taken when the server took it for at least one of the recipients.

        None, and nothing is sent, when it is this mail's turn too late to be sure of an end before `until` (monotonic seconds).
        """
        async with self._free:
            if time.monotonic() + self._settings.smtp_seconds > until:
                return None
            line: _Line | None = None
            try:
                async with asyncio.timeout(self._settings.smtp_seconds):
                    line = await self._line()
                    await line.client.sendmail(self._settings.notify_from, recipients, mail)
            except (SMTPException, OSError, ssl.SSLError, TimeoutError, ValueError) as error:
                attempt = _failed(error, connected=line is not None)
            else:
                attempt = TAKEN
            self._rest(line, drop=attempt.away)
            return attempt

    def close(self) -> None:
        """Hang up."""
        for line in self._resting:
            line.client.close()
        self._resting.clear()

    async def _line(self) -> _Line:
        while self._resting:
            line = self._resting.pop()
            if line.usable:
                return line
            line.client.close()
        settings = self._settings
        client = SMTP(
            hostname=settings.smtp_host,
            port=settings.smtp_port,
            local_hostname=settings.notify_from.rpartition("@")[2],
            timeout=settings.smtp_seconds,
            use_tls=settings.smtp_security == "tls",
            start_tls=settings.smtp_security == "starttls",
            username=settings.smtp_user,
            password=settings.smtp_password.get_secret_value() if settings.smtp_password else None,
        )
        try:
            await client.connect()
        except BaseException:
            client.close()
            raise
        return _Line(client)

    def _rest(self, line: _Line | None, *, drop: bool) -> None:
        if line is None:
            return
        line.mails += 1
        line.rested_at = time.monotonic()
        if drop or not line.usable:
            with suppress(RuntimeError):
                line.client.close()
        else:
            self._resting.append(line)


def _failed(error: Exception, *, connected: bool) -> Attempt:
    """Name a failure by what it means; the server's words may hold an address and stay here.

    Only a refusal of recipient or message ends a notice: greeting, login or our sender refused is our own trouble, and passes.
    """
    match error:
        case TimeoutError():  # aiosmtplib's own among them
            return Attempt("timeout", away=True)
        case ValueError():
            return Attempt("invalid_address", for_good=True)
        case SMTPRecipientsRefused():
            return _refused([refused.code for refused in error.recipients])
        case SMTPDataError():
            return _refused([error.code])
    return Attempt("connection_lost" if connected else "server_away", away=True)


def _refused(codes: Sequence[int]) -> Attempt:
    if _SERVER_CLOSING in codes:
        return Attempt("server_away", away=True)
    if any(code < 500 for code in codes):
        return Attempt("server_busy")
    return Attempt("refused_by_server", for_good=True)
