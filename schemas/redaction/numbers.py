"""Finds the numbers that tell who somebody is: NIK, NPWP, telephone. Pure.

Numbers are written in groups ("0812-3456 7890"), and so are dates, amounts and budget codes: groups are read as the first thing
of a list that they fit, dates and amounts among them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from schemas.redaction.chains import Chain
from schemas.redaction.seen import Span

_NIK: Final = 16
_OF_FOUR: Final = 4
_NIK_MISTYPED: Final = range(14, 19)
"""How many digits stand behind the word NIK when one slipped in or out."""
_NIK_GROUPS: Final = frozenset(
    (
        (4, 4, 4, 4),
        (6, 6, 4),
        (2, 2, 2, 6, 4),
        (2, 2, 2, 2, 2, 2, 4),
        (6, 10),
        (8, 8),
        (12, 4),
        (6, 2, 2, 2, 4),
        (5, 5, 6),
        (3, 3, 3, 3, 4),
        (1,) * 16,
    )
)
"""How people write an NIK; other groups must hold a date of birth where it belongs."""
_NPWP: Final = (2, 3, 3, 1, 3, 3)
_NPWP_PLAIN: Final = 15
_MOBILE: Final = 13
_ABROAD: Final = 15
_LAND: Final = 12
_LEAST_CALLED: Final = 7
_LEAST_PHONE: Final = 9
_LEAST_OF_COUNTRY: Final = 10
_END: Final = r"(?:\s?(?:saya|kami|aktif|nya|pribadi|adalah|ini))?[\s:.=()+,-]{0,5}$"
_MONEY: Final = re.compile(r"(?:rp|idr|usd|\$)[ .:]{0,2}$")
_CALLED: Final = re.compile(
    r"(?<![^\W\d_])(?:hp|wa|whatsapp|whatapps|telp|telpon|telepon|tlp|tlpn|telfon|ponsel|handphone|kontak|call|sms|hubungi|phone|mobile)" + _END
)
_NAMED: Final = re.compile(r"(?<![^\W\d_])(?:e-?ktp|nik|ktp|kk|kependudukan|kartu keluarga)" + _END)
_TAXED: Final = re.compile(r"(?<![^\W\d_])npwp[\s:.=()]{0,5}$")
_OTHERWISE: Final = re.compile(
    r"(?<![^\W\d_])(?:rekening|rek|idpel|id pel|id pelanggan|pelanggan|meter|meteran|kwh|resi|token|seri|imei|invoice|faktur|tagihan|bayar|va"
    r"|virtual account|perkara|sertifikat|surat|sk|polis|rangka|mesin|tiket|transaksi|order|sn|nisn|nip|kode)"
    r"(?:\s(?:bri|bni|bca|btn|bsi|bank|mandiri|nomor|no|jp|jt|jx|spx)){0,2}" + _END
)
"""What is counted otherwise than telephones, though it may begin like one."""
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_WOMAN: Final = 40
"""Added to the day of birth of women."""


def found_numbers(chains: list[Chain]) -> Iterator[Span]:
    """Return the spans of numbers that look like an NIK, an NPWP or a telephone number."""
    for chain in chains:
        at = 0
        while at < len(chain.groups):
            label, count = _read(chain, at)
            if label:
                start = chain.groups[at][0]
                start -= label == "telepon" and chain.text[max(0, start - 1) : start] in ("+", "(")
                yield start, chain.groups[at + count - 1][1], label
            at += count


def _read(chain: Chain, at: int) -> tuple[str, int]:
    """Return what begins at a group, an empty label for nothing of concern, and how many groups it takes."""
    size = len(chain.digits[at])
    if size == _NIK or (size in _NIK_MISTYPED and _NAMED.search(chain.before(at))):
        return "NIK", 1
    if (size == _NPWP[0] and chain.lengths(at, len(_NPWP)) == _NPWP) or (size == _NPWP_PLAIN and _TAXED.search(chain.before(at))):
        return "NPWP", len(_NPWP) if size == _NPWP[0] else 1
    if count := _date(chain, at) or _amount(chain, at) or (_serial(chain, at) if size == _OF_FOUR else 0):
        return "", count
    if count := _nik(chain, at):
        return "NIK", count
    count = _phone(chain, at)
    return ("telepon", count) if count else ("", 1)


def _date(chain: Chain, at: int) -> int:
    """Return how many groups a date takes here: `2-11-2026`, `2026-11-02`, `20261102`, or 0."""
    first = chain.digits[at]
    if len(first) == 8:
        return int(_is_date(first[:4], first[4:6], first[6:]) or _is_date(first[4:], first[2:4], first[:2]))
    if len(first) > 4 or at + 3 > len(chain.groups):
        return 0
    _, second, third = chain.digits[at : at + 3]
    if len(second) > 2 or len(first) + len(third) not in (5, 6) or chain.glue(at) != chain.glue(at + 1):
        return 0
    return 3 if _is_date(first, second, third) or _is_date(third, second, first) else 0


def _is_date(year: str, month: str, day: str) -> bool:
    short = len(month) <= 2 and len(day) <= 2
    return short and _YEAR.fullmatch(year) is not None and 1 <= int(month) <= 12 and 1 <= int(day) <= 31


def _amount(chain: Chain, at: int) -> int:
    """Return how many groups an amount of money takes here, or 0."""
    money = at == 0 and _MONEY.search(chain.before(at)) is not None
    if not money and (len(chain.digits[at]) > 3 or chain.digits[at][0] == "0"):
        return 0
    count = 1
    while at + count < len(chain.groups) and len(chain.digits[at + count]) == 3 and chain.glue(at + count - 1) == ".":
        count += 1
    return count if money or count > 2 else 0


def _nik(chain: Chain, at: int) -> int:
    """Return how many groups an NIK takes here when it is written in several, or 0; it begins with a province's code."""
    nik = chain.ahead(at, _NIK)
    if not "11" <= nik[:2] <= "96" or not (count := chain.groups_of(at, _NIK)):
        return 0
    if all(_YEAR.fullmatch(digits) for digits in chain.digits[at : at + count]) or any(_date(chain, within) for within in range(at, at + count)):
        return 0
    return count if _born(nik) or chain.lengths(at, count) in _NIK_GROUPS or _NAMED.search(chain.before(at)) else 0


