"""The mailbox process: a real SMTP server whose mails can be looked at, `python -m deploy.local.mailbox`."""

import asyncio
import logging
from datetime import UTC, datetime

import uvicorn
from aiosmtpd.smtp import SMTP, Envelope, Session

from deploy.local.mailbox_page import page
from deploy.local.mailbox_store import MailStore, read_mail
from deploy.local.settings import LocalSettings

log = logging.getLogger("mailbox")

MAIL_LIMIT_BYTES = 10_000_000
CONNECTION_LIMIT = 100
IDLE_SECONDS = 300


class Inbox:
    """What aiosmtpd asks about each mail."""

    def __init__(self, store: MailStore) -> None:
        self._store = store

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802 - aiosmtpd's
        """Answer 250 once the mail is on disk."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        recipients = [str(recipient) for recipient in envelope.rcpt_tos]
        mail = read_mail(envelope.original_content or b"", at, (envelope.mail_from or "").strip("<>"), recipients)
        try:
            await self._store.add(mail)
        except OSError as error:
            log.error("cannot keep a mail: %s", error.strerror)  # noqa: TRY400 - the reason says all
            return "452 4.3.1 Insufficient system storage"
        return "250 2.0.0 Kept"


class Door(SMTP):
    """One connection; those beyond the limit are turned away, so that memory stays bounded."""

    def __init__(self, inbox: Inbox, connections: set[asyncio.BaseTransport]) -> None:
        super().__init__(inbox, data_size_limit=MAIL_LIMIT_BYTES, enable_SMTPUTF8=True, hostname="mailbox.localhost", timeout=IDLE_SECONDS)
        self._connections = connections
        self._own: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet, or hang up."""
        if len(self._connections) >= CONNECTION_LIMIT:
            transport.close()
            return
        self._own = transport
        self._connections.add(transport)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Make room for the next."""
        if self._own is not None:
            self._connections.discard(self._own)
            super().connection_lost(error)


async def serve(settings: LocalSettings) -> None:
    """Take mail and show it until SIGTERM or SIGINT."""
    store = MailStore(settings.data / "mailbox" / "mails.ndjson")
    inbox, connections = Inbox(store), set[asyncio.BaseTransport]()
    loop = asyncio.get_running_loop()
    smtp = await loop.create_server(lambda: Door(inbox, connections), settings.host, settings.mailbox_smtp_port)
    # The page opens last, so that its /readyz means that mail is taken too.
    config = uvicorn.Config(page(store), host=settings.host, port=settings.mailbox_port, log_level="warning", timeout_graceful_shutdown=2)
    await uvicorn.Server(config).serve()  # ends on SIGTERM and SIGINT
    smtp.close()
    for connection in list(connections):
        connection.close()
    store.close()


if __name__ == "__main__":
    asyncio.run(serve(LocalSettings()))
