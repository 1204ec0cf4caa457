"""What is said, made of a decision: an event with its link of the case's chain, and the receipt of an inbound record. Pure."""

from __future__ import annotations

import os
from datetime import datetime
from functools import cache, lru_cache
from hashlib import blake2b
from typing import Any, Final
from uuid import UUID

import orjson

from chassis import append
from chassis.hashing import key_hash
from chassis.item import Service, Slot, Unreadable, position
from chassis.kafka import Outgoing
from schemas.base import Answer, Data, Event
from schemas.envelope import Stamp, join
from schemas.ids import caused_text
from schemas.registry import dataschema
from schemas.topics import RECEIPTS

SALT_BYTES: Final = 16
_AT_ONCE: Final = 256
_RECEIPT: Final = "salur.receipt.v1"


class Salts:
    """Random bytes, fetched for many events at once."""

    def __init__(self) -> None:
        self._noise, self._used = b"", 0

    def draw(self) -> bytes:
        """Return `SALT_BYTES` that were not drawn before."""
        if self._used == len(self._noise):
            self._noise, self._used = os.urandom(SALT_BYTES * _AT_ONCE), 0
        self._used += SALT_BYTES
        return self._noise[self._used - SALT_BYTES : self._used]


def say(
    service: Service[Any], cause: Event[Any], at: datetime, instant: str, slot: Slot, data: Data, body: bytes, number: int, topic: str, salt: bytes
) -> tuple[bytes, Outgoing]:
    """Move a case's head on by one event; return its row of the history and its record.

    `instant` is `at` as it is written, `body` the data's JSON, `number` counts what one cause made the service say.
    """
    slot.sequence += 1
    slot.touched = True
    case_id = str(slot.case_id)
    type_ = data.TYPE
    stamp = _stamp(service.source, type_)
    own: dict[str, Any] = {
        "id": caused_text(f"{cause.source}\n{cause.id}", f"{service.name}\n{type_}\n{number}", at),
        "time": instant,
        "subject": case_id,
        "tracking": getattr(data, "tracking_id", None) or cause.tracking,
        "sequence": slot.sequence,
        "causationid": cause.id,
        "correlationid": cause.correlationid or cause.id,
    }
    if not own["tracking"]:
        del own["tracking"]  # it is about no case
    if cause.traceparent:
        own["traceparent"] = cause.traceparent
    head = stamp.header(own)
    mac = blake2b(body, key=salt, digest_size=32).digest()
    slot.chain = link(slot.chain, head, mac)
    key = case_id.encode()
    outgoing = Outgoing(topic, key, key_hash(key), join(head, body), stamp.headers(own))
    return append.row(slot.case_id, slot.sequence, head, mac, slot.chain, salt, body), outgoing


def receipt(
    speaker: str,
    raw: Any,
    answer: Answer,
    at: datetime,
    about: Event[Any] | Unreadable,
    case_id: UUID | None = None,
    tracking: str | None = None,
    *,
    again: bool,
) -> Outgoing:
    """Return a record's receipt; `about` is what was read of it, `again` says that it is the second and final one."""
    place, id_ = f"{raw.topic}:{raw.partition}:{raw.offset}", about.id
    time = written(at)
    data = {
        "outcome": answer.outcome,
        "code": answer.code,
        "errors": [{"path": problem.path, "message": problem.message} for problem in answer.errors],
        "received_id": id_,
        "received_source": about.source,
        "case_id": str(case_id) if case_id else None,
        "tracking_id": tracking,
        **position(raw.topic, raw.partition, raw.offset),
        "at": time,
    }
    own = {
        "id": caused_text(f"{place}:{raw.timestamp}", "final receipt" if again else "receipt", at),
        "time": time,
        **({"subject": str(case_id)} if case_id else {}),
        **({"tracking": tracking} if tracking else {}),
        **({"causationid": id_, "correlationid": about.correlationid or id_} if id_ else {}),
        **({"traceparent": about.traceparent} if about.traceparent else {}),
    }
    key = (id_ or place).encode()
    stamp = _stamp(speaker, _RECEIPT)
    return Outgoing(RECEIPTS, key, key_hash(key), join(stamp.header(own), orjson.dumps(data)), stamp.headers(own))


@cache
def _stamp(source: str, type_: str) -> Stamp:
    return Stamp(source, type_, dataschema(type_))


def link(chain: bytes, head: bytes, mac: bytes) -> bytes:
    """Return the next link of a case's chain: BLAKE2b-256 over the link before, the header's length (8 bytes, big endian), header, MAC."""
    return blake2b(chain + len(head).to_bytes(8) + head + mac, digest_size=32).digest()


@lru_cache(maxsize=16)
def written(at: datetime) -> str:
    """Return an instant in UTC as it is written: RFC 3339 with `Z`; what a batch brings in from outside bears one."""
    return f"{at.isoformat()[:-6]}Z"
