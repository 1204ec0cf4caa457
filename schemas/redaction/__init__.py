"""Takes out of a text what tells of a person by its shape alone: NIK, NPWP, telephone numbers, e-mail addresses.

Pure, and shared: intake finds the reporter's own words besides (`services/intake/redaction`), routing has nothing but these shapes
to go by in what offices write. `seen` shows the text as it reads; each finder (`numbers` over `chains`, `mail`) returns spans of it,
which are merged and replaced once, so that no finder sees another's tokens. Time grows with the length of the text and of nothing
else: patterns are possessive or bounded, windows are small. What is found, and how well, is in docs/privacy.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from schemas.redaction.chains import Chain, chains
from schemas.redaction.mail import found_mail
from schemas.redaction.numbers import found_numbers
from schemas.redaction.seen import Seen, Span, see

__all__ = ["LABELS", "found_shapes", "redact_shapes", "replaced"]

LABELS: Final = frozenset({"NIK", "NPWP", "telepon", "email", "nama", "alamat"})
"""What stands in the text instead, in brackets."""
_BETWEEN_NAMES: Final = re.compile(r"[ .'\u2019`-]{0,2}")


def redact_shapes(text: str) -> str:
    """Return the text with a token, such as `[NIK]`, in place of each number and address that tells of a person, whoever it is."""
    seen = see(text)
    return replaced(text, seen, found_shapes(seen, chains(seen)))


def found_shapes(seen: Seen, found: list[Chain]) -> Iterator[Span]:
    """Return the spans of what looks like an NIK, an NPWP, a telephone number or an e-mail address; `found` are the text's chains."""
    if found:
        yield from found_numbers(found)
    yield from found_mail(seen)


def replaced(text: str, seen: Seen, spans: Iterable[Span]) -> str:
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
