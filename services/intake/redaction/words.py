"""Words: which of them a text is made of, and which tell of somebody. Pure but for two lists that are read once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from schemas.redaction.seen import see

_LATIN: Final = re.compile(r"[a-z]+(?:'[a-z]+)*|[0-9]+")
_ANY: Final = re.compile(r"[^\W\d_]+(?:['\u2019\u02bc`\u00b4][^\W\d_]+)*|\d+")
_APOSTROPHES: Final = str.maketrans("", "", "'\u2019\u02bc`\u00b4")


def _read(name: str) -> frozenset[str]:
    lines = Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def listed(words: str) -> frozenset[str]:
    """Return the words of a list."""
    return frozenset(words.split())


BEARERS: Final = _read("bearers.txt")
"""Words that people are called by and that mean something besides."""
HEROES: Final = _read("heroes.txt")
"""Names of people that places bear."""
PLAIN: Final = _read("words.txt") - BEARERS
"""Words of complaints that are no names."""
COMMON: Final = PLAIN | BEARERS
"""Words that say nothing of a reporter by themselves, whatever the reporter is called."""
HONORIFICS: Final = listed(
    "pak bu bapak bapa ibu bpk ibuk bunda sdr sdri saudara saudari mas mbak mba mbah kak kakak bang abang bung om tante pakde bude mang teh "
    "aa ceu ning gus cak neng haji hj hajah kiai kyai ustad ustadz ustadzah nyonya ny tuan tn mr mrs ms nona"
)
"""What stands before a name."""


def plain(word: str) -> str:
    """Return a folded word without its apostrophes: `ma'ruf` and `maruf` are one."""
    return word if word.isalnum() else word.translate(_APOSTROPHES)


def parts_of(low: str) -> Iterator[re.Match[str]]:
    """Return the words and numbers of a folded text."""
    return (_LATIN if low.isascii() else _ANY).finditer(low)


def words_of(value: str) -> tuple[str, ...]:
    """Return the words of a name as names are compared: folded, without what stands between and above their letters."""
    return tuple(plain(word[0]) for word in parts_of(see(value).low))
