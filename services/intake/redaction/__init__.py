"""Takes out of a text who wrote it: numbers, addresses and names of the reporter, and phrases in which people name themselves.

Pure. `seen` shows the text as it reads; each finder (`numbers` over `chains`, `mail`, `naming`, `own`, `names`) returns spans of it,
which are merged and replaced once, so that no finder sees another's tokens. Time grows with the length of the text and of nothing
else: patterns are possessive or bounded, windows are small. What is found, and how well, is in docs/privacy.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from schemas.inbound.complaint_submitted_v1 import Reporter
from services.intake.redaction.chains import chains, own_numbers
from services.intake.redaction.mail import found_mail
from services.intake.redaction.names import found_names, read_name
from services.intake.redaction.naming import introduced
from services.intake.redaction.numbers import found_numbers
from services.intake.redaction.own import Word, found_places, found_sequences, given, given_places, words_in
from services.intake.redaction.seen import Seen, Span, see
from services.intake.redaction.words import plain, words_of

__all__ = ["LABELS", "redact", "redact_name", "words_of"]

LABELS: Final = frozenset({"NIK", "NPWP", "telepon", "email", "nama", "alamat"})
"""What stands in the text instead, in brackets."""
_TOKENS: Final = frozenset(label.lower() for label in LABELS)
_BETWEEN_NAMES: Final = re.compile(r"[ .'\u2019`-]{0,2}")
_NOBODY: Final = Reporter()


def redact(text: str, reporter: Reporter | None = None, public: frozenset[str] = frozenset()) -> str:
    """Return the text with a token, such as `[NIK]`, in place of everything that tells who wrote it.

    `public` are words, folded, that names of offices and places are made of: alone they stay, though the reporter bears one.
    """
    seen = see(text)
    return _replaced(text, seen, _spans(seen, reporter or _NOBODY, public))


def redact_name(name: str, reporter: Reporter | None = None, public: frozenset[str] = frozenset()) -> str:
    """Return the name of an office or topic likewise."""
    return redact(name, reporter, public)


def _spans(seen: Seen, reporter: Reporter, public: frozenset[str]) -> Iterator[Span]:
    found = chains(seen)
    if found:
        yield from found_numbers(found)
        own = {label: see(value).low for label, value in (("NIK", reporter.nik), ("telepon", reporter.phone)) if value}
        yield from own_numbers(found, own)
    yield from found_mail(seen)
    yield from introduced(seen)
    if reporter is not _NOBODY:
        yield from _own(seen, reporter, public)


def _own(seen: Seen, reporter: Reporter, public: frozenset[str]) -> Iterator[Span]:
    """Return where the text holds the reporter's name, or an address they gave."""
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


def _replaced(text: str, seen: Seen, spans: Iterable[Span]) -> str:
    """Return the text with its spans replaced; spans that overlap, and names side by side, become one."""
    merged: list[Span] = []
    for span in sorted(spans):
        last = merged[-1] if merged else None
        if last is not None and (span[0] < last[1] or (span[2] == last[2] == "nama" and _BETWEEN_NAMES.fullmatch(seen.text, last[1], span[0]))):
            label = last[2] if last[1] - last[0] >= span[1] - span[0] else span[2]
            merged[-1] = (last[0], max(last[1], span[1]), label)
        else:
            merged.append(span)
    if not merged:
        return text
    pieces, at = [], 0
    for low, high, label in merged:
        start, end = seen.place(low, high)
        pieces += [text[at:start], f"[{label}]"]
        at = end
    return "".join([*pieces, text[at:]])
