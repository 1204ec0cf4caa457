"""Ours: a whole service on the chassis, one hop of the complaint's way. Decides on the case's locked state, says one event.

Everything that a real service has is in it: validation, decision, heads, history, hash chain, outbox and relay.
"""

from __future__ import annotations

import os
from datetime import datetime
from typing import Any, ClassVar, Final, Literal, NamedTuple
from uuid import UUID

from asyncpg import Record

from bench.events import Place, Reported
from chassis import run
from chassis.item import Service, Write
from chassis.settings import ChassisSettings, knob
from chassis.wiring import Extras, Parts
from schemas.base import Data, Decision, Event, UtcTime

LEVELS: Final = (100, 300, 1_000)
"""Totals of weight at which a case rises by a level."""


class Noted(Data):
    """What the hop says: the report's facts, and what was decided."""

    TYPE: ClassVar[str] = "salur.bench.noted.v1"

    case_id: UUID
    tracking_id: str
    serial: int
    total: int
    level: int
    risen: bool
    owner: str
    because: tuple[str, ...]
    kind: Literal["complaint", "aspiration", "information_request"]
    category: str
    region: str
    channel: str
    accepted_at: UtcTime
    anonymous: bool
    confidential: bool
    publisher: str
    title: str
    text: str
    location: Place


class Ledger(NamedTuple):
    """A case's state."""

    serial: int
    total: int
    level: int
    owner: str


def decide(state: Ledger | None, event: Event[Reported], at: datetime, reference: None) -> Decision[Ledger]:  # noqa: ARG001 - every decision's shape
    """Add the report's weight to its case; the case rises by level, and its owner with it."""
    data = event.data
    total = (state.total if state else 0) + data.weight
    level = sum(total >= least for least in LEVELS)
    risen = state is not None and level > state.level
    owner = data.region[:2] if level > 1 else data.region
    because = (f"weight {data.weight} makes {total}", f"category {data.category} in {data.region} belongs to {owner}")
    noted = Noted(
        case_id=data.case_id,
        tracking_id=data.tracking_id,
        serial=data.serial,
        total=total,
        level=level,
        risen=risen,
        owner=owner,
        because=because,
        kind=data.kind,
        category=data.category,
        region=data.region,
        channel=data.channel,
        accepted_at=data.accepted_at,
        anonymous=data.anonymous,
        confidential=data.confidential,
        publisher=data.publisher,
        title=data.title,
        text=data.text,
        location=data.location,
    )
    return Decision(Ledger(data.serial, total, level, owner), (noted,))


def state(row: Record) -> Ledger | None:
    """Return the state of a loaded row."""
    return None if row["total"] is None else Ledger(row["serial"], row["total"], row["level"], row["owner"])


def _row(pair: tuple[UUID, Ledger]) -> tuple[Any, ...]:
    case_id, ledger = pair
    return case_id, ledger.serial, ledger.total, ledger.level, ledger.owner


def service(name: str, reads: str) -> Service[Ledger]:
    """Return the service under a name of its own, reading the topic `reads`."""
    return Service(
        name=name,
        decide=decide,
        load="SELECT case_id, serial, total, level, owner FROM ledger WHERE case_id = ANY($1::uuid[])",
        state=state,
        writes={
            Ledger: Write(
                "INSERT INTO ledger (case_id, serial, total, level, owner) "
                "SELECT * FROM unnest({}::uuid[], {}::int[], {}::bigint[], {}::smallint[], {}::text[]) ON CONFLICT (case_id) DO UPDATE "
                "SET serial = EXCLUDED.serial, total = EXCLUDED.total, level = EXCLUDED.level, owner = EXCLUDED.owner",
                _row,
            )
        },
        tracking=lambda _ledger: "",
        reads={reads: {Reported.TYPE: Reported}},
    )


class HopSettings(ChassisSettings):
    """The hop's own knobs."""

    bench_port: int = knob(8190, "where its health answers", "port")


async def wire(_parts: Parts) -> Extras:
    """Add nothing: the hop is the chassis and a decision."""
    return Extras()


def main() -> None:
    """Run the service; BENCH_NAME and BENCH_IN name it and what it reads."""
    run.main(service(os.environ["BENCH_NAME"], os.environ["BENCH_IN"]), HopSettings, "bench_port", wire)


if __name__ == "__main__":
    main()
