"""A title for a text that came without one: its first sentence that says something, short. Pure."""

from __future__ import annotations

import re
from typing import Final

MAX_TITLE: Final = 80
"""Characters of a derived title, the ellipsis among them."""
_LOOK: Final = 2_000
_LEAST: Final = 15
"""A piece shorter than this is an abbreviation (`Yth.`, `Jl.`) or an interjection, and goes on into the next."""
_END: Final = re.compile(r"[.!?…]+(?=\s|$)|\n")
_GREETING: Final = re.compile(
    r"(?:ass?alam\w*|wassalam\w*|selamat\s(?:pagi|siang|sore|malam)|salam\b|halo\b|hallo\b|permisi\b|dengan\shormat|kepada\s?yth|yth\b|mohon\s(?:maaf|ijin|izin)\b)",
    re.IGNORECASE,
)


def derive_title(text: str) -> str:
    """Return a title of at most 80 characters: the first sentence that is no greeting, cut at a word; empty for a blank text."""
    pieces = _sentences(text[:_LOOK].strip())
    telling = [piece for piece in pieces if not (_GREETING.match(piece) and len(piece) < MAX_TITLE // 2)]
    return shorten((telling or pieces or [""])[0])


def shorten(sentence: str) -> str:
    """Return the sentence in at most 80 characters, cut behind a whole word where there is one."""
    sentence = " ".join(sentence.split())
    if len(sentence) <= MAX_TITLE:
        return sentence.rstrip(" .,;:")
    cut = sentence[:MAX_TITLE]
    words = cut[: cut.rfind(" ")] if " " in cut[1:] else cut[:-1]
    return words.rstrip(" .,;:-") + "…"


def _sentences(text: str) -> list[str]:
    found: list[str] = []
    start = 0
    for end in _END.finditer(text):
        piece = text[start : end.start()].strip()
        if len(piece) >= _LEAST:
            found.append(piece)
            start = end.end()
    rest = text[start:].strip()
    return [*found, rest] if rest else found
