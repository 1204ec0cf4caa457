"""Submissions as they come in, for the whole way: the demo's mix, structured, on the topic."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

import orjson

from chassis.hashing import key_hash
from chassis.kafka import Outgoing
from deploy.demo.complaints import Sending, plan
from schemas.topics import SUBMISSIONS

SEED: Final = 20_261_102
KINDS: Final = 2_000
"""Different submissions; further ones repeat their content under ids of their own."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One submission; `ref` is its publisher's number, which its case bears."""

    ref: str
    value: bytes

    def outgoing(self) -> Outgoing:
        """Return it as a record."""
        key = self.ref.encode()
        return Outgoing(SUBMISSIONS, key, key_hash(key), self.value, [("content-type", b"application/cloudevents+json")])


@cache
def _contents() -> tuple[Sending, ...]:
    return tuple(sending for sending in plan(SEED, KINDS).sendings if sending.code == "ok")


def week(first: int, count: int) -> list[Sent]:
    """Return `count` submissions from number `first` on; equal for equal arguments but for the time, which is now."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return [_sent(number, now) for number in range(first, first + count)]


def _sent(number: int, now: str) -> Sent:
    content = _contents()[number % len(_contents())]
    ref = f"B2-{number:08}"
    event: dict[str, Any] = {
        "specversion": "1.0",
        "id": ref,
        "source": content.source,
        "type": content.type,
        "time": now,
        "data": {**content.data, "submitted_at": now, "external_ref": ref},
    }
    return Sent(ref, orjson.dumps(event))
