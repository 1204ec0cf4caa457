"""How sla is put together: read this first."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, HTTPException

from chassis import run
from chassis.draft import Draft
from chassis.item import Service
from chassis.postgres import AwayError
from chassis.reference import Mirror
from chassis.wiring import Extras, Parts
from schemas import topics
from schemas.base import Data
from schemas.routing.case_closed_v1 import CaseClosed
from schemas.routing.case_followed_up_v1 import CaseFollowedUp
from schemas.routing.case_routed_v1 import CaseRouted
from schemas.routing.case_transfer_requested_v1 import CaseTransferRequested
from schemas.routing.case_transferred_v1 import CaseTransferred
from schemas.routing.case_verified_v1 import CaseVerified
from services.sla import store, telling
from services.sla.clocks import Case
from services.sla.directory import NATIONAL, Directory, Reference
from services.sla.domain import decide
from services.sla.metrics import SlaMetrics
from services.sla.policies import read_policies
from services.sla.reference_data import default_policies, national_calendar
from services.sla.settings import SlaSettings

log = logging.getLogger(__name__)

FACTS: Final[dict[str, type[Data]]] = {
    fact.TYPE: fact for fact in (CaseRouted, CaseVerified, CaseTransferRequested, CaseTransferred, CaseFollowedUp, CaseClosed)
}
"""What clocks start and end on; all of it comes from routing, in the order of each case."""

SERVICE: Final = Service(
    name="sla",
    decide=decide,
    load=store.LOAD,
    state=store.state,
    writes=store.WRITES,
    tracking=lambda case: case.tracking_id,
    reads={topics.ROUTING: FACTS, topics.RESTRICTED: FACTS},
)

DIRECTORY_LOOK_SECONDS: Final = 0.1
AWAY_SECONDS: Final = 2


class Desk:
    """What sla decides with, made anew when the directory has changed."""

    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror
        self._version = -1
        self._reference = Reference(Directory({}), read_policies(default_policies()), national_calendar)

    def reference(self) -> Reference:
        """Return the present reference."""
        if self._version != self._mirror.version:
            self._version = self._mirror.version
            directory = Directory.of(record for key, record in self._mirror.values.items() if key.startswith("agency/"))
            self._reference = Reference(directory, self._reference.policies, self._reference.calendar)
        return self._reference


async def wire(parts: Parts) -> Extras:
    """Follow the directory, and wait until routing has told it: without it nobody knows in which zone a day ends."""
    mirror = Mirror(parts.settings.kafka_bootstrap, topics.REFERENCE)
    await mirror.start()
    following = asyncio.create_task(mirror.run())
    while f"agency/{NATIONAL}" not in mirror.values and not following.done():
        await asyncio.wait({following}, timeout=DIRECTORY_LOOK_SECONDS)
    desk, metrics = Desk(mirror), SlaMetrics(parts.metrics.registry)

    async def follow() -> None:
        await following

    def committed(draft: Draft) -> None:
        metrics.count(draft, desk.reference().directory)

    async def gauges(leads: bool) -> None:
        if not leads:
            metrics.hide()
            return
        counts = await store.counts(parts.pool)
        metrics.show(counts, desk.reference().directory.agencies, await store.overdue(parts.pool, parts.clock.now()))

    return Extras(routers=(_router(parts, desk),), tasks=(follow,), committed=committed, reference=desk.reference, timers=True, gauges=gauges)


def _router(parts: Parts, desk: Desk) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["deadlines"])

    @router.get("/cases/{case_id}/deadlines", summary="Every clock of a case, and how its deadline was reckoned")
    async def deadlines(case_id: UUID) -> dict[str, Any]:
        try:
            case: Case | None = await store.clocks_of(parts.pool, case_id)
        except AwayError:
            raise HTTPException(503, "the database is away", {"Retry-After": str(AWAY_SECONDS)}) from None
        if case is None:
            raise HTTPException(404, "no such case")
        return telling.deadlines(case, parts.clock.now(), desk.reference())

    return router


def main() -> None:
    """Run the service."""
    run.main(SERVICE, SlaSettings, "sla_port", wire)
