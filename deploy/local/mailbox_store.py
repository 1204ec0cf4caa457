"""The mailbox's mails on disk: one JSON object a line, as `/messages.json` shows it, durable before the 250."""

import asyncio
import os
import re
from array import array
from collections.abc import Iterator
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.utils import parseaddr
from pathlib import Path
from typing import TypedDict

import orjson

CHUNK_BYTES = 65_536
_FOLD = re.compile(r"\r?\n(?=[ \t])")
# What the standard library's parser raises on mails that are broken enough; such a mail is kept as its source.
UNREADABLE = (ValueError, LookupError, AttributeError, TypeError, MessageError)

# The functional form, because one key is a keyword.
Mail = TypedDict(
    "Mail",
    {"id": str, "at": str, "from": str, "to": list[str], "subject": str, "message_id": str, "text": str, "html": str},
)


def read_mail(raw: bytes, at: str, sender: str, recipients: list[str]) -> Mail:
    """Return what a mail says: `from` is the author, `to` who it was handed in for; absent parts are empty strings."""
    mail: Mail = {
        "id": "",
        "at": at,
        "from": _plain(sender),
        "to": [_plain(recipient) for recipient in recipients],
        "subject": "",
        "message_id": "",
        "text": "",
        "html": "",
    }
    try:
        message = message_from_bytes(raw)  # the older policy: the newer one parses every header, 7 ms a mail
        mail["from"] = _plain(parseaddr(_header(message, "From"))[1] or sender)
        mail["subject"] = _header(message, "Subject")
        mail["message_id"] = _header(message, "Message-ID")
        mail["text"] = _body(message, "plain")
        mail["html"] = _body(message, "html")
    except UNREADABLE:
        mail["text"] = raw.decode("utf-8", "replace")
    return mail


class MailStore:
    """An append-only file of mails; memory holds eight bytes a mail, the position of its end."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._path = file
        self._ends = array("Q")
        self._file = file.open("a+b", buffering=0)
        self._recover()
        self._writer: asyncio.Task[None] | None = None
        self._waiting: list[tuple[Mail, asyncio.Future[None]]] = []

    def __len__(self) -> int:
        """Return how many mails are kept."""
        return len(self._ends)

    async def add(self, mail: Mail) -> None:
        """Return when the mail is on disk, under the next number; those that arrive during one sync share the next.

        Raises:
            OSError: the disk does not take it; nothing of it stays.
        """
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((mail, done))
        if self._writer is None or self._writer.done():
            # a task of its own: a sender that is killed in the middle must not end a write that is half on disk, or is another's too
            self._writer = asyncio.create_task(self._write_all())
        await done

    def mail(self, number: int) -> Mail | None:
        """Return one mail by its number, 1…n."""
        if not 1 <= number <= len(self._ends):
            return None
        start = self._ends[number - 2] if number > 1 else 0
        line = os.pread(self._file.fileno(), self._ends[number - 1] - start, start)
        found: Mail = orjson.loads(line)
        return found

    def latest(self, count: int, before: int | None = None) -> list[Mail]:
        """Return up to `count` mails, newest first, older than number `before`."""
        top = len(self._ends) if before is None else min(before - 1, len(self._ends))
        mails = (self.mail(number) for number in range(top, max(0, top - count), -1))
        return [mail for mail in mails if mail is not None]

    def as_json(self) -> Iterator[bytes]:
        """Yield all mails as one JSON array, oldest first, in pieces."""
        end = self._end
        yield b"["
        for position in range(0, end, CHUNK_BYTES):
            # JSON escapes line feeds in strings, so each one here ends a mail; the last line's is not followed by another.
            piece = os.pread(self._file.fileno(), min(CHUNK_BYTES, end - position), position)
            yield (piece[:-1] if position + len(piece) == end else piece).replace(b"\n", b",")
        yield b"]"

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    async def _write_all(self) -> None:
        while self._waiting:
            await self._write()

    async def _write(self) -> None:
        batch, self._waiting = self._waiting, []
        ends: list[int] = []
        lines = bytearray()
        for number, (mail, _) in enumerate(batch, start=len(self._ends) + 1):
            mail["id"] = str(number)
            lines += orjson.dumps(mail) + b"\n"
            ends.append(self._end + len(lines))
        try:
            await asyncio.to_thread(self._append, bytes(lines))
        except OSError as error:
            self._file.truncate(self._end)
            for _, done in batch:
                if not done.done():
                    done.set_exception(error)
            return
        self._ends.extend(ends)
        for _, done in batch:
            if not done.done():  # a sender that is gone has cancelled it
                done.set_result(None)

    @property
    def _end(self) -> int:
        return self._ends[-1] if self._ends else 0

    def _append(self, lines: bytes) -> None:
        rest = memoryview(lines)
        while rest:
            rest = rest[self._file.write(rest) :]
        os.fsync(self._file.fileno())

    def _recover(self) -> None:
        """Find the mails of earlier runs; a last line without its end was never answered 250."""
        end = 0
        with self._path.open("rb") as lines:
            for line in lines:
                if line.endswith(b"\n"):
                    end += len(line)
                    self._ends.append(end)
        self._file.truncate(end)


def _header(message: Message, name: str) -> str:
    words = decode_header(_FOLD.sub("", str(message.get(name, ""))))
    return _plain("".join(word if isinstance(word, str) else _text(word, charset or "ascii") for word, charset in words)).strip()


def _body(message: Message, kind: str) -> str:
    for part in message.walk():
        if part.get_content_type() == f"text/{kind}" and part.get_content_disposition() != "attachment":
            payload = part.get_payload(decode=True)
            content = payload if isinstance(payload, bytes) else b""
            return _plain(_text(content, part.get_content_charset("utf-8")))
    return ""


def _text(content: bytes, charset: str) -> str:
    try:
        return content.decode(charset, "replace")
    except LookupError:  # a character set that nobody knows
        return content.decode("utf-8", "replace")


def _plain(text: str) -> str:
    """Return the text with plain line feeds and without the lone surrogates that parsing leaves for broken bytes."""
    return text.encode("utf-8", "replace").decode().replace("\r\n", "\n")
