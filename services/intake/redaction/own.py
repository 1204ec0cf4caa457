"""Finds in a text the numbers and addresses that its reporter gave; the name is `names`' matter. Pure."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Final

from schemas.inbound.complaint_submitted_v1 import Reporter
from schemas.redaction.chains import LEAST, Chain
from schemas.redaction.seen import Seen, Span
from services.intake.redaction.words import COMMON, parts_of, plain, words_of

Word = tuple[int, int, str]
"""Begin, end and the word, folded."""
Sought = tuple[tuple[str, ...], str]
"""Words that stand one after the other, and their label."""

_TELLING: Final = 6
"""The shortest account that is looked for without its provider."""
_LETTERS: Final = 3
_DIGITS: Final = re.compile("[0-9]+")
_NUMBERED: Final = 2
_DISTRICTS: Final = 3
"""An address without a number names so many places before it tells anything; with one, two words do."""
_STREET: Final = frozenset(["jl", "jln", "jalan"])
_UNTOLD: Final = _STREET | frozenset(["no", "nomor", "rt", "rw"])
"""Words of an address that some write and some do not."""


def words_in(seen: Seen) -> list[Word]:
    """Return the words of a text."""
    return [(*word.span(), plain(word[0])) for word in parts_of(seen.low)]


def given(reporter: Reporter, low: str) -> list[Sought]:
    """Return the words that tell of the reporter, name and places aside, as far as a folded text may hold them.

    A name of two letters a word is looked for as a whole only, one with figures also as a whole.
    """
    values = [(value, label) for value, label in ((reporter.nik, "NIK"), (reporter.phone, "telepon")) if value and value.upper() != value.lower()]
    email, name = reporter.email, reporter.name
    if email and (not email.isascii() or email[:_LETTERS].lower() in low):
        account = email.partition("@")[0]
        values += [(email, "email"), (account, "email")] if len(account) >= _TELLING else [(email, "email")]
    if name and (_is_numbered(name) or max(map(len, name.split()), default=0) < _LETTERS):
        values.append((name, "nama"))
    told = [(words_of(value), label) for value, label in values]
    return [(words, label) for words, label in told if all(word in low for word in words)]


def given_places(reporter: Reporter, low: str) -> list[Sought]:
    """Return likewise the words that tell where the reporter lives: the whole address, and its segments that bear a number."""
    address = reporter.address
    if not address or not any(_maybe(segment, low) for segment in address.split(",")):
        return []
    numbered = _is_numbered(address)
    sought = [(place_words(address), _NUMBERED if numbered else _DISTRICTS)]
    sought += [(place_words(segment), _NUMBERED) for segment in address.split(",") if numbered and _is_numbered(segment)]
    return [(words, "alamat") for words, least in sought if len(words) >= least and all(word in low for word in words)]


def _maybe(value: str, low: str) -> bool:
    """Tell whether a folded text may hold a value: whether it holds its longest word, where that can be told at a glance."""
    longest = max(value.split(), key=len, default="")
    return not (longest.isalpha() and longest.isascii()) or longest.lower() in low


def _is_numbered(text: str) -> bool:
    return any(map(str.isdigit, text))


def place_words(address: str) -> tuple[str, ...]:
    """Return the words of an address by which it is known again: "Jl." and "No." left out, numbers without leading zeros."""
    return tuple(_number(word) for word in words_of(address) if word not in _UNTOLD)


def _number(word: str) -> str:
    return word.lstrip("0") or "0" if word.isdigit() else word


def found_sequences(words: Sequence[Word], sought: Iterable[Sought]) -> Iterator[Span]:
    """Return where such words stand, whatever stands between them."""
    told = [(" ".join(sequence), label) for sequence, label in sought if not COMMON.issuperset(sequence) and sum(map(len, sequence)) >= _LETTERS]
    if not told:
        return
    text = f" {' '.join([word for _, _, word in words])} "
    starts: list[int] = []
    for sequence, label in told:
        place = text.find(f" {sequence} ")
        while place >= 0:
            starts = starts or [0, *accumulate(len(word) + 1 for _, _, word in words)]
            first, last = bisect_left(starts, place), bisect_left(starts, place + len(sequence) + 1) - 1
            yield words[first][0], words[last][1], label
            place = text.find(f" {sequence} ", place + len(sequence) + 1)


def found_places(words: Sequence[Word], sought: Sequence[Sought]) -> Iterator[Span]:
    """Return where an address stands, however much of "Jl." and "No." is written, the word for street included."""
    if not sought:
        return
    streets = {end: start for start, end, word in words if word in _STREET}
    told = [(start, end, _number(word)) for start, end, word in words if word not in _UNTOLD]
    for start, end, label in found_sequences(told, sought):
        yield next((streets[start - gap] for gap in (1, 2, 3) if start - gap in streets), start), end, label


def own_numbers(found: Sequence[Chain], given: Mapping[str, str]) -> Iterator[Span]:
    """Return the spans of numbers that are known, however they are grouped and with whichever prefix they are written."""
    known = [(label, core) for label, value in given.items() if len(core := _core(label, value)) >= LEAST]
    for chain in found if known else ():
        for label, core in known:
            place = chain.whole.find(core)
            while place >= 0:
                first, last = bisect_right(chain.starts, place) - 1, bisect_right(chain.starts, place + len(core) - 1) - 1
                yield chain.groups[first][0], chain.groups[last][1], label
                place = chain.whole.find(core, place + len(core))


def _core(label: str, value: str) -> str:
    digits = "".join(_DIGITS.findall(value))
    return re.sub("^(?:0062|62|0)", "", digits) if label == "telepon" else digits
