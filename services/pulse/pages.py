"""What pulse answers over HTTP: the same as JSON and as a page."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from chassis.clock import Clock
from chassis.reference import Mirror
from services.pulse.page import Page
from services.pulse.reference_data import Reference
from services.pulse.settings import PulseSettings
from services.pulse.shown import Pulse
from services.pulse.views import MOST, merged


def router(settings: PulseSettings, mirror: Mirror, clock: Clock, reference: Reference) -> APIRouter:
    """Return the doors: `GET /v1/pulse`, and the page at `/pulse` and `/`."""
    router = APIRouter()
    page = Page(reference)

    def shown(top: int) -> dict[str, Any]:
        return merged(mirror.values.values(), clock.now(), reference.names, top=top, window_hours=settings.pulse_window_hours)

    @router.get("/v1/pulse", summary="What is unusual now, and how much comes", response_model=Pulse)
    async def pulse(top: Annotated[int | None, Query(ge=1, le=MOST, description="places of each list")] = None) -> dict[str, Any]:
        return shown(top or settings.pulse_top)

    @router.get("/", include_in_schema=False)
    @router.get("/pulse", summary="The same for people", response_class=HTMLResponse)
    async def read(lang: Annotated[Literal["id", "en"], Query(description="Indonesian or English")] = "id") -> HTMLResponse:
        return page.write(shown(settings.pulse_top), lang)

    return router
