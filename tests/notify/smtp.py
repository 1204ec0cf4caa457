"""A real SMTP server that behaves as it is told to: takes mail, refuses it, is slow, or hangs up at a chosen moment."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import Counter
from collections.abc import Awaitable, Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

Act = Callable[["Post", SMTP, str], Awaitable[str | None]]


async def _take(_post: Post, _server: SMTP, _recipient: str) -> str | None:
    return None


class Post:
    """`at_rcpt` and `at_data` are told the recipient and may answer in the server's stead (None: take it)."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.at_rcpt: Act = _take
        self.at_data: Act = _take
        self.connections = 0
        self.port = 0
        self._server: asyncio.Server | None = None

    async def start(self, port: int = 0) -> None:
        self._server = await asyncio.get_running_loop().create_server(self._door, "127.0.0.1", port)
        self.port = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    @property
    def message_ids(self) -> Counter[str]:
        return Counter(mail["Message-ID"] for mail in self.mails)

    def _door(self) -> SMTP:
        self.connections += 1
        return SMTP(self, hostname="post.test", timeout=30)

    async def handle_RCPT(self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]) -> str:  # noqa: N802 - aiosmtpd's name
        answer = await self.at_rcpt(self, server, address)
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 ok"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        answer = await self.at_data(self, server, envelope.rcpt_tos[0])
        if answer is None or answer.startswith("250"):
            self.mails.append(message_from_bytes(envelope.original_content or b"", policy=policy.default))  # type: ignore[arg-type]
        return answer or "250 2.0.0 Kept"


def saying(answer: str, *, times: int = 10**9, to: str = "") -> Act:
    """Answer so for the first `times`, and to recipients that begin with `to` only."""
    left = [times]

    async def act(_post: Post, _server: SMTP, recipient: str) -> str | None:
        if not recipient.startswith(to) or left[0] <= 0:
            return None
        left[0] -= 1
        return answer

    return act


def reset(transport: Any) -> None:
    """Hang up with RST: what the peer has not read yet is lost."""
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
