"""What makes a figure count: nothing lost, nothing doubled, every case in order, every sum right. Read from both stores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import asyncpg
import orjson

from bench.events import Sent


def topic_faults(sent: Sequence[Sent], records: Sequence[Any], *, decided: bool) -> Iterator[str]:
    """Yield what is wrong with what was said; `decided` when the events bear the running total of their case."""
    said = [(record.key.decode(), orjson.loads(record.value)) for record in records]
    causes = [event["causationid"] for _, event in said]
    if len(said) != len(sent):
        yield f"{len(said)} events said of {len(sent)}"
    if len({event["id"] for _, event in said}) != len(said) or len(set(causes)) != len(causes):
        yield "an event was said twice"
    if set(causes) != {event.id for event in sent}:
        yield "events were lost, or said without a cause"
    by_id = {event.id: event for event in sent}
    serials: dict[str, int] = {}
    totals: dict[str, int] = {}
    for key, event in said:
        cause, data = by_id.get(event["causationid"]), event["data"]
        if cause is None:
            continue
        if key != cause.case_id or data["case_id"] != cause.case_id or data["text"] != orjson.loads(cause.value)["data"]["text"]:
            yield f"event {event['id']} is not what its cause was"
            return
        if data["serial"] != serials.get(key, 0) + 1:
            yield f"case {key} is out of order"
            return
        serials[key] = data["serial"]
        totals[key] = totals.get(key, 0) + cause.weight
        if decided and data["total"] != totals[key]:
            yield f"case {key} was decided on a stale state"
            return


async def store_faults(
    sent: Sequence[Sent], records: Sequence[Any], owner: asyncpg.Connection[asyncpg.Record], name: str, *, chassis: bool
) -> list[str]:
    """Return what is wrong in the database: inbox, states and events against what was sent and what was said."""
    await owner.execute(f'SET search_path TO "{name}"')
    inbox = {str(row[0]) for row in await owner.fetch(f"SELECT event_id FROM {'seen' if chassis else 'inbox'}")}
    ledger = {str(row[0]): (row[1], row[2]) for row in await owner.fetch("SELECT case_id, serial, total FROM ledger")}
    faults = []
    if inbox != {event.id for event in sent}:
        faults.append("the inbox does not hold exactly what was sent")
    if ledger != _expected(sent):
        faults.append("the states are not what the events make")
    if chassis:
        faults += await _history_faults(records, owner)
    else:
        kept = await owner.fetch("SELECT case_id, serial, data FROM event")
        if {(str(row[0]), row[1]) for row in kept} != {(event.case_id, event.serial) for event in sent}:
            faults.append("the events kept are not those to keep")
        if {row[2] for row in kept} != {orjson.dumps(orjson.loads(record.value)) for record in records}:
            faults.append("what was kept is not what was said")
    return faults


async def _history_faults(records: Sequence[Any], owner: asyncpg.Connection[asyncpg.Record]) -> list[str]:
    """Compare the history with the topic, byte for byte, and look for what should be empty."""
    faults = []
    rows = await owner.fetch("SELECT header, substr(body, 17) AS data FROM event")
    if {row[0][:-1] + b',"data":' + row[1] + b"}" for row in rows} != {record.value for record in records}:
        faults.append("the history is not what was said")
    left = [(table, await owner.fetchval(f"SELECT count(*) FROM {table}")) for table in ("outbox", "kept", "held")]
    faults += [f"{count} rows are left in {table}" for table, count in left if count]
    heads = await owner.fetchval("SELECT count(*) FROM head h WHERE sequence <> (SELECT max(sequence) FROM event e WHERE e.case_id = h.case_id)")
    if heads:
        faults.append(f"{heads} heads do not stand at their last event")
    return faults


def _expected(sent: Sequence[Sent]) -> Mapping[str, tuple[int, int]]:
    states: dict[str, tuple[int, int]] = {}
    for event in sent:
        _, total = states.get(event.case_id, (0, 0))
        states[event.case_id] = (event.serial, total + event.weight)
    return states
