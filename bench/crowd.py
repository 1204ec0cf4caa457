"""Open cases that were there before: each table's rows of the warm cases, again and again under new ids.

Heads, states, vaults, clocks, timers and notices of them are all there; of the history only what the warm cases said themselves.
"""

from __future__ import annotations

from typing import Final

import asyncpg

from bench.house import SERVICES

_KEYED: Final = """
SELECT c.table_name FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
WHERE c.table_schema = $1 AND c.column_name = 'case_id' AND t.table_type = 'BASE TABLE' ORDER BY 1"""
_COLUMNS: Final = """
SELECT column_name, data_type, is_identity = 'YES' OR is_generated <> 'NEVER' AS made FROM information_schema.columns
WHERE table_schema = $1 AND table_name = $2 ORDER BY ordinal_position"""
LEFT_OUT: Final = frozenset({"event", "outbox", "held", "kept", "inbox", "tally"})
_NUMBERED: Final = "md5(%s::text || n)"


async def crowd(owner: asyncpg.Connection[asyncpg.Record], wanted: int) -> None:
    """Multiply the cases that are there until there are about `wanted` more; every table of a service that is kept by case grows alike."""
    there = await owner.fetchval("SELECT count(*) FROM routing.head")
    times = max(1, wanted // there)
    for service in SERVICES:
        for (table,) in await owner.fetch(_KEYED, service):
            if table not in LEFT_OUT:
                await owner.execute(await _multiplied(owner, service, table), times, timeout=1_200)
        await owner.execute(f"SET search_path TO {service}")
        await owner.execute("VACUUM (ANALYZE)", timeout=600)  # a house that has been up for years is not vacuumed for the first time


async def _multiplied(owner: asyncpg.Connection[asyncpg.Record], service: str, table: str) -> str:
    columns = [column for column in await owner.fetch(_COLUMNS, service, table) if not column["made"]]
    names = ", ".join(f'"{column["column_name"]}"' for column in columns)
    chosen = ", ".join(_again(column) for column in columns)
    return f'INSERT INTO {service}."{table}" ({names}) SELECT {chosen} FROM {service}."{table}" o CROSS JOIN generate_series(1, $1::int) n ON CONFLICT DO NOTHING'  # noqa: E501


def _again(column: asyncpg.Record) -> str:
    name = f'o."{column["column_name"]}"'
    if column["data_type"] == "uuid":
        return f"({_NUMBERED % name})::uuid"
    if column["column_name"] in ("tracking_id", "external_ref", "id"):
        return f"substr({_NUMBERED % name}, 1, 14)"
    return name
