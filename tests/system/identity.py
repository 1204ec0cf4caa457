"""Nothing of any reporter is anywhere but in `salur.submissions`: searched for as it was given, folded and in the usual disguises.

Each run's reporters are made of a few rare stems (`Ledger.stems`), so that a handful of patterns finds each of them and its parts.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

from tests.system.evidence import Evidence

AROUND = 40
SUBMISSIONS = "salur.submissions"


def no_identity(evidence: Evidence) -> Iterator[str]:
    """No stem of a reporter's name, NIK, phone, email or address stands in a topic, a mail, a metric page or a log."""
    stems = [stem for line in evidence.ledger for stem in line.get("stems", ())]
    if not stems:
        yield "the ledger names no reporter to look for"
        return
    pattern = re.compile("|".join(sorted({re.escape(disguise) for stem in stems for disguise in disguises(stem)})), re.IGNORECASE)
    for place, text in _texts(evidence):
        found = pattern.search(text)
        if found is not None:
            yield f"{place}: …{text[max(0, found.start() - AROUND) : found.end() + AROUND]}…"


def disguises(stem: str) -> set[str]:
    """Return a text as it is and as base64 (at each alignment), hex, in URLs, in HTML and in JSON would show it."""
    found = {stem, quote(stem), quote_plus(stem), html.escape(stem)}
    for form in {stem, stem.lower(), stem.upper()}:
        raw = form.encode()
        found |= {raw.hex(), "".join(f"%{byte:02x}" for byte in raw), "".join(f"\\u{byte:04x}" for byte in raw)}
        for skipped in range(3):
            whole = raw[-skipped % 3 :]
            encoded = base64.b64encode(whole[: len(whole) // 3 * 3]).decode()
            found |= {encoded, encoded.replace("+", "-").replace("/", "_")}
    return found


def _texts(evidence: Evidence) -> Iterator[tuple[str, str]]:
    for record in evidence.records:
        if record.topic != SUBMISSIONS:
            headers = b"\n".join(value for _, value in record.headers)
            yield f"record {record.place}", b"\n".join((record.key or b"", record.value or b"", headers)).decode(errors="replace")
    for mail in evidence.mails:
        yield f"mail {mail['message_id']}", "\n".join(map(str, mail.values()))
    yield from evidence.texts.items()
