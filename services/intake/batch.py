"""A batch of submissions: from lines to letters for the door, and from replies to receipts, a line each in the order they came."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeGuard

import orjson

from chassis.door import BusyError, Handled, Letter, describe
from chassis.item import Item, Reply
from schemas.base import Answer, Problem
from schemas.envelope import MAX_BYTES, MAX_ID
from schemas.inbound.complaint_submitted_v1 import ComplaintSubmitted
from services.intake.answers import KEY_RULE, OPEN, UNAVAILABLE
from services.intake.domain import NO_SUCH_CASE

MOST_LINES: Final = 1_000
MOST_BYTES: Final = 4 * 1024 * 1024
"""What a batch may hold (contracts §6)."""
TOO_MANY: Final = Answer("rejected", "too_large", (Problem("", f"the batch has more than {MOST_LINES} lines"),))
_LINE: Final = re.compile(rb"\S[^\n]*")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_KEY_PATH: Final = "/idempotency_key"
_NO_KEY: Final = Answer("rejected", "schema_violation", (Problem(_KEY_PATH, KEY_RULE),))

KnockAll = Callable[[str, Sequence[Letter]], Awaitable[list[Handled]]]


@dataclass(frozen=True, slots=True)
class Line:
    """A line that goes through the door with its letter, or that is refused before it."""

    letter: Letter | None = None
    refused: Answer | None = None


def is_key(given: object) -> TypeGuard[str]:
    """Tell whether something may be an idempotency key."""
    return isinstance(given, str) and 0 < len(given) <= MAX_ID and not _CONTROL.search(given)


def bare(key: str) -> dict[str, str]:
    """Return id, source and type of a submission's data that came without an envelope."""
    return {"id": key, "source": OPEN, "type": ComplaintSubmitted.TYPE}


def split(body: bytes) -> list[Line] | None:
    """Return the lines of a batch, blank ones left out; None when there are more than a batch may have."""
    lines: list[Line] = []
    for found in _LINE.finditer(body):
        if len(lines) == MOST_LINES:
            return None
        lines.append(_line(found[0].rstrip()))
    return lines


def _line(text: bytes) -> Line:
    """Return a line as what it says it is: an event when it has `specversion`, else a key with data."""
    whole = Line(Letter(text))  # what cannot be read is refused behind the door, like any event that cannot
    if len(text) > MAX_BYTES:
        return whole
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError:
        return whole
    if not isinstance(document, dict) or "specversion" in document:
        return whole
    key = document.get("idempotency_key")
    if not is_key(key):
        return Line(refused=_NO_KEY)
    try:
        return Line(Letter(orjson.dumps(document.get("data")), bare=bare(key)))
    except orjson.JSONEncodeError:  # nested deeper than can be written again
        return whole


async def hand_in(knock_all: KnockAll, path: str, lines: Sequence[Line], now: Callable[[], datetime]) -> list[dict[str, Any]]:
    """Bring a batch to its end and return the data of its receipts.

    Raises BusyError when nothing of it was taken. A line about a case that an earlier line began finds it once that one is through:
    lines whose case is not known are handed in a second time.
    """
    numbers = [number for number, line in enumerate(lines) if line.letter is not None]
    handled = await _pass(knock_all, path, lines, numbers)
    if handled and all(done.reply is None for done in handled.values()):
        raise BusyError(1)
    late = [number for number, done in handled.items() if done.reply is not None and done.reply.unknown_yet]
    if late and len(late) < len(handled):
        try:
            handled.update(await _pass(knock_all, path, lines, late))
        except BusyError:
            handled.update({number: Handled(handled[number].read, None) for number in late})
    return [_receipt(line, handled.get(number), now) for number, line in enumerate(lines)]


async def _pass(knock_all: KnockAll, path: str, lines: Sequence[Line], numbers: Iterable[int]) -> dict[int, Handled]:
    letters = [(number, letter) for number in numbers if (letter := lines[number].letter) is not None]
    done = await knock_all(path, [letter for _, letter in letters]) if letters else []
    return {number: handled for (number, _), handled in zip(letters, done, strict=True)}


def _receipt(line: Line, handled: Handled | None, now: Callable[[], datetime]) -> dict[str, Any]:
    if handled is None:
        assert line.refused is not None, "a line without a letter is refused"
        return _told(Reply(line.refused), None, None, now())
    read = handled.read
    reply = known(handled.reply)
    if line.letter is not None and line.letter.bare is not None:
        return _told(reply.by_key(_KEY_PATH), line.letter.bare["id"], line.letter.bare["source"], read.at)
    id_, source = (read.event.id, read.event.source) if isinstance(read, Item) else (read.id, read.source)
    return _told(reply, id_, source, read.at)


def known(reply: Reply | None) -> Reply:
    """Return what is told of a reply: that nothing is known where there is none, that there is no such case where it is not there."""
    if reply is None:
        return Reply(UNAVAILABLE)
    return Reply(NO_SUCH_CASE) if reply.unknown_yet else reply


def _told(reply: Reply, id_: str | None, source: str | None, at: datetime) -> dict[str, Any]:
    place: Mapping[str, None] = {"topic": None, "partition": None, "offset": None}
    case_id = str(reply.case_id) if reply.case_id else None
    ids = {"received_id": id_, "received_source": source, "case_id": case_id, "tracking_id": reply.tracking_id}
    return {**describe(reply), **ids, **place, "at": at}
