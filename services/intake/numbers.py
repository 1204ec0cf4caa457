"""Finds the numbers that tell who somebody is: NIK, NPWP, telephone. Pure; looks at sixteen digits at a time.

Numbers are written in groups ("0812-3456 7890"), and so are dates, amounts and budget codes: groups are read as the first thing
of a list that they fit, dates and amounts among them.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

_GLUE: Final = r"[ \u00a0.\-\u2010-\u2014()\u200b-\u200d\u2060]{1,3}"
_CHAIN: Final = re.compile(rf"\d+(?:{_GLUE}\d+)*")
_DIGITS: Final = re.compile(r"\d+")
_LEAST: Final = 7
"""Fewer digits than this tell nothing."""
_LEAST_OWN: Final = 6
_NIK: Final = 16
_NPWP: Final = (2, 3, 3, 1, 3, 3)
_MOBILE: Final = 13
_ABROAD: Final = 15
_LAND: Final = 12
_LEAST_PHONE: Final = 9
_MONEY: Final = re.compile(r"(?:rp|idr|usd|\$)[ .:]{0,2}$", re.IGNORECASE)
_CALLED: Final = re.compile(
    r"\b(?:hp|wa|whatsapp|telp|telpon|telepon|tlp|tlpn|telfon|ponsel|handphone|kontak|call|sms|hubungi)(?:\s?(?:saya|kami|aktif|nya))?[\s:.=()+-]{0,5}$",
    re.IGNORECASE,
)
_TAXED: Final = re.compile(r"\bnpwp[\s:.=()]{0,5}$", re.IGNORECASE)
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_BEFORE: Final = 24


@dataclass(frozen=True, slots=True)
class _Chain:
    """Groups of digits and what glues them, in a text."""

    text: str
    groups: Sequence[tuple[int, int]]
    digits: Sequence[str]

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


def found_numbers(text: str) -> Iterator[tuple[int, int, str]]:
    """Return the spans of numbers that look like an NIK, an NPWP or a telephone number."""
    for chain in _chains(text):
        at = 0
        while at < len(chain.groups):
            label, count = _read(chain, at)
            if label:
                start = chain.groups[at][0]
                start -= text[max(0, start - 1) : start] in ("+", "(") and label == "telepon"
                yield start, chain.groups[at + count - 1][1], label
            at += count


def own_numbers(text: str, given: Mapping[str, str]) -> Iterator[tuple[int, int, str]]:
    """Return the spans of numbers that are known, however they are grouped and with whichever prefix they are written."""
    known = [(label, _core(label, value)) for label, value in given.items()]
    known = [(label, core) for label, core in known if len(core) >= _LEAST_OWN]
    for chain in _chains(text, _LEAST_OWN) if known else ():
        whole, starts = "".join(chain.digits), [0, *accumulate(map(len, chain.digits))]
        for label, core in known:
            place = whole.find(core)
            while place >= 0:
                first, last = bisect_right(starts, place) - 1, bisect_right(starts, place + len(core) - 1) - 1
                yield chain.groups[first][0], chain.groups[last][1], label
                place = whole.find(core, place + len(core))


def _core(label: str, value: str) -> str:
    digits = "".join(_plain(found[0]) for found in _DIGITS.finditer(value))
    return re.sub("^(?:0062|62|0)", "", digits) if label == "telepon" else digits


def _chains(text: str, least: int = _LEAST) -> Iterator[_Chain]:
    for found in _CHAIN.finditer(text):
        if found.end() - found.start() >= least:
            groups = [group.span() for group in _DIGITS.finditer(text, found.start(), found.end())]
            yield _Chain(text, groups, [_plain(text[start:end]) for start, end in groups])


def _plain(digits: str) -> str:
    return digits if digits.isascii() else "".join(str(unicodedata.decimal(digit)) for digit in digits)


def _read(chain: _Chain, at: int) -> tuple[str, int]:
    """Return what begins at a group, an empty label for nothing of concern, and how many groups it takes."""
    if chain.lengths(at, len(_NPWP)) == _NPWP:
        return "NPWP", len(_NPWP)
    if len(chain.digits[at]) == _NIK:
        return "NIK", 1
    readings = (("", _date), ("", _amount), ("NPWP", _npwp), ("NIK", _nik), ("telepon", _phone))
    return next(((label, count) for label, reading in readings if (count := reading(chain, at))), ("", 1))


def _npwp(chain: _Chain, at: int) -> int:
    """Return 1 when a group is an NPWP without its dots, which only the word before it tells, else 0."""
    return int(len(chain.digits[at]) == sum(_NPWP) and _TAXED.search(chain.before(at)) is not None)


def _date(chain: _Chain, at: int) -> int:
    """Return how many groups a date takes here: `2-11-2026`, `2026-11-02`, `20261102`, or 0."""
    first = chain.digits[at]
    if len(first) == 8 and (_is_date(first[:4], first[4:6], first[6:]) or _is_date(first[4:], first[2:4], first[:2])):
        return 1
    if len(chain.groups) < at + 3 or chain.glue(at) != chain.glue(at + 1):
        return 0
    _, second, third = chain.digits[at : at + 3]
    return 3 if _is_date(first, second, third) or _is_date(third, second, first) else 0


def _is_date(year: str, month: str, day: str) -> bool:
    short = len(month) <= 2 and len(day) <= 2
    return short and _YEAR.fullmatch(year) is not None and 1 <= int(month) <= 12 and 1 <= int(day) <= 31


def _amount(chain: _Chain, at: int) -> int:
    """Return how many groups an amount of money takes here, or 0."""
    money = at == 0 and _MONEY.search(chain.before(at)) is not None
    if not money and (len(chain.digits[at]) > 3 or chain.digits[at][0] == "0"):
        return 0
    count = 1
    while at + count < len(chain.groups) and len(chain.digits[at + count]) == 3 and chain.glue(at + count - 1) == ".":
        count += 1
    return count if money or count > 2 else 0


def _nik(chain: _Chain, at: int) -> int:
    """Return how many groups an NIK takes here when it is written in several, or 0; it begins with a province's code."""
    if not "11" <= chain.digits[at][:2] <= "96":
        return 0
    total = count = 0
    while at + count < len(chain.groups) and total < _NIK:
        total += len(chain.digits[at + count])
        count += 1
    if total != _NIK or all(_YEAR.fullmatch(digits) for digits in chain.digits[at : at + count]):
        return 0
    return 0 if any(_date(chain, within) for within in range(at, at + count)) else count


