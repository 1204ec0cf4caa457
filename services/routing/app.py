"""Wiring of routing; read first.

Accepted complaints and what their reporters add come in from intake, actions by their topic or by `api`, elapsed clocks from sla;
`domain.decide` says whose the case is and what becomes of it, `store` keeps the case. The directory in force is announced on
`salur.reference`.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final
from uuid import UUID

from chassis import run
from chassis.callers import Callers
from chassis.item import Service
from chassis.link import links_of
from chassis.postgres import borrow
from chassis.settings import SettingsError
from chassis.wiring import Extras, Parts
from schemas.inbound.action import Action
from schemas.registry import EVENTS
from schemas.topics import ACTIONS, INTAKE, RESTRICTED, SLA
from schemas.workdays import WorkdaysError, read_workdays
from services.routing import store
from services.routing.announcing import records
from services.routing.api import Api
from services.routing.case import Case
from services.routing.directory import Directory, DirectoryError, read_csv
from services.routing.domain import decide
from services.routing.metrics import RoutingMetrics
from services.routing.rulebook import RulesError, read_codes, read_rules
from services.routing.rules import Reference
from services.routing.settings import DATA, RoutingSettings

_HEARD: Final = [entry for entry in EVENTS.values() if "routing" in entry.readers and entry.topic in (INTAKE, SLA)]

SERVICE: Final[Service[Case]] = Service(
    name="routing",
    decide=decide,
    load=store.LOAD,
    state=store.state,
    writes=store.WRITES,
    tracking=lambda case: case.tracking_id,
    reads={
        **{topic: {entry.type: entry.model for entry in _HEARD if entry.topic == topic} for topic in (INTAKE, SLA)},
        RESTRICTED: {entry.type: entry.model for entry in _HEARD},
    },
    inbound=ACTIONS,
    orders={entry.type: entry.model for entry in EVENTS.values() if issubclass(entry.model, Action)},
    resolve=store.RESOLVE,
)


def read_reference(settings: RoutingSettings) -> Reference:
    """Return the directory and the rules that the settings name; raises SettingsError with what is wrong in them."""
    try:
        directory = _directory(settings)
        categories = read_codes((DATA / "categories.csv").read_text())
        regions = read_codes((DATA / "regions.csv").read_text())
        rules = read_rules(settings.routing_rules.read_text(), directory, categories)
        workdays = read_workdays(settings.routing_calendar.read_text())
    except OSError as error:
        raise SettingsError(f"{error.filename} cannot be read: set SALUR_ROUTING_AGENCIES, _RULES and _CALENDAR to files that are there") from error
    except (DirectoryError, RulesError) as error:
        raise SettingsError(f"the directory or the rules cannot be used: {error.problems[0]}") from error
    except WorkdaysError as error:
        raise SettingsError(f"SALUR_ROUTING_CALENDAR cannot be used: {error}") from error
    return Reference(directory, rules, categories, regions, workdays, settings.routing_hop_limit, settings.routing_reopen_days)


def _directory(settings: RoutingSettings) -> Directory:
    text = settings.routing_agencies.read_text()
    return read_csv(text, sha256(text.encode()).hexdigest()[:12])


async def wire(parts: Parts) -> Extras:
    """Put the directory and the rules in force, announce the directory, open the doors."""
    settings: RoutingSettings = parts.settings
    reference = read_reference(settings)
    now = parts.clock.now()
    await store.announce(parts.pool, reference.directory.version, records(reference.directory, now), now)
    metrics = RoutingMetrics(parts.metrics.registry)

    async def find(case_id: UUID) -> Case | None:
        return await store.find(parts.pool, case_id)

    async def case_of(tracking_id: str) -> UUID | None:
        async with borrow(parts.pool) as connection:
            found: UUID | None = await connection.fetchval(store.CASE_OF, tracking_id)
        return found

    async def gauges(leads: bool) -> None:
        if not leads:
            metrics.hide()
            return
        async with borrow(parts.pool) as connection:
            metrics.show(ownerless=await store.without_owner(connection), triage=await store.in_triage(connection))

    callers = Callers(links_of(settings.secrets), parts.clock.now, open_to_all=settings.open)
    api = Api(parts.door.knock, find, callers, parts.clock.now, reference)
    return Extras(routers=[api.router()], reference=lambda: reference, gauges=gauges, case_of=case_of)


def main() -> None:
    """Run routing until it is told to stop."""
    run.main(SERVICE, RoutingSettings, "routing_port", wire)
