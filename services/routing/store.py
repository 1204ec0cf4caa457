"""All SQL of routing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
from asyncpg import Record

from chassis.item import Write
from chassis.kafka import Outgoing
from chassis.postgres import Connection, Pool, borrow, transaction
from chassis.save import queue
from services.routing.case import Case, restore

_COLUMNS: Final = "case_id, tracking_id, state, version, document"
LOAD: Final = f"SELECT {_COLUMNS} FROM cases WHERE case_id = ANY($1::uuid[])"  # noqa: S608 - our own columns
CASE_OF: Final = "SELECT case_id FROM cases WHERE tracking_id = $1"
RESOLVE: Final = "SELECT tracking_id AS name, case_id FROM cases WHERE tracking_id = ANY($1::text[])"

_SAVE: Final = """
INSERT INTO cases (case_id, tracking_id, state, version, owner, triage, document)
SELECT * FROM unnest({}::uuid[], {}::text[], {}::text[], {}::int[], {}::text[], {}::bool[], {}::bytea[])
ON CONFLICT (case_id) DO UPDATE
SET state = EXCLUDED.state, version = EXCLUDED.version, owner = EXCLUDED.owner, triage = EXCLUDED.triage, document = EXCLUDED.document"""
_ANNOUNCED: Final = "INSERT INTO directory (version, announced_at) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING version"
_OWNERLESS: Final = "SELECT count(*) FROM head h WHERE blocked_by IS NOT NULL AND NOT EXISTS (SELECT FROM cases c WHERE c.case_id = h.case_id)"
_TRIAGE: Final = "SELECT count(*) FROM cases WHERE triage AND state = 'verification'"


def state(row: Record) -> Case | None:
    """Return the case of a loaded row, None where there is none."""
    if row["document"] is None:
        return None
    return restore(row["case_id"], row["tracking_id"], row["state"], row["version"], orjson.loads(row["document"]))


def _row(pair: tuple[UUID, Case]) -> tuple[Any, ...]:
    case_id, case = pair
    return case_id, case.tracking_id, case.state, case.version, case.owner, case.triage, orjson.dumps(case.document())


WRITES: Final[Mapping[type, Write]] = {Case: Write(_SAVE, _row)}


async def find(pool: Pool, case_id: UUID) -> Case | None:
    """Return a case; raises AwayError."""
    async with borrow(pool) as connection:
        row = await connection.fetchrow(LOAD, [case_id])
    return None if row is None else state(row)


async def announce(pool: Pool, version: str, records: Sequence[Outgoing], at: datetime) -> bool:
    """Queue the directory for `salur.reference`, once a version whatever the number of replicas; returns whether it was queued here."""
    async with transaction(pool) as connection:
        if await connection.fetchval(_ANNOUNCED, version, at) is None:
            return False
        await queue(connection, records)
        return True


async def without_owner(connection: Connection) -> int:
    """Return how many cases have no owner: those whose first event is parked; once routed, the table's own constraint holds one."""
    return int(await connection.fetchval(_OWNERLESS))


async def in_triage(connection: Connection) -> int:
    """Return how many cases wait for a coordinator to find their agency."""
    return int(await connection.fetchval(_TRIAGE))
