"""The operators' endpoints of a service: its clock, what is parked, the way of one case, whether its history is whole."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from ipaddress import IPv6Address, ip_address
from typing import Annotated, Any, Final
from uuid import UUID

import orjson
from asyncpg import Record
from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import StreamingResponse

from chassis import chain, history, parking
from chassis.carry import Carrier
from chassis.described import refused
from chassis.postgres import AwayError
from schemas.ids import read_tracking_id

MAX_PARKED: Final = 1000
CaseOf = Callable[[str], Awaitable[UUID | None]]
_NOT_PARKED: Final = "nothing is parked under this id"
_NDJSON: Final = "application/x-ndjson"


def operators_only(request: Request) -> None:
    """Let in callers from this machine only, and of its browsers' pages only our own."""
    caller, asked = request.client, request.url
    own = f"{asked.scheme}://{asked.netloc}"
    if caller is None or not (_is_loopback(caller.host) and _is_loopback(asked.hostname or "")) or request.headers.get("origin", own) != own:
        raise HTTPException(403, "operators only: call from this machine, by its loopback address")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


def operations(carrier: Carrier, case_of: CaseOf | None = None) -> APIRouter:
    """Return the operators' endpoints; `case_of` finds a case by its tracking id."""
    router = APIRouter(prefix="/ops/v1", tags=["operations"], dependencies=[Depends(operators_only)], responses={403: refused("For operators.")})

    @router.get("/clock", summary="Salur time, and how fast it runs")
    async def clock() -> dict[str, Any]:
        return {"now": carrier.clock.now(), "speed": carrier.clock.speed}

    _parked(router, carrier)
    _histories(router, carrier, case_of)
    return router


def _parked(router: APIRouter, carrier: Carrier) -> None:
    @router.get("/parked", summary="What is parked, the oldest first, and how much there is by reason")
    async def list_parked(limit: Annotated[int, Query(ge=1, le=MAX_PARKED)] = 100) -> dict[str, Any]:
        counts = {row["reason"]: row["number"] for row in await parking.counts(carrier)}
        rows = await parking.parked(carrier, limit) if counts else []
        return {"service": carrier.service.name, "parked": [_told(carrier, row) for row in rows], "counts": counts}

    @router.get("/parked/{kept_id}", summary="One input that is or was parked: what it is, and why it stands there")
    async def show(kept_id: UUID) -> dict[str, Any]:
        row = await parking.one(carrier, kept_id)
        if row is None:
            raise HTTPException(404, _NOT_PARKED)
        return {"service": carrier.service.name, **_told(carrier, row), **await history.name_of(carrier, kept_id)}

    @router.post("/parked/{kept_id}:redrive", summary="Take up what is parked, with what waits behind it")
    async def redrive(kept_id: UUID) -> dict[str, Any]:
        row = await parking.redrive(carrier, kept_id)
        if row is None:
            raise HTTPException(404, _NOT_PARKED)
        return _told(carrier, row)

    @router.post("/parked/{kept_id}:discard", summary="Give up what is parked; its bytes stay, and what is parked `behind` it in its case is named")
    async def discard(kept_id: UUID) -> dict[str, Any]:
        if not await parking.discard(carrier, kept_id):
            raise HTTPException(404, _NOT_PARKED)
        row = await parking.one(carrier, kept_id)
        return {"id": kept_id, "state": row["state"] if row else "discarded", "behind": await parking.behind(carrier, kept_id)}


def _told(carrier: Carrier, row: Record) -> dict[str, Any]:
    return {**parking.describe(row), "at": carrier.clock.of(row["at"])}


def _histories(router: APIRouter, carrier: Carrier, case_of: CaseOf | None) -> None:
    @router.get(
        "/trace/{case_id}",
        summary="All that this service said of a case (by its case_id or tracking id), and what waits",
    )
    async def trace(case_id: str) -> dict[str, Any]:
        known = await _case(case_of, case_id)
        told = await history.trace(carrier, known) if known else None
        if told is None:
            raise HTTPException(404, f"{carrier.service.name} knows no such case")
        return told

    @router.get(
        "/chain",
        summary="Verify the chains of hashes, of all cases or of one; lines of JSON tell how far it is, the last one has the verdict",
        responses={200: {"description": "a line after each batch, the last one with `done`", "content": {_NDJSON: {}}}},
    )
    async def verified(case_id: UUID | None = None) -> StreamingResponse:
        return StreamingResponse(_verified(carrier, case_id), media_type=_NDJSON)


async def _case(case_of: CaseOf | None, name: str) -> UUID | None:
    """Return the case by its id, or by the tracking id as a person types it."""
    try:
        return UUID(name)
    except ValueError:
        tracking_id = read_tracking_id(name)
        return await case_of(tracking_id) if tracking_id and case_of else None


async def _verified(carrier: Carrier, case_id: UUID | None) -> AsyncIterator[bytes]:
    """Yield a line after each batch, then one with `done`; a database that goes away in between ends with a line that says so."""
    told: dict[str, Any] = {"service": carrier.service.name}
    try:
        told["about"] = None if case_id else await chain.estimate(carrier)
        async for chains in chain.verify(carrier, case_id):
            told |= {"cases": chains.cases, "events": chains.events, "erased": chains.erased, "broken": chains.broken}
            yield orjson.dumps({**told, "done": False}) + b"\n"
    except AwayError:
        yield orjson.dumps({**told, "done": False, "code": "unavailable"}) + b"\n"
    else:
        yield orjson.dumps({**told, "done": True}) + b"\n"
