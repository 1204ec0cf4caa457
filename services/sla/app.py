"""How sla is put together: read this first."""

from __future__ import annotations

import asyncio
import logging
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Header, HTTPException, Query, Request, Response

from chassis import run
from chassis.callers import Callers
from chassis.draft import Draft
from chassis.item import Service
from chassis.link import links_of
from chassis.reference import Mirror
from chassis.wiring import Extras, Parts
from schemas import topics
from schemas.base import Data, GivenUp, TimerDue
from schemas.reference.agency_v1 import AgencyRecord
from services.sla import store, telling
from services.sla.directory import NATIONAL, Directory, Reference
from services.sla.domain import decide
from services.sla.facts import DEEDS
from services.sla.metrics import SlaMetrics
from services.sla.openapi import DEADLINES_RESPONSES
from services.sla.policies import read_policies
from services.sla.reference_data import default_policies, national_calendar
from services.sla.settings import SlaSettings

log = logging.getLogger(__name__)

FACTS: Final[dict[str, type[Data]]] = {fact.TYPE: fact for fact in DEEDS}
"""What clocks start and end on; all of it comes from routing, in the order of each case."""

SERVICE: Final = Service(
    name="sla",
    decide=decide,
    load=store.LOAD,
    state=store.state,
    writes=store.WRITES,
    tracking=lambda case: case.tracking_id,
    reads={topics.ROUTING: FACTS, topics.RESTRICTED: FACTS},
    internal={TimerDue.TYPE: TimerDue, GivenUp.TYPE: GivenUp},
)

DIRECTORY_LOOK_SECONDS: Final = 0.1
_NO_CASE: Final = "no such case"


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
    mirror = Mirror(parts.settings.kafka_bootstrap, topics.REFERENCE, {AgencyRecord.TYPE: AgencyRecord})
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
    callers = Callers(links_of(parts.settings.secrets), parts.clock.now, open_to_all=parts.settings.open)
    router = APIRouter(prefix="/v1", tags=["deadlines"])

    @router.get("/cases/{case_id}/deadlines", summary="Every clock of a case, and how its deadline was reckoned", responses=DEADLINES_RESPONSES)
    async def deadlines(
        case_id: str,
        request: Request,
        response: Response,
        lang: Annotated[str | None, Query(description="`id` or `en`; stands before `Accept-Language`")] = None,
        accept_language: Annotated[str | None, Header()] = None,
    ) -> dict[str, Any]:
        try:
            named = UUID(case_id)
        except ValueError:
            raise HTTPException(404, _NO_CASE) from None
        callers.let_in(request, named)
        case = await store.clocks_of(parts.pool, named)
        if case is None:
            raise HTTPException(404, _NO_CASE)
        language = telling.language_of(lang, accept_language)
        response.headers.update({"Content-Language": language, "Vary": "Accept-Language"})
        return telling.deadlines(case, parts.clock.now(), desk.reference(), language)

    return router


def main() -> None:
    """Run the service."""
    run.main(SERVICE, SlaSettings, "sla_port", wire)
