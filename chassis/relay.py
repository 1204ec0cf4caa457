"""The relay: publishes what was committed, in order per case, and deletes it from the outbox after the acknowledgement.

It walks from the first unpublished row of its shards on and never has two unacknowledged runs on their way, so every case's events
reach the topic in the order in which they were said, with any number of relays; a crash repeats a run, readers drop the copies.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import orjson
from asyncpg import Record

from chassis import failpoints
from chassis.draft import Draft
from chassis.failpoints import Point
from chassis.hashing import key_hash
from chassis.kafka import Outgoing, Producer
from chassis.leases import RENEW_SECONDS, SHARDS, Leases
from chassis.metrics import Metrics
from chassis.parcels import references, unpack
from chassis.postgres import Connection, Pool, borrow, named_errors
from chassis.saying import SALT_BYTES
from schemas.envelope import join, outgoing_headers

log = logging.getLogger(__name__)

RUN: Final = 2000
"""From so many records on no further parcel joins a run."""
PARCELS: Final = 256
POLL_SECONDS: Final = 1.0
REMEMBERED: Final = 20_000
"""Committed events whose bytes are kept in memory until they are published; beyond it they are read back (20 µs an event)."""
_NEXT: Final = f"""
WITH gone AS (DELETE FROM outbox WHERE position = ANY($1::bigint[]))
SELECT position, mark FROM (
    SELECT position, mark, sum(number) OVER (ORDER BY position) - number AS before FROM (
        SELECT position, mark, number FROM outbox
        WHERE shard = ANY($2::int[]) AND position <> ALL($1::bigint[]) ORDER BY position LIMIT {PARCELS}
    ) p
) q WHERE before < {RUN} ORDER BY position"""  # noqa: S608 - constants
_BACK: Final = "SELECT position, topic, whole, content FROM outbox WHERE position = ANY($1::bigint[])"
_EVENTS: Final = """
SELECT e.case_id, e.sequence, e.header, e.body FROM unnest($1::uuid[], $2::int[]) AS w (case_id, sequence)
JOIN event e ON e.case_id = w.case_id AND e.sequence = w.sequence"""


class Relay:
    """Publishes one service's outbox as far as this process holds the shards."""

    def __init__(self, *, service: str, owner: str, pool: Pool, producer: Producer, metrics: Metrics) -> None:
        self._pool = pool
        self._producer = producer
        self._metrics = metrics
        self._channel = f"salur_{service}"
        self._memory: dict[int, list[Outgoing]] = {}
        self._remembered = 0
        self._wake = asyncio.Event()
        self._tell_others = asyncio.Event()
        self._stopping = False
        self._empty_at = asyncio.get_running_loop().time()
        self.leases = Leases(owner)

    def committed(self, draft: Draft) -> None:
        """Hear of what was committed here: keep its bytes, wake up, and let others know of what is theirs."""
        if not draft.parcels:
            return
        for parcel in draft.parcels:
            if self._remembered < REMEMBERED:
                self._memory[parcel.mark] = parcel.records
                self._remembered += len(parcel.records)
        if len(self.leases.mine) < SHARDS and any(parcel.shard not in self.leases.mine for parcel in draft.parcels):
            self._tell_others.set()
        self._wake.set()

    async def run(self) -> None:
        """Publish until stopped; raises AwayError or PublishError, after which it may simply be run again."""
        async with borrow(self._pool) as connection, asyncio.TaskGroup() as tasks:
            await connection.execute("SET synchronous_commit TO off")  # its deletes are repeatable
            await connection.execute("SET plan_cache_mode TO force_custom_plan")  # a known list is hashed, an unknown one searched for each row
            await connection.add_listener(self._channel, self._heard)
            await self.leases.keep(connection)
            background = [tasks.create_task(self._keep_leases()), tasks.create_task(self._tell())]
            with named_errors():  # inside the group, which would hide the driver's errors from `borrow`
                await self._publish(connection)
            for task in background:
                task.cancel()
            await self.leases.leave(connection)
            await connection.remove_listener(self._channel, self._heard)

    async def close(self) -> None:
        """Close the producer."""
        await self._producer.stop()

    def waiting_since(self, waiting: int, now: float) -> float:
        """Return for how many seconds the outbox has not been seen empty, given how much waits in it at `now`."""
        if waiting == 0:
            self._empty_at = now
        return now - self._empty_at

    def stop(self) -> None:
        """Let `run` end once nothing more waits here."""
        self._stopping = True
        self._wake.set()

    async def _publish(self, connection: Connection) -> None:
        positions: list[int] = []
        while True:
            self._wake.clear()
            rows = await connection.fetch(_NEXT, positions, sorted(self.leases.mine))
            failpoints.reach(Point.RELAY_AFTER_DELETE if positions else Point.RELAY_AFTER_READ)
            positions = []
            if rows:
                run = await self._records(connection, rows)
                failpoints.reach(Point.RELAY_AFTER_READ)
                await self._producer.publish(run)
                failpoints.reach(Point.RELAY_AFTER_PUBLISH)
                self._metrics.published.inc(len(run))
                positions = [row["position"] for row in rows]
            elif self._stopping:
                return
            else:
                self._forget()
                await self._sleep()

    def _forget(self) -> None:
        """Drop what other relays published for us once there is much of it."""
        if self._remembered >= REMEMBERED:
            self._memory.clear()
            self._remembered = 0

    async def _sleep(self) -> None:
        try:
            async with asyncio.timeout(POLL_SECONDS):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _records(self, connection: Connection, rows: Sequence[Record]) -> list[Outgoing]:
        """Return the records of these parcels in order, from memory, which forgets them, or read back."""
        found = {row["position"]: self._memory.pop(row["mark"], None) for row in rows}
        missing = [position for position, records in found.items() if records is None]
        self._remembered -= sum(len(records) for records in found.values() if records)
        if missing:
            found |= await read_back(connection, missing)
        return [record for records in found.values() for record in records or ()]

    def _heard(self, *_args: Any) -> None:
        self._wake.set()

    async def _keep_leases(self) -> None:
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            async with borrow(self._pool) as connection:
                before = self.leases.mine
                await self.leases.keep(connection)
            if self.leases.mine - before:
                self._wake.set()

    async def _tell(self) -> None:
        """Wake the relays of other replicas, at most twenty times a second: each telling is a commit of its own."""
        while True:
            await self._tell_others.wait()
            self._tell_others.clear()
            async with borrow(self._pool) as connection:
                await connection.execute("SELECT pg_notify($1, '')", self._channel)
            await asyncio.sleep(0.05)


