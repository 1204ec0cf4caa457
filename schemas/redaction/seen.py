"""A text as the finders see it: without what the eye does not see, letters and digits in their plain forms, folded. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Final

Span = tuple[int, int, str]
"""Begin, end and what is there: a label."""

_STRANGE: Final = re.compile(
    "[\u00ad\u00c0-\u024f\u0300-\u036f\u061c\u0660-\u0669\u06f0-\u06f9\u180e\u1e00-\u1eff\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\uff01-\uff5e\U0001d400-\U0001d7ff]+"
)
"""What makes a text look otherwise than it reads: accents, invisible characters, letters and digits of other widths and scripts."""
_UNSEEN: Final = frozenset(("Mn", "Cf"))


@dataclass(frozen=True, slots=True)
class Seen:
    """A text to search in; `low` is as long as `text`, and `origin` tells where each character stood (None: where it stands)."""

    text: str
    low: str
    origin: Sequence[int] | None = None

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Return where a span stands in the text as it came."""
        return (start, end) if self.origin is None else (self.origin[start], self.origin[end - 1] + 1)


def see(text: str) -> Seen:
    """Return a text as it is searched."""
    if text.isascii():
        return Seen(text, text.lower())
    origin = None
    if _STRANGE.search(text):
        text, origin = _plain(text)
    low = text.lower()
    return Seen(text, low if len(low) == len(text) else "".join(map(_lower, text)), origin)


class _Forms(dict[str, str]):
    """Plain forms of characters, each found out once; of what is not seen it is empty."""

    def __missing__(self, character: str) -> str:
        parts = unicodedata.normalize("NFKD", character)
        plain = self[character] = "".join(part for part in parts if unicodedata.category(part) not in _UNSEEN)
        return plain


def _plain(text: str) -> tuple[str, Sequence[int]]:
    """Return the text with what is strange in its plain form, or left out, and where each of its characters stood."""
    pieces: list[str] = []
    origin: list[int] = []
    forms = _Forms()
    at = 0
    for strange in _STRANGE.finditer(text):
        start, end = strange.span()
        plain = [forms[character] for character in strange[0]]
        pieces += [text[at:start], *plain]
        origin += range(at, start)
        origin += chain.from_iterable(repeat(place, len(form)) for place, form in enumerate(plain, start))
        at = end
    origin += range(at, len(text))
    return "".join([*pieces, text[at:]]), origin


def _lower(character: str) -> str:
    low = character.lower()
    return low if len(low) == 1 else character
