"""Claiming a batch: which of it is new, in one statement that then locks the heads of its cases in order.

Loading is a statement of its own, after the locks: joined to the locking one it would see the states as they were before
another writer's commit, and that writer's change would silently be lost (docs/adr/0003).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from asyncpg import Record

from chassis.item import Item, Origin, Raw, Service, Slot, Unreadable, Work
from chassis.postgres import Connection, array, texts

_CLAIM: Final = """
WITH own AS (
    INSERT INTO seen (event_id) SELECT i.event_id FROM unnest($1::text::uuid[]) AS i (event_id) ORDER BY i.event_id
    ON CONFLICT DO NOTHING RETURNING event_id
), inbound AS (
    INSERT INTO inbox (source, id, case_id, tracking, digest, topic, partition, "offset", stamp)
    SELECT i.source, i.id, i.case_id, i.tracking, i.digest, i.topic, i.partition, i."offset", i.stamp
    FROM unnest($2::text::text[], $3::text::text[], $4::text::uuid[], $5::text::text[], $6::bytea[],
                $7::text::text[], $8::text::int[], $9::text::bigint[], $10::text::bigint[], $11::text::bool[])
        AS i (source, id, case_id, tracking, digest, topic, partition, "offset", stamp, again)
    WHERE i.again OR NOT EXISTS (
        SELECT FROM kept k WHERE k.topic = i.topic AND k.partition = i.partition AND k."offset" = i."offset" AND k.stamp = i.stamp)
    ORDER BY i.source COLLATE "C", i.id COLLATE "C"
    ON CONFLICT DO NOTHING RETURNING source, id, case_id
), locked AS (
    INSERT INTO head (case_id)
    SELECT w.case_id FROM (
        SELECT unnest($12::text::uuid[]) AS case_id WHERE (SELECT count(*) FROM own) >= 0
        UNION SELECT case_id FROM inbound WHERE case_id IS NOT NULL
    ) w ORDER BY w.case_id
    ON CONFLICT (case_id) DO UPDATE SET sequence = head.sequence WHERE false
)
SELECT CASE WHEN (SELECT count(*) FROM own) < $13 THEN (SELECT coalesce(array_agg(event_id), '{}') FROM own) END AS own,
       (SELECT array_agg(source) FROM inbound) AS sources, (SELECT array_agg(id) FROM inbound) AS ids
"""
_HOLDERS: Final = """
SELECT i.n, b.source IS NOT NULL AS taken, b.case_id, b.tracking, b.digest,
       b.topic = i.topic AND b.partition = i.partition AND b."offset" = i."offset" AND b.stamp = i.stamp AS same,
       EXISTS (SELECT FROM kept k WHERE k.topic = i.topic AND k.partition = i.partition AND k."offset" = i."offset" AND k.stamp = i.stamp)
           AS answered,
       (SELECT k.reason FROM kept k WHERE k.topic = b.topic AND k.partition = b.partition AND k."offset" = b."offset" AND k.stamp = b.stamp
           AND k.state = 'parked') AS parked
FROM unnest($1::text[], $2::text[], $3::text::text[], $4::text::int[], $5::text::bigint[], $6::text::bigint[])
    WITH ORDINALITY AS i (source, id, topic, partition, "offset", stamp, n)
LEFT JOIN inbox b ON b.source = i.source AND b.id = i.id ORDER BY i.n
"""
_ANSWERED: Final = """
SELECT i.n FROM unnest($1::text::text[], $2::text::int[], $3::text::bigint[], $4::text::bigint[])
    WITH ORDINALITY AS i (topic, partition, "offset", stamp, n)
JOIN kept k ON k.topic = i.topic AND k.partition = i.partition AND k."offset" = i."offset" AND k.stamp = i.stamp
"""
_LOAD: Final = """
SELECT h.case_id AS head_id, h.sequence, h.chain, h.blocked_by, h.waiting, s.*
FROM head h LEFT JOIN ({}) s ON s.case_id = h.case_id WHERE h.case_id = ANY($1::uuid[])
"""
_STILL_HELD: Final = "SELECT place FROM held WHERE place = ANY($1::bigint[]) ORDER BY place FOR UPDATE SKIP LOCKED"
_HELD: Final = "SELECT place, case_id, sealed FROM held WHERE case_id = ANY($1::uuid[]) ORDER BY place"


@dataclass(slots=True)
class Claimed:
    """What of a batch is to be decided on, what is to be answered otherwise, and what has to wait for its first copy."""

    items: list[Item] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    copies: list[tuple[Item, Record]] = field(default_factory=list)
    later: Work = field(default_factory=Work)


async def resolve(connection: Connection, service: Service[Any], items: Iterable[Item]) -> None:
    """Give items that name their case otherwise than by its id the case's id, where it is known."""
    if service.resolve is None:
        return
    open_ = [(item, name) for item in items if item.case_id is None and (name := service.named(item.event))]
    if open_:
        rows = await connection.fetch(service.resolve, [name for _, name in open_])
        known = {row["name"]: row["case_id"] for row in rows}
        for item, name in open_:
            item.case_id = known.get(name)


