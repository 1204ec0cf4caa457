"""The gauges that are measured, not counted: lag, and what waits; of shared state by one replica at a time."""

from __future__ import annotations

import asyncio
from typing import Final

from chassis import parking
from chassis.consumer import Intake
from chassis.metrics import Metrics
from chassis.postgres import borrow
from chassis.wiring import Extras, Parts

EVERY_SECONDS: Final = 2.0
_WAITING: Final = "SELECT coalesce(sum(number), 0)::int FROM (SELECT number FROM outbox LIMIT 100000) o"


async def keep_gauges(parts: Parts, extras: Extras, intake: Intake | None) -> None:
    """Measure until cancelled; raises AwayError."""
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        if not parts.relay.leases.asked:
            continue  # hiding what this replica may be about to show would leave a gap
        leads = parts.relay.leases.leads
        if intake is not None:
            parts.metrics.lag.set(sum(intake.lag().values()))
        if leads:
            await _shared(parts, parts.metrics, intake)
        else:
            parts.metrics.hide_shared()
        if extras.gauges is not None:
            await extras.gauges(leads)


async def _shared(parts: Parts, metrics: Metrics, intake: Intake | None) -> None:
    metrics.show_shared()
    await parking.show(parts.carrier)
    async with borrow(parts.pool) as connection:
        waiting = await connection.fetchval(_WAITING)
        (ages,) = await connection.fetch(parking.AGES)
    metrics.outbox.set(waiting)
    metrics.age("outbox", parts.relay.waiting_since(waiting, asyncio.get_running_loop().time()))
    metrics.age("parked", ages["parked"])
    metrics.age("held", ages["held"])
    metrics.age("topic", intake.oldest_seconds if intake is not None else 0)
    metrics.age("timers", parts.firing.overdue_seconds)
