"""Finds digits and what glues them: in figures, in words ("nol delapan"), and in letters that look like figures. Pure."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Final

from schemas.redaction.seen import Seen

LEAST: Final = 6
"""Fewer digits than this tell nothing."""
_GLUE: Final = r"[ \u00a0\u2007\u2009\u202f.\-\u2010-\u2015()]{1,3}"
_CHAIN: Final = re.compile(rf"[0-9]+(?:{_GLUE}[0-9]+)*")
_NO_FIGURES: Final = bytes(byte for byte in range(256) if not chr(byte).isdecimal())
_DIGITS: Final = re.compile("[0-9]+")
_WORDS: Final = {
    **dict.fromkeys(("nol", "kosong", "zero"), "0"),
    **{word: str(digit) for digit, word in enumerate(("satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan"), 1)},
    **{word: str(digit) for digit, word in enumerate(("one", "two", "three", "four", "five", "six", "seven", "eight", "nine"), 1)},
}
_ITEM: Final = rf"(?:[0-9]+|(?<![^\W\d_])(?:{'|'.join(_WORDS)})(?![^\W\d_]))"
_SPELLED: Final = re.compile(rf"{_ITEM}(?:[ \u00a0.\-\u2010-\u2015()]{{0,3}}{_ITEM})*")
_ITEMS: Final = re.compile(_ITEM)
_TELLING: Final = ("lapan", "nol", "kosong", "zero", "eight")
"""Words one of which is in every telephone number, and in nearly every NIK, that is written without figures."""
_FEW: Final = 2
"""As many words for digits stand in any text."""
_LEAST_SPOKEN: Final = 9
"""Fewer digits than this, words among them, are no number that somebody dictates."""
_ALIKE: Final = re.compile(r"(?<![^\W_])(?=[oil|]{0,3}[0-9])[0-9oil|]{4,20}(?![^\W_])")
_MIXED: Final = re.compile(r"[0-9][oil|]|[oil|][0-9]")
_FIGURES: Final = str.maketrans("oil|", "0111")
_BEFORE: Final = 28


class Chain:
    """Groups of digits and what glues them, in a folded text; `whole`: all digits, in which each group has its start."""

    __slots__ = ("digits", "groups", "starts", "text", "whole")

    def __init__(self, text: str, groups: Sequence[tuple[int, int]], digits: Sequence[str]) -> None:
        self.text, self.groups, self.digits = text, groups, digits
        self.whole = "".join(digits)
        self.starts = [0, *accumulate(map(len, digits))]

    def before(self, at: int) -> str:
        """Return what stands before a group; before any but the first it is the glue, which is of no concern."""
        start = self.groups[0][0]
        return "" if at else self.text[max(0, start - _BEFORE) : start]

    def glue(self, at: int) -> str:
        """Return what stands between a group and the next."""
        return self.text[self.groups[at][1] : self.groups[at + 1][0]]

    def lengths(self, at: int, count: int) -> tuple[int, ...]:
        """Return the lengths of `count` groups from `at` on."""
        return tuple(map(len, self.digits[at : at + count]))

    def ahead(self, at: int, count: int) -> str:
        """Return the next digits from a group on, whatever is between them."""
        start = self.starts[at]
        return self.whole[start : start + count]

    def groups_of(self, at: int, count: int) -> int:
        """Return how many groups from `at` on have so many digits together, or 0."""
        end = self.starts[at] + count
        place = bisect_left(self.starts, end, at)
        return place - at if place < len(self.starts) and self.starts[place] == end else 0


def chains(seen: Seen) -> list[Chain]:
    """Return the chains of a text that are long enough to tell anything."""
    text = seen.low
    figures = len(text.encode(errors="replace").translate(None, _NO_FIGURES))
    spoken = sum(map(text.count, _WORDS)) if figures >= LEAST or any(word in text for word in _TELLING) else 0
    if spoken > _FEW and spoken + figures >= _LEAST_SPOKEN:
        return list(_spelled(_figures(text)))
    return list(_written(_figures(text))) if figures >= LEAST else []


def _figures(text: str) -> str:
    """Return the text with figures where letters stand for them: `O8l2` is 0812."""
    return text if _MIXED.search(text) is None else _ALIKE.sub(lambda alike: alike[0].translate(_FIGURES), text)


def _written(text: str) -> Iterator[Chain]:
    for found in _CHAIN.finditer(text):
        if found.end() - found.start() >= LEAST:
            groups = [group.span() for group in _DIGITS.finditer(text, found.start(), found.end())]
            yield Chain(text, groups, [text[start:end] for start, end in groups])


def _spelled(text: str) -> Iterator[Chain]:
    for found in _SPELLED.finditer(text):
        groups = [group.span() for group in _ITEMS.finditer(text, found.start(), found.end())]
        digits = [_WORDS.get(text[start:end], text[start:end]) for start, end in groups]
        if sum(map(len, digits)) >= LEAST:
            yield Chain(text, groups, digits)
