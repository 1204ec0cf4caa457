"""Finds e-mail addresses, also as people write them to be read by people only: `budi (at) contoh [dot] id`. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from schemas.redaction.seen import Seen, Span

_PART: Final = r"[\w+%-]{1,64}+"
_PROVIDERS: Final = "gmail|googlemail|yahoo|ymail|rocketmail|hotmail|outlook|icloud|live|protonmail|aol"
_ENDS: Final = "com|co|id|net|org|edu|gov|info|biz|me|io|my|sg|us|uk|jp|de|ac|go|sch|or|web|mil|desa|test|example"
_DOT: Final = r"(?:\.|\s?[\[({<]\s?(?:dot|titik|\.)\s?[\])}>]\s?|\s(?:dot|titik)\s)"
_AT: Final = r"(?:\s?@\s?|\s?[\[({<]\s?(?:at|et|@)\s?[\])}>]\s?|\s(?:at|et)\s)"
_COM: Final = r"(?:[ .,]{1,2}co(?:m|\.id)?\b)?"
_MOST: Final = 128
"""Characters of an account that are looked back for."""
_ACCOUNT: Final = re.compile(rf"(?<![\w.+%-])[\w.+%-]{{1,{_MOST}}}+ ?(?=@)")
_DOMAIN: Final = re.compile(rf"@(?: ?(?:{_PROVIDERS})\b(?!\.\w){_COM}| ?[\w-]++(?:\.[\w-]++)++)")
_APART: Final = re.compile(rf" @(?:(?:[\w-]++\.){{1,4}}(?:{_ENDS})\b| [\w-]++(?:\.[\w-]++)++|(?:{_PROVIDERS})\b)")
"""Behind a space it is an address when it ends like one; else somebody's name on a social network."""
_SPOKEN: Final = re.compile(
    rf"(?<![\w.+%-]){_PART}(?:{_DOT}{_PART}){{0,3}}{_AT}(?:(?:[\w-]{{1,63}}+{_DOT}){{1,3}}(?:{_ENDS})\b|(?:{_PROVIDERS})\b{_COM})"
)
_PLAIN_SIGNS: Final = (" at ", " et ")
_SIGNS: Final = (*_PLAIN_SIGNS, "(at", "[at", "( at", "[ at", "(et", "[et", "(@", "[@", "{at", "<at")
_DOTS: Final = ("dot", "titik")


def found_mail(seen: Seen) -> Iterator[Span]:
    """Return the spans of e-mail addresses."""
    low = seen.low
    written = "@" in low
    if written:
        yield from _written(low)
    signs = _SIGNS if any(map(low.__contains__, "([{<")) else _PLAIN_SIGNS
    for sign in signs if not written else (*signs, *_DOTS):
        if sign in low:
            yield from ((found.start(), found.end(), "email") for found in _SPOKEN.finditer(low))
            return


def _written(low: str) -> Iterator[Span]:
    at, end = low.find("@"), 0
    while at >= 0:
        domain = _DOMAIN.match(low, at)
        if domain is not None:
            account = _ACCOUNT.search(low, max(end, low.rfind(" ", max(end, at - _MOST), max(end, at - 1)) + 1), at + 1)
            if account is not None and (low[at - 1] != " " or _APART.match(low, at - 1)):
                yield account.start(), domain.end(), "email"
        end = at + 1
        at = low.find("@", end)
