"""Writing a batch: its events by COPY, then one statement of common table expressions, whatever the batch holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from chassis.append import append
from chassis.draft import Draft
from chassis.item import Slot
from chassis.kafka import Outgoing
from chassis.parcels import Parcels
from chassis.postgres import Connection, array, texts, times

_HEADS: Final = """
UPDATE head SET sequence = d.sequence, chain = d.chain
FROM unnest({}::uuid[], {}::int[], {}::bytea[]) AS d (case_id, sequence, chain) WHERE head.case_id = d.case_id"""
_MARKED_HEADS: Final = """
UPDATE head SET sequence = d.sequence, chain = d.chain, blocked_by = d.blocked_by, waiting = d.waiting
FROM unnest({}::uuid[], {}::int[], {}::bytea[], {}::uuid[], {}::bool[]) AS d (case_id, sequence, chain, blocked_by, waiting)
WHERE head.case_id = d.case_id"""
_UNUSED: Final = "DELETE FROM head WHERE case_id = ANY({}::uuid[])"
_OUTBOX: Final = """
INSERT INTO outbox (mark, shard, number, topic, whole, content)
SELECT * FROM unnest({}::bigint[], {}::int[], {}::int[], {}::text[], {}::bool[], {}::bytea[])"""
_KEPT: Final = """
INSERT INTO kept (id, topic, partition, "offset", stamp, case_id, tracking, state, reason, detail, sealed, claimed)
SELECT * FROM unnest(
    {}::uuid[], {}::text[], {}::int[], {}::bigint[], {}::bigint[], {}::uuid[],
    {}::text[], {}::text[], {}::text[], {}::text[], {}::bytea[], {}::bool[])
ON CONFLICT DO NOTHING"""
_KEPT_AGAIN: Final = """
UPDATE kept SET state = k.state, reason = k.reason, sealed = CASE WHEN k.state = 'redriven' THEN NULL ELSE sealed END
FROM unnest({}::uuid[], {}::text[], {}::text[]) AS k (id, state, reason) WHERE kept.id = k.id"""
_HELD: Final = "INSERT INTO held (case_id, until, sealed) SELECT * FROM unnest({}::uuid[], {}::timestamptz[], {}::bytea[])"
_UNHELD: Final = "DELETE FROM held WHERE place = ANY({}::bigint[])"
_RELEASED: Final = """
DELETE FROM inbox USING unnest({}::text[], {}::text[]) AS r (source, id) WHERE inbox.source = r.source AND inbox.id = r.id"""
_NAMED: Final = """
UPDATE inbox SET case_id = n.case_id, tracking = n.tracking
FROM unnest({}::text[], {}::text[], {}::uuid[], {}::text[]) AS n (source, id, case_id, tracking) WHERE inbox.source = n.source AND inbox.id = n.id"""
_AS_TEXT: Final[Mapping[str, Callable[[Sequence[Any]], str]]] = {
    "uuid": array,
    "int": array,
    "bigint": array,
    "smallint": array,
    "bool": array,
    "text": texts,
    "timestamptz": times,
}
"""How columns of these types travel as one text."""

Part = tuple[str, Sequence[Sequence[Any]]]


async def save(connection: Connection, draft: Draft) -> None:
    """Append the draft's events, then write all else it asks for in one statement; a draft that asks for nothing writes nothing."""
    if draft.events:
        await append(connection, draft.events)
    parts = list(_parts(draft))
    if parts:
        statement = _statement(tuple(sql for sql, _ in parts))
        await connection.execute(statement, *(column for _, columns in parts for column in columns))


async def queue(connection: Connection, records: Sequence[Outgoing]) -> None:
    """Queue records that belong to no case for the relay."""
    parcels = Parcels()
    for record in records:
        parcels.add(record)
    for sql, columns in _outbox(parcels):
        await connection.execute(_statement((sql,)), *columns)


def _parts(draft: Draft) -> Iterable[Part]:
    slots = [slot for slot in draft.slots.values() if slot.touched]
    marked = [slot for slot in slots if slot.marked and not _unused(slot)]
    yield from _part(_HEADS, [(str(slot.case_id), slot.sequence, slot.chain) for slot in slots if not slot.marked and not _unused(slot)])
    yield from _part(_MARKED_HEADS, [(str(slot.case_id), slot.sequence, slot.chain, slot.blocked_by, slot.waiting) for slot in marked])
    unused = [slot.case_id for slot in draft.slots.values() if _unused(slot)]
    if unused:
        yield _UNUSED, (unused,)
    yield from _outbox(draft.parcels)
    yield from _part(_KEPT, draft.aside.kept)
    yield from _part(_KEPT_AGAIN, [(kept_id, *became) for kept_id, became in draft.aside.again.items()])
    yield from _part(_HELD, draft.aside.held)
    if draft.aside.unheld:
        yield _UNHELD, (draft.aside.unheld,)
    yield from _part(_RELEASED, draft.aside.released)
    yield from _part(_NAMED, draft.named)
    yield from _effects(draft)


def _outbox(parcels: Parcels) -> Iterable[Part]:
    rows = [(parcel.mark, parcel.shard, len(parcel.records), parcel.topic, parcel.whole, parcel.content) for parcel in parcels]
    return _part(_OUTBOX, rows)


def _effects(draft: Draft) -> Iterable[Part]:
    """Return states first, then effects type by type: rows of one type in the order of their keys' first appearance."""
    writes = draft.service.writes
    rows: dict[type, list[tuple[Any, ...]]] = {}
    for slot in draft.slots.values():
        if slot.changed:
            rows.setdefault(type(slot.state), []).append(writes[type(slot.state)].row((slot.case_id, slot.state)))
    for effect in draft.effects.values():
        rows.setdefault(type(effect), []).append(writes[type(effect)].row(effect))
    for type_ in sorted(rows, key=lambda t: t.__name__):
        yield from _part(writes[type_].sql, rows[type_])


def _unused(slot: Slot) -> bool:
    """Tell whether a head was made for a case that then came to nothing."""
    return slot.sequence == 0 and slot.state is None and slot.blocked_by is None and not slot.waiting


def _part(sql: str, rows: Sequence[tuple[Any, ...]]) -> Iterable[Part]:
    if rows:
        text, ways = _as_text(sql)
        yield text, [way(column) for column, way in zip(zip(*rows, strict=True), ways, strict=True)]


@lru_cache(maxsize=512)
def _as_text(sql: str) -> tuple[str, tuple[Callable[[Sequence[Any]], Any], ...]]:
    """Return a part whose columns of ids, numbers and short texts come as one text each, and how each column is made so."""
    first, *pieces = sql.split("{}")
    ways = [_AS_TEXT.get(piece[2 : piece.index("[]")]) for piece in pieces]
    return first + "".join(("{}::text" if way else "{}") + piece for piece, way in zip(pieces, ways, strict=True)), tuple(way or list for way in ways)


@lru_cache(maxsize=512)
def _statement(parts: tuple[str, ...]) -> str:
    """Return one statement that runs all parts, their placeholders numbered through."""
    number = 0
    numbered = []
    for part in parts:
        pieces = part.split("{}")
        text = pieces[0]
        for piece in pieces[1:]:
            number += 1
            text += f"${number}{piece}"
        numbered.append(text)
    heads = [f"part{n} AS ({text})" for n, text in enumerate(numbered[:-1])]
    return (f"WITH {', '.join(heads)} " if heads else "") + numbered[-1]
