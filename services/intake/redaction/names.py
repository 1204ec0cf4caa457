"""Finds the reporter's own name in a text, whole or in parts. Pure.

A part of it that is no word of its own is taken out wherever it stands. One that is ("Bagus", "Hari", "Jalan") is taken out where
something shows that somebody is meant: another part of the name beside it, "Pak" before it, a capital letter inside a sentence, or
its place under the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from schemas.redaction.seen import Seen, Span, see
from services.intake.redaction.own import Word
from services.intake.redaction.words import BEARERS, COMMON, HEROES, HONORIFICS, PLAIN, listed, words_of

_LETTERS: Final = 3
"""The shortest part of a name that is looked for by itself."""
_STEM: Final = 4
"""The shortest piece of a name that people are called by."""
_WINDOW: Final = 24
_SUFFIXES: Final = frozenset(("nya", "ku", "mu", "lah", "kah"))
_SAYS_WHO: Final = frozenset(["saya", "nama", "bernama", "oleh", "an"])
"""Words before a name with a capital letter."""
_PLACES: Final = listed(
    "jl jln jalan jend jenderal gang gg desa ds dusun dsn kelurahan kel kecamatan kec kabupaten kab kota provinsi prov perumahan perum "
    "komplek kompleks pasar sungai kali bandara stadion terminal stasiun pulau gunung taman sd smp sma sdn smpn sman masjid rs rsud bank pt "
    "cv"
)
"""Words before the name of a place, which a person may bear as well."""
_BESIDE: Final = 2
"""Characters between the parts of a name."""
_CAPITALS: Final = 0.35
"""Where more words than this begin with a capital letter, it means nothing."""
_FEW: Final = 6
_BEGINS: Final = frozenset('.!?\n"(:-/')
_SIGNED: Final = re.compile(r"(?:^|[.!?,\n(-])[ \t]*$")
_NOTHING: Final = re.compile(r"[\s.,!)\[\]0-9+/-]*$")
_TITLES: Final = re.compile(r",(?:\s*[a-z]{1,3}\.?\s?[a-z]{0,5}\.?(?=,|$|\s))+$", re.IGNORECASE)
_SPACES: Final = str.maketrans(".,-_", " " * 4, "'\u2019")


@dataclass(frozen=True)
class Name:
    """A reporter's name; `public`: words that say nothing of anybody, besides those of every complaint."""

    words: tuple[str, ...]
    public: frozenset[str]

    @cached_property
    def parts(self) -> frozenset[str]:
        """Return what may be looked for by itself."""
        return frozenset(part for part in self.words if len(part) >= _LETTERS and not part.isdigit())

    @cached_property
    def rare(self) -> frozenset[str]:
        """Return the parts that are no words of their own, and all of the name in one."""
        rare = {part for part in self.parts if part not in COMMON and part not in self.public}
        return frozenset(rare | {"".join(self.words)} if rare else rare)

    @cached_property
    def short(self) -> frozenset[str]:
        """Return what stands for a part beside others."""
        return frozenset(word for word in self.words if word not in self.parts) | {part[0] for part in self.parts}

    def is_plain(self, part: str) -> bool:
        """Tell whether a word names nobody by itself."""
        return part in PLAIN or (part in self.public and part not in BEARERS)


def read_name(name: str | None, low: str, public: frozenset[str]) -> Name | None:
    """Return a name without its titles; None when a folded text cannot hold a part of it, or what its bearer is called."""
    if not name:
        return None
    folded = name.lower() if name.isascii() else see(name).low
    pieces = (folded if folded.replace(" ", "").isalpha() else folded.translate(_SPACES)).split()
    if not any(len(piece) >= _LETTERS and _begins(low, piece) for piece in pieces) and not any(_is_addressed(low, stem) for stem in _stems(pieces)):
        return None
    words = words_of(_TITLES.sub("", name))
    while len(words) > 1 and words[0] in HONORIFICS:
        words = words[1:]
    return Name(words, public)


def _begins(low: str, piece: str) -> bool:
    """Tell whether a word of a folded text begins with a piece of a name, or an account may hold it."""
    at = low.find(piece)
    while at > 0 and low[at - 1].isalpha() and "@" not in low:
        at = low.find(piece, at + 1)
    return at >= 0


def _stems(pieces: Sequence[str]) -> set[str]:
    return {stem for piece in pieces if len(piece) > _STEM for stem in (piece[:_STEM], piece[-_STEM:])}


def _is_addressed(low: str, stem: str) -> bool:
    """Tell whether "Pak", "Bu" or the like stands before a word that holds a stem."""
    at = low.find(stem)
    while at >= 0:
        before = low[max(0, at - _WINDOW) : at]
        beside = before.split()[-1:] if before[-1:].isspace() else before.split()[-2:-1]
        if beside and beside[0].rstrip(".") in HONORIFICS:
            return True
        at = low.find(stem, at + _STEM)
    return False