def _phone(chain: _Chain, at: int) -> int:
    """Return how many groups a telephone number takes here, or 0."""
    first, before = chain.digits[at], chain.before(at)
    if before.endswith(("+", "+(")) or first.startswith("0062"):
        return _taken(chain, at, _ABROAD, _LEAST_PHONE)
    if first.startswith("628") or (first == "62" and "".join(chain.digits[at + 1 : at + 2]).startswith("8")):
        return _taken(chain, at, _ABROAD, _LEAST_PHONE + 1)
    if first.startswith("08"):
        return 0 if _is_time(chain, at) else _taken(chain, at, _MOBILE, _LEAST_PHONE)
    if before and _CALLED.search(before):
        return _taken(chain, at, _ABROAD, _LEAST)
    if re.match("0[2-79]", first) and len(first) > 2:
        inland = len(first) > 4 or (at + 1 < len(chain.groups) and "." not in chain.glue(at) and len(chain.digits[at + 1]) > 2)
        return _taken(chain, at, _LAND, _LEAST_PHONE) if inland else 0
    return 0


def _is_time(chain: _Chain, at: int) -> bool:
    """Tell whether `08` begins opening hours: a dot, then minutes, then something else than a dot."""
    if len(chain.digits[at]) > 2 or at + 2 >= len(chain.groups):
        return False
    return chain.glue(at) == "." and chain.glue(at + 1) != "."


def _taken(chain: _Chain, at: int, most: int, least: int) -> int:
    """Return how many groups make up a number of `least` to `most` digits, or 0; a short group behind a whole number is not its end."""
    total, count = len(chain.digits[at]), 1
    while at + count < len(chain.groups):
        size, last = len(chain.digits[at + count]), len(chain.digits[at + count - 1])
        whole = total >= _LEAST_PHONE + 1
        if total + size > most or (whole and size < 3 and size != last):
            break
        total, count = total + size, count + 1
    return count if least <= total <= most else 0
