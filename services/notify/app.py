"""How notify is put together."""

from __future__ import annotations

from collections import Counter
from typing import Final

from chassis import run
from chassis.callers import Callers
from chassis.draft import Draft
from chassis.item import Service
from chassis.link import Links, links_of
from chassis.reference import Mirror
from chassis.wiring import Extras, Parts
from schemas.base import Data
from schemas.reference.agency_v1 import AgencyRecord
from schemas.registry import EVENTS
from schemas.topics import PULSE, REFERENCE, RESTRICTED, ROUTING, SLA
from services.notify import pages, store
from services.notify.addresses import Directory, read_mailboxes, sealed
from services.notify.case import Case, Notice, NoticeOutcome
from services.notify.channels.mail import MailChannel
from services.notify.channels.webhook import WebhookChannel
from services.notify.delivery import Delivery
from services.notify.domain import decide
from services.notify.letter import Desk
from services.notify.metrics import NoticeMetrics
from services.notify.names import read_competence, shipped_names
from services.notify.page.limits import Limiter
from services.notify.page.page import Page
from services.notify.page.pen import Pen
from services.notify.page.sources import Sources
from services.notify.saying import Saying
from services.notify.settings import DATA, NotifySettings
from services.notify.ways import MailWay, Way, WebhookWay


def _read_on(topic: str) -> dict[str, type[Data]]:
    return {said.type: said.model for said in EVENTS.values() if said.topic == topic and "notify" in said.readers}


def _tracking(case: Case) -> str:
    return case.tracking_id


SERVICE: Final = Service(
    name="notify",
    decide=decide,
    load=store.LOAD,
    state=store.state,
    writes=store.WRITES,
    tracking=_tracking,
    internal={NoticeOutcome.TYPE: NoticeOutcome},
    reads={ROUTING: _read_on(ROUTING), SLA: _read_on(SLA), RESTRICTED: _read_on(ROUTING) | _read_on(SLA), PULSE: _read_on(PULSE)},
)


async def wire(parts: Parts) -> Extras:
    """Put the parts of notify together; raises AwayError, or SettingsError when the mailboxes cannot be read."""
    settings: NotifySettings = parts.settings
    metrics = NoticeMetrics(parts.metrics.registry)
    links = links_of(settings.secrets)
    if settings.mailboxes is not None:
        await store.load_addresses(parts.pool, sealed(read_mailboxes(settings.mailboxes), parts.seal))
    mirror = Mirror(settings.kafka_bootstrap, REFERENCE, {AgencyRecord.TYPE: AgencyRecord})
    await mirror.start()
    directory = Directory(mirror, parts.pool, read_competence(settings.routing_rules))
    await directory.look()
    saying = Saying(parts.carrier)
    ways = _ways(parts, settings, links, directory)
    deliveries = [Delivery(settings, way, pool=parts.pool, now=parts.clock.now, metrics=metrics, ended=saying.wake) for way in ways]

    def committed(draft: Draft) -> None:
        made = Counter((effect.channel, effect.state) for effect in draft.effects.values() if isinstance(effect, Notice))
        for (channel, state), number in made.items():
            metrics.count(channel, state, number)
        if draft.effects:
            for delivery in deliveries:
                delivery.wake()

    async def gauges(leads: bool) -> None:
        missing, waiting = await store.shared_gauges(parts.pool) if leads else (None, 0.0)
        metrics.show_without(missing)
        if leads:
            parts.metrics.oldest.labels("notify", "notices").set(waiting)

    parts.metrics.oldest.labels("notify", "notices")
    callers = Callers(links, parts.clock.now, open_to_all=settings.open)
    return Extras(
        routers=(pages.router(parts.pool, callers), _page(parts, settings, links, directory).router()),
        tasks=(mirror.run, directory.run, saying.run, *(delivery.run for delivery in deliveries)),
        committed=committed,
        reference=directory.offices,
        gauges=gauges,
    )


def _ways(parts: Parts, settings: NotifySettings, links: Links, directory: Directory) -> tuple[Way, ...]:
    """Return the ways out: mail, and webhooks."""
    desk = Desk(
        DATA / "templates",
        names=shipped_names(),
        sender=settings.notify_from,
        public_url=settings.public_url,
        links=links,
        link_days=settings.notify_link_days,
    )
    return (
        MailWay(settings, pool=parts.pool, channel=MailChannel(settings), desk=desk, offices=directory.offices),
        WebhookWay(settings, pool=parts.pool, channel=WebhookChannel(settings), seal=parts.seal),
    )


def _page(parts: Parts, settings: NotifySettings, links: Links, directory: Directory) -> Page:
    """Return the page behind the link of a notice."""
    return Page(
        parts.pool,
        links,
        Sources(settings),
        Pen(DATA / "templates" / "page"),
        directory.offices,
        shipped_names(),
        now=parts.clock.now,
        limiter=None if settings.open else Limiter(settings.notify_page_requests),
    )


def main() -> None:
    """Run notify until it is told to stop; ends the process."""
    run.main(SERVICE, NotifySettings, "notify_port", wire)
