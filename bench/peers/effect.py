"""What a peer that works event by event does with each: one transaction, and the event to say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import asyncpg
import orjson

LEVELS: Final = (100, 300, 1_000)
_TAKE: Final = "INSERT INTO inbox (event_id) VALUES ($1) ON CONFLICT DO NOTHING RETURNING true"
_COUNT: Final = """
INSERT INTO ledger AS l (case_id, serial, total) VALUES ($1, $2, $3)
ON CONFLICT (case_id) DO UPDATE SET serial = EXCLUDED.serial, total = l.total + EXCLUDED.total RETURNING total"""
_SAY: Final = "INSERT INTO event (case_id, serial, data) VALUES ($1, $2, $3)"
_COPIED: Final = (
    *("case_id", "tracking_id", "serial", "kind", "category", "region", "channel"),
    *("accepted_at", "anonymous", "confidential", "publisher", "title", "text", "location"),
)


async def keep(connection: asyncpg.Connection[asyncpg.Record], event_id: str, report: Mapping[str, Any]) -> dict[str, Any] | None:
    """Keep a report's effect in one transaction and return the event to say; None when it was taken before."""
    async with connection.transaction():
        if not await connection.fetchval(_TAKE, event_id):
            return None
        total = await connection.fetchval(_COUNT, report["case_id"], report["serial"], report["weight"])
        said = _noted(event_id, report, total)
        await connection.execute(_SAY, report["case_id"], report["serial"], orjson.dumps(said))
    return said


def _noted(event_id: str, report: Mapping[str, Any], total: int) -> dict[str, Any]:
    level = sum(total >= least for least in LEVELS)
    owner = report["region"][:2] if level > 1 else report["region"]
    because = [f"weight {report['weight']} makes {total}", f"category {report['category']} in {report['region']} belongs to {owner}"]
    decided = {"total": total, "level": level, "owner": owner, "because": because}
    return {
        "specversion": "1.0",
        "id": f"{event_id}:noted",
        "source": "urn:salur:bench",
        "type": "salur.bench.noted.v1",
        "time": report["accepted_at"],
        "subject": report["case_id"],
        "tracking": report["tracking_id"],
        "sequence": report["serial"],
        "causationid": event_id,
        "data": {name: report[name] for name in _COPIED} | decided,
    }
