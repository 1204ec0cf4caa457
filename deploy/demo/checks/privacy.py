"""Nobody who filed is found anywhere but on the submissions' topic. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import orjson

from deploy.demo.checks.verdict import Verdict, verdict
from deploy.demo.evidence import Evidence
from deploy.demo.writing import MAIL_DOMAIN, NIK_PREFIX, PHONE_PREFIX
from schemas.topics import SUBMISSIONS

_BETWEEN: Final = "[ .-]?"
_NUMBERS: Final = tuple(
    re.compile((_BETWEEN.join(prefix) + rf"(?:{_BETWEEN}\d){{{more}}}").encode()) for prefix, more in ((NIK_PREFIX, 12), (PHONE_PREFIX, 5))
)
"""A NIK and a telephone number of the demo, with or without something between their digits."""


def no_identity_anywhere(evidence: Evidence) -> Verdict:
    """No name, NIK, phone or mail address of a reporter stands on another topic, in a mail, a webhook or a log.

    The page behind a link is not among these places: the owner's people read there what the reporter wrote.
    """
    words = {canary.casefold().encode() for person in evidence.week.people for canary in person.name.split()} | {f"@{MAIL_DOMAIN}".encode()}
    numbers = {canary.encode() for person in evidence.week.people for canary in (person.nik, person.phone)}
    places = {f"topic {topic}": raw for topic, raw in evidence.raw.items() if topic != SUBMISSIONS}
    places |= {f"mail {mail['id']}": orjson.dumps(mail) for mail in evidence.mails}
    places |= {f"webhook {hook['id']}": orjson.dumps(hook) for hook in evidence.hooks}
    places |= {f"log {name}": raw for name, raw in evidence.logs.items()}
    problems = [f"{place} holds {canary}" for place, raw in places.items() for canary in _found(raw, words, numbers)]
    if not _found_any(evidence.raw.get(SUBMISSIONS, b""), words, numbers):
        problems.append("the submissions hold no identity themselves: nothing was tested")
    size = sum(map(len, places.values())) / 1e6
    return verdict("no reporter is found anywhere", f"{len(words) + len(numbers)} canaries in {len(places)} places, {size:.1f} MB", problems)


def _found_any(raw: bytes, words: set[bytes], numbers: set[bytes]) -> bool:
    return next(_found(raw, words, numbers), None) is not None


def _found(raw: bytes, words: set[bytes], numbers: set[bytes]) -> Iterator[str]:
    folded = raw.lower()
    yield from (word.decode() for word in sorted(words) if word in folded)
    written = {number.translate(None, b" .-") for pattern in _NUMBERS for number in pattern.findall(raw)}
    yield from sorted(number.decode() for number in written & numbers)
