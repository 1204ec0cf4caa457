"""Takes out of a text who wrote it: numbers, addresses and names of the reporter, and phrases in which people name themselves.

Pure. Each finder returns spans of the text as it came; they are merged and replaced once, so that no finder sees another's
tokens. Time grows with the length of the text and of nothing else: patterns are possessive or bounded, windows are small.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from schemas.inbound.complaint_submitted_v1 import Reporter
from services.intake.names import introduced
from services.intake.numbers import found_numbers, own_numbers

Span = tuple[int, int, str]
"""Begin, end and what is there: a label below."""

LABELS: Final = frozenset({"NIK", "NPWP", "telepon", "email", "nama", "alamat"})
"""What stands in the text instead, in brackets."""

_WORD: Final = re.compile(r"[^\W\d_]+|\d+")
_EMAIL: Final = re.compile(r"(?<![\w.+%-])[\w.+%-]++ ?@ ?[\w-]++(?:\.[\w-]++)++")
_BETWEEN_NAMES: Final = re.compile(r"[ .'\u2019`-]{0,2}")
_LETTERS: Final = 3
"""The shortest part of a name that is looked for by itself."""
_SUFFIXES: Final = ("nya", "ku", "mu")
_COMMON_WORDS: Final = (
    "ada anonim anonymous bapak bin binti contoh dan dari desa dra drs haji hajah hamba ibu kelurahan masyarakat nama pelapor "
    "rahasia saudara saya the tidak umum warga yang nik npwp telepon email alamat"
)
_COMMON: Final = frozenset(_COMMON_WORDS.split())
"""Words that stand in the name's field and are no names: alone they stay in the text."""


def redact(text: str, reporter: Reporter | None = None) -> str:
    """Return the text with a token, such as `[NIK]`, in place of everything that tells who wrote it."""
    spans = [*_patterns(text), *introduced(text)]
    if reporter is not None:
        spans += _own(text, reporter)
    return _replaced(text, spans)


def redact_name(name: str, reporter: Reporter | None = None, public: frozenset[str] = frozenset()) -> str:
    """Return the name of an office or topic likewise; `public` are words that such names are made of: they stay, whoever else bears them."""
    spans = [*_patterns(name), *introduced(name)]
    if reporter is not None:
        spans += _own(name, reporter, public)
    return _replaced(name, spans)


def _patterns(text: str) -> Iterator[Span]:
    yield from found_numbers(text)
    if "@" in text:
        yield from ((found.start(), found.end(), "email") for found in _EMAIL.finditer(text))


def _own(text: str, reporter: Reporter, public: frozenset[str] = frozenset()) -> Iterator[Span]:
    """Return where the text holds what the reporter gave about themselves."""
    given = {"NIK": reporter.nik, "telepon": reporter.phone, "email": reporter.email, "alamat": reporter.address}
    yield from own_numbers(text, {label: value for label, value in given.items() if value and label in ("NIK", "telepon")})
    name = words_of(reporter.name or "")
    wanted = [(words_of(value), label) for label, value in given.items() if value]
    wanted += [(words_of(segment), "alamat") for segment in (reporter.address or "").split(",") if any(c.isdigit() for c in segment)]
    folded = text.casefold()
    wanted = [(words, label) for words, label in (*wanted, (name, "nama")) if words and all(word in folded for word in words)]
    parts = _parts(name, folded) - public
    if not wanted and not parts:
        return
    words = [(word.start(), word.end(), word[0].casefold()) for word in _WORD.finditer(text) if not _is_token(text, word.start(), word.end())]
    yield from _sequences(words, wanted)
    yield from _name_parts(words, parts, {part for part in name if len(part) < _LETTERS or part.isdigit()})


def _parts(name: Sequence[str], folded: str) -> set[str]:
    """Return what of a name is looked for by itself, as far as the text holds it: its longer words, and all of it in one."""
    parts = {part for part in name if len(part) >= _LETTERS and part not in _COMMON and not part.isdigit()}
    if parts and len(name) > 1:
        parts.add("".join(name))
    return {part for part in parts if part in folded}


def words_of(value: str) -> tuple[str, ...]:
    """Return the words of a name as names are compared: folded, without what stands between them."""
    return tuple(word[0].casefold() for word in _WORD.finditer(value))


def _sequences(words: Sequence[Span], wanted: Iterable[tuple[tuple[str, ...], str]]) -> Iterator[Span]:
    """Return where one of the wanted sequences of words stands, whatever stands between its words."""
    by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for sequence, label in wanted:
        told = len(sequence) > 1 or sequence[0] not in _COMMON
        if told and sum(map(len, sequence)) >= _LETTERS:
            by_first.setdefault(sequence[0], []).append((sequence, label))
    for at, (start, _, word) in enumerate(words):
        for sequence, label in by_first.get(word, ()):
            if tuple(other for _, _, other in words[at : at + len(sequence)]) == sequence:
                yield start, words[at + len(sequence) - 1][1], label


def _name_parts(words: Sequence[Span], parts: set[str], short: set[str]) -> Iterator[Span]:
    """Return where a part of the name stands, and the initials beside it."""
    found = [word in parts or any(word.endswith(suffix) and word[: -len(suffix)] in parts for suffix in _SUFFIXES) for _, _, word in words]
    for step in (1, -1):
        order = range(1, len(words)) if step == 1 else range(len(words) - 2, -1, -1)
        for at in order:
            beside = words[at - step]
            gap = words[at][0] - beside[1] if step == 1 else beside[0] - words[at][1]
            found[at] = found[at] or (found[at - step] and gap <= 2 and words[at][2] in short)
    yield from ((start, end, "nama") for (start, end, _), is_name in zip(words, found, strict=True) if is_name)


def _is_token(text: str, start: int, end: int) -> bool:
    return text[start - 1 : start] == "[" and text[end : end + 1] == "]" and text[start:end] in LABELS


def _replaced(text: str, spans: Iterable[Span]) -> str:
    """Return the text with its spans replaced; spans that overlap, and names side by side, become one."""
    merged: list[Span] = []
    for span in sorted(spans):
        last = merged[-1] if merged else None
        if last is not None and (span[0] < last[1] or (span[2] == last[2] == "nama" and _BETWEEN_NAMES.fullmatch(text, last[1], span[0]))):
            label = last[2] if last[1] - last[0] >= span[1] - span[0] else span[2]
            merged[-1] = (last[0], max(last[1], span[1]), label)
        else:
            merged.append(span)
    pieces, at = [], 0
    for start, end, label in merged:
        pieces += [text[at:start], f"[{label}]"]
        at = end
    return "".join([*pieces, text[at:]])
