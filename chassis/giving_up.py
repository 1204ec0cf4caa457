"""What a service hears instead of an event of our own that an operator gave up: an event of its own that stands in its place. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from chassis.item import Item, Origin, Raw, Unreadable, internal_raw
from schemas.base import Event, GivenUp

_MOST: Final = 2**31 - 1
"""The largest `sequence` of a case (docs/adr/0002)."""


def instead(read: Item | Unreadable, kept_id: UUID, case_id: UUID, now: datetime) -> Item | None:
    """Return what stands in the place of a parked event of our own, or the one that stood there before; None for any other input."""
    if isinstance(read, Item) and isinstance(read.event.data, GivenUp):
        event = read.event._replace(id=str(kept_id))  # parked again it stands beside its earlier row
    elif read.origin is not Origin.OWN:
        return None
    elif isinstance(read, Item):
        event = _of_event(read.event, case_id, now)
    else:
        event = _of_record(read.raw, kept_id, case_id, now)
    item = Item(Origin.TIMER, event, case_id, now, raw=internal_raw(event, case_id))
    item.claimed = True
    return item


def _of_event(event: Event[Any], case_id: UUID, now: datetime) -> Event[GivenUp]:
    data = GivenUp(type=event.type, said=orjson.loads(event.data.to_json()))
    return event._replace(type=GivenUp.TYPE, time=now, data=data, subject=str(case_id))


def _of_record(raw: Raw, kept_id: UUID, case_id: UUID, now: datetime) -> Event[GivenUp]:
    """Return what the headers tell of an event whose value could not be read."""
    told = attributes(raw.headers)
    sequence, tracking = told.get("sequence", ""), told.get("tracking", "")
    return Event(
        id=str(kept_id),
        source=raw.topic,
        type=GivenUp.TYPE,
        time=now,
        data=GivenUp(type=told.get("type"), said=None),
        subject=str(case_id),
        tracking=tracking if tracking.isprintable() and tracking else None,
        sequence=int(sequence) if sequence.isascii() and sequence.isdigit() and 0 < int(sequence[:11]) <= _MOST else None,
    )


def attributes(headers: Sequence[tuple[str, bytes]]) -> dict[str, str]:
    """Return what the headers of an event of our own say of it, by the names of its attributes."""
    told: dict[str, str] = {}
    for name, value in headers:
        if name.startswith("salur_"):
            told.setdefault(name.removeprefix("salur_"), (value or b"").decode(errors="replace"))
    return told
