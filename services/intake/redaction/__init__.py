"""Takes out of a text who wrote it: numbers, addresses and names of the reporter, and phrases in which people name themselves.

Pure. What tells of a person by its shape alone is found by `schemas/redaction`, which routing shares; here stand the finders that know
the reporter or the language of complaints (`naming`, `own`, `names`). Each returns spans of the text as it is seen, which are merged and
replaced once. Time grows with the length of the text and of nothing else. What is found, and how well, is in docs/privacy.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from schemas.inbound.complaint_submitted_v1 import Reporter
from schemas.redaction import LABELS, found_shapes, replaced
from schemas.redaction.chains import Chain, chains
from schemas.redaction.seen import Seen, Span, see
from services.intake.redaction.names import found_names, read_name
from services.intake.redaction.naming import introduced
from services.intake.redaction.own import Word, found_places, found_sequences, given, given_places, own_numbers, words_in
from services.intake.redaction.words import plain, words_of

__all__ = ["redact", "redact_name", "redact_own", "words_of"]

_TOKENS: Final = frozenset(label.lower() for label in LABELS)
_NOBODY: Final = Reporter()


def redact(text: str, reporter: Reporter | None = None, public: frozenset[str] = frozenset()) -> str:
    """Return the text with a token, such as `[NIK]`, in place of everything that tells who wrote it.

    `public` are words, folded, that names of offices and places are made of: alone they stay, though the reporter bears one.
    """
    seen = see(text)
    return replaced(text, seen, _spans(seen, reporter or _NOBODY, public))


def redact_name(name: str, reporter: Reporter | None = None, public: frozenset[str] = frozenset()) -> str:
    """Return the name of an office or topic likewise."""
    return redact(name, reporter, public)


def redact_own(text: str, reporter: Reporter | None, public: frozenset[str] = frozenset()) -> str:
    """Return the text without what the reporter gave, and with everything else that it holds, numbers of other things included."""
    seen = see(text)
    return replaced(text, seen, _own(seen, chains(seen), reporter, public)) if reporter else text


def _spans(seen: Seen, reporter: Reporter, public: frozenset[str]) -> Iterator[Span]:
    found = chains(seen)
    yield from found_shapes(seen, found)
    yield from introduced(seen)
    if reporter is not _NOBODY:
        yield from _own(seen, found, reporter, public)


def _own(seen: Seen, found: list[Chain], reporter: Reporter, public: frozenset[str]) -> Iterator[Span]:
    """Return where the text holds the reporter's numbers, name, or an address they gave."""
    if found:
        yield from own_numbers(found, {label: see(value).low for label, value in (("NIK", reporter.nik), ("telepon", reporter.phone)) if value})
    low = plain(seen.low) if "'" in seen.low or "\u2019" in seen.low else seen.low
    name, wanted, places = read_name(reporter.name, low, public), given(reporter, low), given_places(reporter, low)
    if not (name or wanted or places):
        return
    words = words_in(seen)
    if "[" in low:
        words = [word for word in words if not _is_token(seen.text, word)]
    yield from found_sequences(words, wanted)
    yield from found_places(words, places)
    if name is not None:
        yield from found_names(seen, words, name)


def _is_token(text: str, word: Word) -> bool:
    start, end, low = word
    return low in _TOKENS and text[start - 1 : start] == "[" and text[end : end + 1] == "]"