def _born(nik: str) -> bool:
    """Tell whether the digits hold a date of birth where an NIK does."""
    day, month = int(nik[6:8]), int(nik[8:10])
    return 1 <= (day - _WOMAN if day > _WOMAN else day) <= 31 and 1 <= month <= 12


def _serial(chain: Chain, at: int) -> int:
    """Return how many groups of four a serial longer than an NIK takes here, such as an electricity token, or 0."""
    count = 1
    while at + count < len(chain.groups) and len(chain.digits[at + count]) == _OF_FOUR and chain.glue(at + count - 1) == chain.glue(at):
        count += 1
    return count if count * _OF_FOUR > _NIK and len(chain.digits[at]) == _OF_FOUR and not _NAMED.search(chain.before(at)) else 0


def _phone(chain: Chain, at: int) -> int:
    """Return how many groups a telephone number takes here, or 0."""
    before, start = chain.before(at), chain.ahead(at, 5)
    if before.endswith(("+", "+(")) or start == "00628":
        return _taken(chain, at, _ABROAD, _LEAST_PHONE)
    if before and _OTHERWISE.search(before):
        return 0
    if start.startswith("628"):
        return _taken(chain, at, _ABROAD, _LEAST_OF_COUNTRY)
    if start.startswith("08") and start[2:3] != "0":
        return 0 if _is_time(chain, at) else _taken(chain, at, _MOBILE, _LEAST_PHONE)
    if before and _CALLED.search(before):
        return _taken(chain, at, _ABROAD, _LEAST_CALLED)
    return _taken(chain, at, _LAND, _LEAST_PHONE) if _is_area(chain, at) else 0


def _is_area(chain: Chain, at: int) -> bool:
    """Tell whether a group begins with the code of an area, and a number of a fixed line can follow."""
    first = chain.digits[at]
    if len(first) < 3 or first[0] != "0" or first[1] not in "2345679":
        return False
    return len(first) > 4 or (at + 1 < len(chain.groups) and "." not in chain.glue(at) and len(chain.digits[at + 1]) > 2)


def _is_time(chain: Chain, at: int) -> bool:
    """Tell whether `08` begins opening hours: a dot, then minutes, then something else than a dot."""
    if len(chain.digits[at]) != 2 or at + 2 >= len(chain.groups):
        return False
    return chain.glue(at) == "." and chain.glue(at + 1) != "."


def _taken(chain: Chain, at: int, most: int, least: int) -> int:
    """Return how many groups make up a number of `least` to `most` digits, or 0; a short group behind a whole number is not its end."""
    total, count = len(chain.digits[at]), 1
    while at + count < len(chain.groups):
        size, last = len(chain.digits[at + count]), len(chain.digits[at + count - 1])
        whole = total >= _LEAST_OF_COUNTRY
        if total + size > most or (whole and size < 3 and size != last):
            break
        total, count = total + size, count + 1
    return count if least <= total <= most else 0