async def claim(connection: Connection, work: Work) -> Claimed:
    """Take the batch's rows of the inbox and lock its heads; afterwards nobody else can decide on these cases."""
    claimed = Claimed()
    own, inbound = _firsts(work.items)
    cases = {item.case_id for item in work.items if item.case_id and (item.claimed or item.draw is None)}
    cases |= {unreadable.case_id for unreadable in work.unreadable if unreadable.case_id}
    items = list(inbound.values())
    (row,) = await connection.fetch(
        _CLAIM,
        array(own),
        texts([item.event.source for item in items]),
        texts([item.event.id for item in items]),
        array([item.case_id for item in items]),
        texts([item.draw.tracking_id if item.draw else item.event.tracking for item in items]),
        [item.digest for item in items],
        *_positions(item.raw for item in items),
        array([item.kept_id is not None for item in items]),
        array(cases),
        len(own),
    )
    new_own = set(own if row["own"] is None else row["own"])  # all of them are new, as a rule
    new_inbound = set(zip(row["sources"] or (), row["ids"] or (), strict=True))
    await _sort_out(connection, await _still_held(connection, work), claimed, new_own, new_inbound)
    return claimed


async def _still_held(connection: Connection, work: Work) -> Work:
    """Return the batch without what was held and is taken up elsewhere: by another replica that swept it too, or with its case."""
    places = [read.held for reads in (work.items, work.unreadable) for read in reads if read.held is not None]
    if not places:
        return work
    here = {None, *(row["place"] for row in await connection.fetch(_STILL_HELD, places))}
    return Work([item for item in work.items if item.held in here], [unreadable for unreadable in work.unreadable if unreadable.held in here])


def _firsts(items: Sequence[Item]) -> tuple[dict[UUID | None, Item], dict[tuple[str, str], Item]]:
    own: dict[UUID | None, Item] = {}
    inbound: dict[tuple[str, str], Item] = {}
    for item in items:
        if item.claimed:
            continue
        if item.origin is Origin.OWN:
            own.setdefault(item.key, item)
        elif item.origin is not Origin.TIMER:
            inbound.setdefault((item.event.source, item.event.id), item)
    return own, inbound


async def _sort_out(connection: Connection, work: Work, claimed: Claimed, own: set[UUID | None], inbound: set[tuple[str, str]]) -> None:
    taken: set[tuple[str, str]] = set()
    held_by_others = []
    for item in work.items:
        if item.claimed:
            claimed.items.append(item)
        elif item.origin is Origin.OWN:
            if item.key in own:
                own.discard(item.key)
                claimed.items.append(item)
        elif (pair := (item.event.source, item.event.id)) not in inbound:
            held_by_others.append(item)
        elif pair in taken:
            claimed.later.items.append(item)
        else:
            taken.add(pair)
            claimed.items.append(item)
    if held_by_others:
        claimed.copies, free = await _copies(connection, held_by_others)
        claimed.later.items += free
    if work.unreadable:
        rows = await connection.fetch(_ANSWERED, *_positions(unreadable.raw for unreadable in work.unreadable))
        answered = {row["n"] - 1 for row in rows}
        claimed.unreadable = [u for n, u in enumerate(work.unreadable) if n not in answered or u.kept_id]


async def _copies(connection: Connection, items: Sequence[Item]) -> tuple[list[tuple[Item, Record]], list[Item]]:
    """Return the items whose id is taken, each with the row that took it, without records that were merely redelivered.

    Then those whose id is free: a redelivered record, whose refusal had freed it, stood before them in the batch.

    A request that took its own row is one whose commit was not known to us and that was carried again: its caller still waits.
    """
    sources, ids = [item.event.source for item in items], [item.event.id for item in items]
    rows = await connection.fetch(_HOLDERS, sources, ids, *_positions(item.raw for item in items))
    found = [(items[row["n"] - 1], row) for row in rows]
    copies = [pair for pair in found if pair[1]["taken"] and (pair[0].reply or pair[0].kept_id or not (pair[1]["same"] or pair[1]["answered"]))]
    return copies, [item for item, row in found if not (row["taken"] or row["answered"])]


def _positions(raws: Iterable[Raw | None]) -> tuple[str, str, str, str]:
    """Return topics, partitions, offsets and timestamps, each as one text."""
    given = [raw for raw in raws if raw is not None]
    numbers = [(raw.partition, raw.offset, raw.timestamp) for raw in given]
    partitions, offsets, stamps = zip(*numbers, strict=True) if numbers else ((), (), ())
    return texts([raw.topic for raw in given]), array(partitions), array(offsets), array(stamps)


async def load(connection: Connection, service: Service[Any], case_ids: Sequence[UUID]) -> dict[UUID, Slot]:
    """Return heads and states of the cases, all of which must be locked before."""
    if not case_ids:
        return {}
    return {
        row["head_id"]: Slot(row["head_id"], row["sequence"], row["chain"], row["blocked_by"], row["waiting"], service.state(row))
        for row in await connection.fetch(_LOAD.format(service.load), case_ids)
    }


async def load_held(connection: Connection, case_ids: Sequence[UUID]) -> list[Record]:
    """Return what is held for the cases, in the order in which it came."""
    return list(await connection.fetch(_HELD, case_ids))
