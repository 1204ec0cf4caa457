"""A mail as bytes. The standard library's own way parses every header it is given and costs ten times as much. Pure."""

from __future__ import annotations

from base64 import b64encode
from binascii import b2a_qp
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

_LINE: Final = 76
_WORD_BYTES: Final = 45
"""Bytes of UTF-8 in an encoded word: 60 letters of base64, and 75 with what stands around them (RFC 2047 §2)."""


@dataclass(frozen=True, slots=True)
class Mail:
    """Headers, each one line of any letters, and the same said as text and as HTML."""

    headers: Sequence[tuple[str, str]]
    text: str
    html: str

    def as_bytes(self) -> bytes:
        """Return the message with CRLF line ends, ASCII only, no line longer than 78 unless a word is."""
        text, html = (_quoted(part) for part in (self.text, self.html))
        # `=_` stands in no quoted-printable text, so that no part can hold the mark that parts them
        mark = f"=_{blake2b(text + html, digest_size=12).hexdigest()}"
        lines = [f"{name}: {_folded(value, len(name) + 2)}" for name, value in self.headers]
        lines += ["MIME-Version: 1.0", f'Content-Type: multipart/alternative; boundary="{mark}"']
        head = "\r\n".join(lines).encode("ascii")
        return b"%b\r\n\r\n%b%b--%b--\r\n" % (head, _part(mark, "plain", text), _part(mark, "html", html), mark.encode())


def _part(mark: str, kind: str, body: bytes) -> bytes:
    head = f'--{mark}\r\nContent-Type: text/{kind}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    return head.encode() + body + b"\r\n"


def _quoted(text: str) -> bytes:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").replace("\n", "\r\n")
    return b2a_qp(f"{lines}\r\n".encode("utf-8", "replace"), istext=True)


def _folded(value: str, used: int) -> str:
    """Return a header's value on lines of a fair length; `used` letters of the first are taken by its name."""
    if value.isascii() and value.isprintable() and "=?" not in value:
        return _wrapped(value.split(" "), used)
    return _wrapped([f"=?utf-8?b?{b64encode(piece.encode()).decode()}?=" for piece in _pieces(value)], used)


def _wrapped(words: Sequence[str], used: int) -> str:
    lines = [""]
    for place, word in enumerate(words):
        if place and used + 1 + len(word) > _LINE:
            lines.append(word)
            used = len(word)
        else:
            lines[-1] += f" {word}" if place else word
            used += len(word) + (1 if place else 0)
    return "\r\n ".join(lines)


def _pieces(value: str) -> Iterator[str]:
    """Yield the text in pieces that each fit into an encoded word; a control character in it is a space."""
    piece, size = "", 0
    for letter in "".join(each if each.isprintable() else " " for each in value):
        width = len(letter.encode("utf-8", "replace"))
        if size + width > _WORD_BYTES:
            yield piece
            piece, size = "", 0
        piece += letter
        size += width
    yield piece
