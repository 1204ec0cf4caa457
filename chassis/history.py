"""What a service keeps of one case: what it said, what came in, what waits. Reading SQL only, bounded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import orjson
from asyncpg import Record

from chassis.carry import Carrier
from chassis.giving_up import attributes
from chassis.item import HTTP, INTERNAL, Item, Origin, position
from chassis.postgres import borrow
from chassis.saying import SALT_BYTES
from schemas.shown import is_private, is_restricted, shown

MOST_EVENTS: Final = 5000
"""Of one case in one answer; a case with more has been in a loop, and its beginning tells which."""

_SAID: Final = f"SELECT header, body FROM event WHERE case_id = $1 ORDER BY sequence LIMIT {MOST_EVENTS + 1}"  # noqa: S608 - our own number
_KEPT: Final = """
SELECT id, topic, partition, "offset", case_id, state, reason, detail, at
FROM kept WHERE case_id = $1 ORDER BY place LIMIT 1000"""
_TAKEN: Final = """
SELECT source, id, topic, partition, "offset" FROM inbox
WHERE case_id = $1 OR (case_id IS NULL AND id = ANY($2::text[])) LIMIT 1000"""
_HELD: Final = "SELECT at FROM held WHERE case_id = $1 ORDER BY place LIMIT 1000"
_HEAD: Final = "SELECT true FROM head WHERE case_id = $1"
_SEALED: Final = "SELECT sealed FROM kept WHERE id = $1"


async def trace(carrier: Carrier, case_id: UUID) -> dict[str, Any] | None:
    """Return what this service said of a case, what came in for it, and what waits; None when it knows nothing of it."""
    async with borrow(carrier.pool) as connection:
        rows = await connection.fetch(_SAID, case_id)
        kept = await connection.fetch(_KEPT, case_id)
        held = await connection.fetch(_HELD, case_id)
        events = _events(rows[:MOST_EVENTS])
        causes = [event["causationid"] for event in events]
        taken = await connection.fetch(_TAKEN, case_id, causes)
        if not (rows or kept or held or taken or await connection.fetchval(_HEAD, case_id)):
            return None
    parked = [row for row in kept if row["state"] == "parked"]
    return {
        "service": carrier.service.name,
        "case_id": case_id,
        "tracking_id": next((event["tracking"] for event in events if event["tracking"]), None),
        "events": events,
        "received": [
            *_taken(taken, events, kept),
            *(_answered(carrier, row) for row in kept if row["state"] in ("duplicate", "rejected", "discarded")),
        ],
        "parked": [
            {**_place(row), "id": row["id"], "code": row["reason"], "detail": row["detail"], "at": carrier.clock.of(row["at"])} for row in parked
        ],
        "held": [{"since": carrier.clock.of(row["at"])} for row in held],
        "truncated": len(rows) > MOST_EVENTS,
    }


def _events(rows: Sequence[Record]) -> list[dict[str, Any]]:
    heads = [orjson.loads(row["header"]) for row in rows]
    datas = [{} if row["body"] is None else orjson.loads(row["body"][SALT_BYTES:]) for row in rows]
    private, restricted = is_private(datas), is_restricted(datas)
    names = ("id", "type", "time", "sequence", "causationid", "correlationid", "tracking")
    return [
        {
            **{name: head.get(name) for name in names},
            "erased": row["body"] is None,
            "data": shown(head["type"], data, private=private, restricted=restricted),
        }
        for row, head, data in zip(rows, heads, datas, strict=True)
    ]


def _taken(rows: Sequence[Record], events: Sequence[dict[str, Any]], kept: Sequence[Record]) -> list[dict[str, Any]]:
    """Return the accepted inputs of a case: what took a row of the inbox and was not parked or held since."""
    first: dict[str, str] = {}
    for event in events:
        first.setdefault(event["causationid"], event["time"])
    parked = {(row["topic"], row["partition"], row["offset"]) for row in kept if row["state"] == "parked"}
    accepted = [row for row in rows if row["id"] in first and (row["topic"], row["partition"], row["offset"]) not in parked]
    told = [
        {"outcome": "accepted", "code": "ok", **_place(row), "received_id": row["id"], "received_source": row["source"], "at": first[row["id"]]}
        for row in accepted
    ]
    return sorted(told, key=lambda receipt: str(receipt["at"]))


def _answered(carrier: Carrier, row: Record) -> dict[str, Any]:
    outcome = "duplicate" if row["state"] == "duplicate" else "rejected"
    return {
        "outcome": outcome,
        "code": row["reason"],
        **_place(row),
        "received_id": None,
        "received_source": None,
        "at": carrier.clock.of(row["at"]),
    }


def _place(row: Record) -> dict[str, Any]:
    """Return where an input came from, and by which door."""
    topic = row["topic"]
    door = "itself" if topic.startswith(INTERNAL) else "http" if topic.startswith(HTTP) else "kafka"
    return {"door": door, **position(topic, row["partition"], row["offset"])}


async def name_of(carrier: Carrier, kept_id: UUID) -> dict[str, Any]:
    """Return type, source and id of a kept input, as far as they can be read; nothing else of it."""
    async with borrow(carrier.pool) as connection:
        sealed = await connection.fetchval(_SEALED, kept_id)
    read = carrier.reopen(sealed) if sealed is not None else None
    if isinstance(read, Item):
        return {"type": read.event.type, "received_source": read.event.source, "received_id": read.event.id}
    if read is None:
        return {"type": None, "received_source": None, "received_id": None}
    type_ = attributes(read.raw.headers).get("type") if read.origin is Origin.OWN else read.type
    return {"type": type_, "received_source": read.source, "received_id": read.id}
