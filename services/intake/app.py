"""Wiring of intake; read first.

A submission comes in by its topic or by the doors of `api`, `domain.decide` makes a case of it, `store` writes the case's row and
its entry in the vault. What its publisher says later comes the same ways and is said on. Beside that the tracking view mirrors what
the other speakers say, `content` opens the vault to those who work on a case, and `lists` gives out codes and names.
"""

from __future__ import annotations

from functools import partial
from typing import Final
from uuid import UUID

from chassis import run
from chassis.item import Service
from chassis.link import links_of
from chassis.reference import Mirror
from chassis.view import View
from chassis.wiring import Extras, Parts
from schemas.inbound.complaint_submitted_v1 import ComplaintSubmitted
from schemas.reference.agency_v1 import AgencyRecord
from schemas.registry import EVENTS
from schemas.topics import REFERENCE, RESTRICTED, ROUTING, SLA, SUBMISSIONS
from services.intake import store
from services.intake.answers import OPEN
from services.intake.api import Api
from services.intake.bodies import Bodies
from services.intake.content import ContentApi
from services.intake.domain import Submission, decide
from services.intake.heard import heard_as
from services.intake.lists import Agencies, Listing, router
from services.intake.metrics import IntakeMetrics
from services.intake.rates import Rates
from services.intake.reference_data import LISTS, read_list, read_reference
from services.intake.settings import IntakeSettings
from services.intake.vault import Vault

VAULT: Final = Vault()
NAMES: Final = store.Names()

SERVICE: Final[Service[Submission]] = Service(
    name="intake",
    decide=decide,
    load=store.LOAD,
    state=store.states(VAULT),
    writes=store.writes(VAULT),
    tracking=lambda case: case.tracking_id,
    inbound=SUBMISSIONS,
    orders={entry.type: entry.model for entry in EVENTS.values() if "intake" in entry.readers and entry.inbound},
    draws=frozenset({ComplaintSubmitted.TYPE}),
    resolve=store.RESOLVE,
    named=NAMES,
)

_SHOWN: Final = [entry for entry in EVENTS.values() if "intake" in entry.readers and entry.topic in (ROUTING, SLA)]
TRACKING: Final = View(
    name="intake-view",
    reads={
        **{topic: {entry.type: heard_as(entry.model) for entry in _SHOWN if entry.topic == topic} for topic in (ROUTING, SLA)},
        RESTRICTED: {entry.type: heard_as(entry.model) for entry in _SHOWN},
    },
    keep=store.mirror,
)
"""Shows every event of routing and sla that names intake among its readers."""


async def wire(parts: Parts) -> Extras:
    """Arm the vault, read the reference data, follow the directory and open the doors."""
    settings: IntakeSettings = parts.settings
    reference = read_reference(OPEN if settings.open else None)
    VAULT.arm(parts.master_key)
    NAMES.arm(reference.publisher)
    mirror = Mirror(settings.kafka_bootstrap, REFERENCE, {AgencyRecord.TYPE: AgencyRecord})
    await mirror.start()
    agencies, metrics = Agencies(mirror), IntakeMetrics(parts.metrics.registry)
    doors = Api(
        parts.door,
        partial(store.find, parts.pool),
        parts.clock.now,
        metrics,
        Bodies(settings.intake_body_bytes),
        Rates(settings.intake_rate),
        settings.reached_at,
        open_to_all=settings.open,
    )
    content = ContentApi(
        partial(store.owned, parts.pool),
        partial(store.read_content, parts.pool, VAULT),
        agencies.above,
        links_of(settings.secrets),
        parts.clock.now,
        metrics,
        reference.public,
        open_to_all=settings.open,
    )
    lists = router({"agencies": agencies.listing, **{name: partial(_always, Listing.of(read_list(name))) for name in LISTS}})

    async def case_of(tracking_id: str) -> UUID | None:
        found = await store.find(parts.pool, tracking_id)
        return found[0].case_id if found else None

    routers = [doors.router(), content.router(), lists]
    return Extras(routers=routers, views=[TRACKING], tasks=[mirror.run], reference=lambda: reference, case_of=case_of)


def _always(listing: Listing) -> Listing:
    return listing


def main() -> None:
    """Run intake until it is told to stop."""
    run.main(SERVICE, IntakeSettings, "intake_port", wire)
