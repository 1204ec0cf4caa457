"""Wiring of intake; read first.

A submission comes in by its topic or by the doors of `api`, `domain.decide` makes a case of it, `store` writes the case's row and
its entry in the vault. Beside that the tracking view mirrors what the other speakers say.
"""

from __future__ import annotations

from typing import Any, Final

from chassis import run
from chassis.item import Service
from chassis.view import View
from chassis.wiring import Extras, Parts
from schemas.inbound.complaint_submitted_v1 import ComplaintSubmitted
from schemas.registry import EVENTS
from schemas.topics import RESTRICTED, ROUTING, SLA, SUBMISSIONS
from services.intake import store
from services.intake.api import OPEN, Api
from services.intake.domain import Submission, decide
from services.intake.metrics import IntakeMetrics
from services.intake.reference_data import read_reference
from services.intake.settings import IntakeSettings
from services.intake.vault import Vault

VAULT: Final = Vault()

SERVICE: Final[Service[Submission]] = Service(
    name="intake",
    decide=decide,
    load=store.LOAD,
    state=store.state,
    writes=store.writes(VAULT),
    tracking=lambda case: case.tracking_id,
    inbound=SUBMISSIONS,
    orders={ComplaintSubmitted.TYPE: ComplaintSubmitted},
    draws=frozenset({ComplaintSubmitted.TYPE}),
)

_SHOWN: Final = [entry for entry in EVENTS.values() if "intake" in entry.readers and entry.topic in (ROUTING, SLA)]
TRACKING: Final = View(
    name="intake-view",
    reads={
        **{topic: {entry.type: entry.model for entry in _SHOWN if entry.topic == topic} for topic in (ROUTING, SLA)},
        RESTRICTED: {entry.type: entry.model for entry in _SHOWN},
    },
    keep=store.mirror,
)
"""Shows every event of routing and sla that names intake among its readers."""


async def wire(parts: Parts) -> Extras:
    """Arm the vault, read the reference data and open the doors."""
    VAULT.arm(parts.master_key)
    settings: IntakeSettings = parts.settings
    reference = read_reference(OPEN if settings.open else None)

    async def track(tracking_id: str) -> Any:
        return await store.find(parts.pool, tracking_id)

    api = Api(parts.door.knock, track, IntakeMetrics(parts.metrics.registry), open_to_all=settings.open)
    return Extras(routers=[api.router()], views=[TRACKING], reference=lambda: reference)


def main() -> None:
    """Run intake until it is told to stop."""
    run.main(SERVICE, IntakeSettings, "intake_port", wire)