async def read_back(connection: Connection, positions: Sequence[int]) -> dict[int, list[Outgoing]]:
    """Return the records of parcels from the outbox and the history; of parcels that another relay has published meanwhile, none."""
    rows = await connection.fetch(_BACK, positions)
    wanted = [reference for row in rows if not row["whole"] for reference in references(row["content"])]
    events: dict[tuple[UUID, int], Record] = {}
    if wanted:
        read = await connection.fetch(_EVENTS, [case_id for case_id, _ in wanted], [sequence for _, sequence in wanted])
        events = {(row["case_id"], row["sequence"]): row for row in read}
    return {row["position"]: _whole(row) if row["whole"] else _said(row, events) for row in rows}


def _whole(row: Record) -> list[Outgoing]:
    topic = row["topic"]
    return [Outgoing(topic, key, key_hash(key), value, _headers(orjson.loads(value)) if value else []) for key, value in unpack(row["content"])]


def _said(row: Record, events: Mapping[tuple[UUID, int], Record]) -> list[Outgoing]:
    records = []
    for reference in references(row["content"]):
        event = events[reference]
        data = event["body"][SALT_BYTES:] if event["body"] is not None else b"null"
        key = str(reference[0]).encode()
        records.append(Outgoing(row["topic"], key, key_hash(key), join(event["header"], data), _headers(orjson.loads(event["header"]))))
    return records


def _headers(document: dict[str, Any]) -> list[tuple[str, bytes]]:
    return outgoing_headers({name: value for name, value in document.items() if name != "data"})
