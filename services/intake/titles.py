"""A title for a text that came without one: its first sentence behind the greetings, short. Pure."""

from __future__ import annotations

import re
from typing import Final

MAX_TITLE: Final = 80
"""Characters of a derived title, the ellipsis among them."""
_LOOK: Final = 2_000
_END: Final = re.compile(r"[.!?…]+(?=\s|$)|\n")
_ABBREVIATIONS: Final = frozenset(
    ("bpk", "dll", "dr", "drs", "ds", "dsb", "dsn", "gg", "jl", "jln", "kab", "kec", "kel", "no", "prov", "st", "tgl", "yth")
)
_GREETING: Final = re.compile(
    r"\s*(?:ass?alam\w*(?:[\s']{1,2}alaikum)?(?:\s{0,2}(?:wa?ra?hmatullah\w*|wabarakatuh|wr|wb)\b[ .,]{0,2}){0,3}"
    r"|(?:selamat\s(?:pagi|siang|sore|malam)|salam|hall?o|permisi|dengan\shormat)(?:\s\w+){0,3}"
    r"|(?:kepada\s)?yth\b\.?(?:\s\w+){0,6}|mohon\s(?:maaf|izin|ijin))\s{0,2}(?:[,.!\n]+\s*|$)",
    re.IGNORECASE,
)
_MOST_GREETINGS: Final = 3


def derive_title(text: str) -> str:
    """Return a title of at most 80 characters: the first sentence that is no greeting, cut at a word; empty for a blank text."""
    rest = text[:_LOOK].strip()
    for _ in range(_MOST_GREETINGS):
        greeting = _GREETING.match(rest)
        if greeting is None or not rest[greeting.end() :].strip():
            break
        rest = rest[greeting.end() :].lstrip()
    return _shortened(_first_sentence(rest))


def _first_sentence(text: str) -> str:
    for end in _END.finditer(text):
        sentence = text[: end.start()].strip()
        words = sentence.split()
        if words and not (end[0] == "." and words[-1].casefold() in _ABBREVIATIONS):
            return sentence
    return text


def _shortened(sentence: str) -> str:
    sentence = " ".join(sentence.split())
    if len(sentence) <= MAX_TITLE:
        return sentence.rstrip(" .,;:")
    cut = sentence[:MAX_TITLE]
    words = cut[: cut.rfind(" ")] if " " in cut else cut[:-1]
    return words.rstrip(" .,;:-") + "…"
