"""How notify is put together."""

from __future__ import annotations

from typing import Final

from chassis import run
from chassis.draft import Draft
from chassis.item import Service
from chassis.reference import Mirror
from chassis.wiring import Extras, Parts
from schemas.base import Data
from schemas.routing.case_routed_v1 import CaseRouted
from schemas.routing.case_transfer_requested_v1 import CaseTransferRequested
from schemas.routing.case_transferred_v1 import CaseTransferred
from schemas.sla.deadline_breached_v1 import DeadlineBreached
from schemas.sla.deadline_warned_v1 import DeadlineWarned
from schemas.sla.escalation_raised_v1 import EscalationRaised
from schemas.topics import REFERENCE, RESTRICTED, ROUTING, SLA
from services.notify import pages, store
from services.notify.addresses import Directory, read_mailboxes
from services.notify.case import Case, Notice, NoticeOutcome
from services.notify.channels.mail import MailChannel
from services.notify.delivery import Delivery
from services.notify.domain import decide
from services.notify.letter import Desk
from services.notify.metrics import NoticeMetrics
from services.notify.names import shipped_names
from services.notify.saying import Saying
from services.notify.settings import DATA, NotifySettings

_FROM_ROUTING: Final[dict[str, type[Data]]] = {model.TYPE: model for model in (CaseRouted, CaseTransferRequested, CaseTransferred)}
_FROM_SLA: Final[dict[str, type[Data]]] = {model.TYPE: model for model in (DeadlineWarned, DeadlineBreached, EscalationRaised)}


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
    reads={ROUTING: _FROM_ROUTING, SLA: _FROM_SLA, RESTRICTED: _FROM_ROUTING | _FROM_SLA},
)


async def wire(parts: Parts) -> Extras:
    """Put the parts of notify together; raises AwayError, or SettingsError when the mailboxes cannot be read."""
    settings: NotifySettings = parts.settings
    metrics = NoticeMetrics(parts.metrics.registry)
    if settings.mailboxes is not None:
        await store.load_addresses(parts.pool, read_mailboxes(settings.mailboxes))
    mirror = Mirror(settings.kafka_bootstrap, REFERENCE)
    await mirror.start()
    directory = Directory(mirror, parts.pool)
    await directory.look()
    saying = Saying(parts.carrier)
    delivery = Delivery(
        settings,
        pool=parts.pool,
        channel=MailChannel(settings),
        desk=Desk(DATA / "templates", names=shipped_names(), sender=settings.notify_from, public_url=settings.public_url),
        offices=directory.offices,
        now=parts.clock.now,
        metrics=metrics,
        ended=saying.wake,
    )

    def committed(draft: Draft) -> None:
        notices = [effect for effect in draft.effects.values() if isinstance(effect, Notice)]
        for notice in notices:
            metrics.count(notice.channel, notice.state)
        if notices:
            delivery.wake()

    async def gauges(leads: bool) -> None:
        missing, waiting = await store.shared_gauges(parts.pool) if leads else (None, 0.0)
        metrics.show_without(missing)
        if leads:
            parts.metrics.oldest.labels("notify", "notices").set(waiting)

    parts.metrics.oldest.labels("notify", "notices")
    return Extras(
        routers=(pages.router(parts.pool),),
        tasks=(mirror.run, directory.run, delivery.run, saying.run),
        committed=committed,
        reference=directory.offices,
        gauges=gauges,
    )


def main() -> None:
    """Run notify until it is told to stop; ends the process."""
    run.main(SERVICE, NotifySettings, "notify_port", wire)
