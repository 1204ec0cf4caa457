"""How pulse is put together: what the speakers' topics say goes through two agents into tables, and out of these into events and a page.

`gather` sums the events of a second and sends the sums to the partition that owns what they count; `watch` holds them back until all
partitions have been heard as far, folds them into rows, judges, writes, says, acknowledges. Nothing durable depends on any of it.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Final

import orjson
import uvloop

from chassis.clock import Clock, read_clock
from chassis.http import application, serve
from chassis.kafka import Producer
from chassis.logs import start_logs
from chassis.metrics import Metrics
from chassis.postgres import Pool, connect
from chassis.reference import Mirror
from chassis.retry import patiently
from chassis.settings import SettingsError, read_settings
from schemas.workdays import WorkdaysError
from services.pulse import pages
from services.pulse.counting import TYPES
from services.pulse.desk import Desk
from services.pulse.engine import Engine
from services.pulse.floods import Floods
from services.pulse.gather import Gather
from services.pulse.kept import Kept
from services.pulse.ledgers import Ledgers
from services.pulse.metrics import PulseMetrics
from services.pulse.reading import Sieve
from services.pulse.reference_data import Reference, read_reference
from services.pulse.settings import PulseSettings
from services.pulse.topics import COUNTS, VIEWS
from services.pulse.totals import Totals
from services.pulse.views import view
from services.pulse.watch import Watch

log = logging.getLogger(__name__)

STOP_SECONDS: Final = 8.0
SHOW_SECONDS: Final = 2.0
WATCH_SECONDS: Final = 0.5


class EngineError(Exception):
    """Faust gave up by itself."""


class Process:
    """One replica of pulse."""

    def __init__(self, settings: PulseSettings, reference: Reference) -> None:
        self._settings = settings
        self._reference = reference
        self._name = f"pulse-{settings.replica}"
        self.metrics = Metrics("pulse")
        self._own = PulseMetrics(self.metrics)
        self._waiting = ["postgres", "kafka"]
        self._stop = asyncio.Event()
        self.app = application("pulse", version("salur"), self.metrics, lambda: self._waiting)
        self._server = serve(self.app, settings.host, settings.pulse_port + 100 * (settings.replica - 1))
        self._engine = Engine(settings, Sieve({**TYPES, COUNTS: ()}), self._name)
        self._mirror = Mirror(settings.kafka_bootstrap, VIEWS)

    async def run(self) -> int:
        """Run until SIGTERM or SIGINT; returns the exit code."""
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._stop.set)
        http = asyncio.create_task(self._server.serve())
        work = asyncio.create_task(self._work())
        stopping = asyncio.create_task(self._stop.wait())
        await asyncio.wait({http, work, stopping}, return_when=asyncio.FIRST_COMPLETED)
        self._waiting = ["stopping"]
        self.metrics.ready.set(0)
        failed = work.done() and work.exception()
        if failed:
            log.error("stopped by an error", exc_info=failed, extra={"reason": type(failed).__name__})
        self._server.should_exit = True
        work.cancel()
        await asyncio.wait({http, asyncio.create_task(self._engine.stop())}, timeout=STOP_SECONDS)
        return 1 if failed else 0

    async def _work(self) -> None:
        settings = self._settings
        found: list[tuple[Pool, Clock]] = []

        async def ask() -> None:
            pool = await connect(settings.postgres_url, name=self._name, schema="salur", size=1)
            found.append((pool, await read_clock(pool)))

        await patiently(ask, patience_seconds=settings.patience_seconds, what="starting")
        pool, clock = found[-1]
        self._waiting = ["kafka"]
        producer = Producer(settings.kafka_bootstrap, self._name)
        await patiently(producer.start, patience_seconds=settings.patience_seconds, what="starting")
        await patiently(self._mirror.start, patience_seconds=settings.patience_seconds, what="starting")
        partitions = await producer.partitions(COUNTS)
        gather = Gather(self._engine, producer, clock, self._own, partitions)
        watch = Watch(self._engine, producer, self._own, partitions, lambda number: self._desk(number, clock))
        self._engine.work("gather", tuple(TYPES), gather.work, settings.pulse_batch_seconds)
        self._engine.work("watch", (COUNTS,), watch.work, settings.pulse_batch_seconds / 2)
        self.app.include_router(pages.router(settings, self._mirror, clock, self._reference))
        self._waiting = ["partitions"]
        gc.collect()
        gc.freeze()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._start(gather))
            tasks.create_task(patiently(lambda: clock.keep(pool), patience_seconds=settings.patience_seconds, what="keeping the clock"))
            tasks.create_task(patiently(self._mirror.run, patience_seconds=settings.patience_seconds, what="following the views"))
            tasks.create_task(gather.tick())
            tasks.create_task(self._show(watch, gather, clock))
            tasks.create_task(self._look(watch))

    def _desk(self, partition: int, clock: Clock) -> Desk:
        settings = self._settings
        kept = Kept(partition, self._engine.rows, clock.now, settings.news)
        floods = Floods(kept, settings.tuning, self._reference)
        window_s = settings.pulse_window_hours * 3600
        ledgers = Ledgers(kept, settings.patience, self._reference, window_s=window_s, most=settings.pulse_publishers)
        return Desk(kept, floods, ledgers, Totals(kept))

    async def _start(self, gather: Gather) -> None:
        self._engine.settle = gather.settle
        await self._engine.start()
        self._waiting = []
        self.metrics.ready.set(1)
        log.info("ready")

    async def _show(self, watch: Watch, gather: Gather, clock: Clock) -> None:
        """Show now and then what the desks know."""
        while True:
            await asyncio.sleep(SHOW_SECONDS)
            reached = gather.watermark_s = watch.watermark_s
            if reached is None or self._engine.rebalancing:
                continue
            shown = {partition: view(desk) for partition, desk in watch.desks.items()}
            await watch.show(self._rows(shown, clock))
            behind, lag = clock.now().timestamp() - reached, self._engine.reader.lag()
            self.metrics.lag.set(lag)
            self.metrics.age("topic", max(0.0, behind / clock.speed) if lag else 0.0)
            self._own.show(list(shown.values()), behind=behind, top=self._settings.pulse_top)

    @staticmethod
    def _rows(shown: dict[int, dict[str, object]], clock: Clock) -> Iterator[tuple[int, bytes]]:
        for partition, part in shown.items():
            yield partition, orjson.dumps({"time": clock.now().isoformat(), "data": part})

    async def _look(self, watch: Watch) -> None:
        """End the process when Faust has given up, or nothing comes any more."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            if self._engine.crashed:
                raise EngineError
            watch.check(WATCH_SECONDS, self._settings.patience_seconds)


def main() -> None:
    """Run pulse until it is told to stop; ends the process."""
    try:
        settings = read_settings(PulseSettings)
        settings.check()
        reference = _reference(settings.pulse_calendar)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
    start_logs("pulse", settings.replica, settings.log_level)
    for noisy in ("faust", "mode"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    os.nice(settings.pulse_nice)

    async def run() -> None:
        code = await Process(settings, reference).run()
        sys.stdout.flush()
        os._exit(code)  # Faust's threads and what it still waits for may outlive the loop

    uvloop.run(run())


def _reference(calendar: Path) -> Reference:
    try:
        return read_reference(calendar)
    except (WorkdaysError, OSError) as error:
        raise SettingsError(f"SALUR_PULSE_CALENDAR must name a calendar that can be read: {error}") from error