def found_names(seen: Seen, words: Sequence[Word], name: Name) -> Iterator[Span]:
    """Return where the name, or a part of it, stands."""
    sure = _sure(seen, words, name.rare)
    sure -= {at for at in sure if at and words[at][2] in HEROES and words[at - 1][2] in _PLACES}
    hits = sure | {at for at, (_, _, word) in enumerate(words) if word in name.parts}
    taken = -1
    for at in sorted(hits):
        if at > taken:
            first, taken = _run(seen, words, name, hits, at)
            if any(place in sure for place in range(first, taken + 1)) or _is_meant(seen, words, name, first, taken):
                yield words[first][0], words[taken][1], "nama"


def _sure(seen: Seen, words: Sequence[Word], rare: frozenset[str]) -> set[int]:
    """Return the words that are parts of the name and nothing else, also with what is hung on them, and what its bearer is called."""
    if not rare:
        return set()
    forms = rare.union(part + suffix for part in rare for suffix in _SUFFIXES)
    found = {at for at, (_, _, word) in enumerate(words) if word in forms}
    if "@" in seen.low:
        told = [part for part in rare if len(part) >= _STEM]
        found |= {at for at, (start, _, word) in enumerate(words) if seen.low[start - 1 : start] == "@" and any(part in word for part in told)}
    addressed = (at + 1 for at, (_, _, word) in enumerate(words[:-1]) if word in HONORIFICS)
    return found | {at for at in addressed if _is_called(words[at][2], rare)}


def _is_called(word: str, rare: frozenset[str]) -> bool:
    return len(word) >= _STEM and word not in COMMON and any(part.startswith(word) or part.endswith(word) for part in rare)


def _run(seen: Seen, words: Sequence[Word], name: Name, hits: set[int], at: int) -> tuple[int, int]:
    """Return the first and last word of the run of the name's words around a hit."""

    def belongs(place: int, before: int, after: int) -> bool:
        if place in hits:
            return True
        start, end, word = words[place]
        told = end - start > 1 or (seen.text[start].isupper() and seen.text[start - 1 : start] != "/") or (before in hits and after in hits)
        return word in name.short and told

    first = last = at
    while first and _beside(seen, words, first - 1) and belongs(first - 1, first - 2, first):
        first -= 1
    while last + 1 < len(words) and _beside(seen, words, last) and belongs(last + 1, last, last + 2):
        last += 1
    return first, last


def _beside(seen: Seen, words: Sequence[Word], at: int) -> bool:
    """Tell whether the next word stands beside a word, as the parts of a name do."""
    end, start = words[at][1], words[at + 1][0]
    return start - end <= _BESIDE and "\n" not in seen.text[end:start]


def _is_meant(seen: Seen, words: Sequence[Word], name: Name, first: int, last: int) -> bool:
    """Tell whether a run of words, each of which is one of its own, means the reporter."""
    found = tuple(word for _, _, word in words[first : last + 1])
    before = words[first - 1][2] if first and words[first][0] - words[first - 1][1] <= _BESIDE + 1 else ""
    if before in HONORIFICS or _signs(seen, words, first, last):
        return True
    if before in _PLACES or all(map(name.is_plain, found)):
        return False
    in_order = len(found) > 1 and any(name.words[at : at + len(found)] == found for at in range(len(name.words)))
    return in_order or _is_capital(seen, words, first, last)


def _is_capital(seen: Seen, words: Sequence[Word], first: int, last: int) -> bool:
    """Tell whether a capital letter inside a sentence shows a name, and not a longer name of something else."""
    text, start, end = seen.text, words[first][0], words[last][1]
    if not text[start].isupper() or not _capitals_tell(seen, words):
        return False
    if first and words[first - 1][2] in _SAYS_WHO:
        return True
    inside = text[max(0, start - 3) : start].rstrip(" ")[-1:] not in _BEGINS | {""}
    return inside and not text[end : end + 2].lstrip(" ")[:1].isupper() and not (first and text[words[first - 1][0]].isupper())


def _capitals_tell(seen: Seen, words: Sequence[Word]) -> bool:
    return len(words) >= _FEW and sum(seen.text[start].isupper() for start, _, _ in words) <= _CAPITALS * len(words)


def _signs(seen: Seen, words: Sequence[Word], first: int, last: int) -> bool:
    """Tell whether a run stands under the text by itself, with a capital letter."""
    text, start, end = seen.text, words[first][0], words[last][1]
    if len(words) - last > _FEW or not text[start].isupper() or len(words) < _FEW:
        return False
    return _SIGNED.search(text[max(0, start - 8) : start]) is not None and _NOTHING.match(text, end) is not None
