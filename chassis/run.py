"""A service's process: starts its parts in order, keeps them going, and stops them in reverse on SIGTERM."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from importlib.metadata import version
from typing import Any, Final

import uvloop
from fastapi import FastAPI

from chassis import parking
from chassis.carry import Carrier
from chassis.clock import read_clock
from chassis.consumer import Intake
from chassis.decode import Decoder
from chassis.door import Door
from chassis.draft import Draft
from chassis.forgetting import Spans, forget
from chassis.gauges import keep_gauges
from chassis.http import Server, application, serve
from chassis.item import Service, Work
from chassis.kafka import Consumer, Producer
from chassis.logs import start_logs
from chassis.metrics import Metrics
from chassis.ops import operations
from chassis.postgres import connect
from chassis.relay import Relay
from chassis.retry import PatienceError, patiently
from chassis.seal import KeyMissingError, Seal, master_key
from chassis.settings import ChassisSettings, SettingsError, read_settings
from chassis.timers import Firing
from chassis.view import GATHER_MS, View
from chassis.wiring import Extras, Parts, Task, Wire

log = logging.getLogger(__name__)

STOP_SECONDS: Final = 15.0


class Process:
    """One replica of one service."""

    def __init__(self, service: Service[Any], settings: ChassisSettings, port: int, wire: Wire) -> None:
        self._service = service
        self._settings = settings
        self._wire = wire
        self.name = f"{service.name}-{settings.replica}"
        self.metrics = Metrics(service.name)
        self._waiting: list[str] = ["postgres", "kafka"]
        self.app: FastAPI = application(service.name, version("salur"), self.metrics, lambda: self._waiting)
        self._server: Server = serve(self.app, settings.host, port + 100 * (settings.replica - 1))
        self._stop = asyncio.Event()
        self._failure: BaseException | None = None

    async def run(self) -> int:
        """Run until SIGTERM or SIGINT; returns the exit code."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        http = asyncio.create_task(self._server.serve())
        work = asyncio.create_task(self._work())
        stopping = asyncio.create_task(self._stop.wait())
        await asyncio.wait({http, work, stopping}, return_when=asyncio.FIRST_COMPLETED)
        self._waiting = ["stopping"]
        self.metrics.ready.set(0)
        self._stop.set()
        self._server.should_exit = True
        done, late = await asyncio.wait({http, work}, timeout=STOP_SECONDS)
        failures = [error for task in done if (error := task.exception()) is not None] + ([self._failure] if self._failure else [])
        for error in failures:
            log.error("stopped by an error", exc_info=error, extra={"reason": _sentence(error)})
        return 1 if failures or late else 0

    async def _work(self) -> None:
        parts, extras = await self._prepare()
        self._waiting = ["partitions"]
        _settle_garbage()
        intake = self._intake(parts)
        flows = [*([intake] if intake is not None else []), *(self._mirror(parts, view) for view in extras.views)]
        tasks = [self._steady("a part of the service", task) for task in extras.tasks]
        tasks.append(self._steady("keeping the clock", lambda: parts.clock.keep(parts.pool)))
        tasks.append(self._steady("carrying requests", parts.door.run))
        tasks.append(self._steady("sweeping what is held", lambda: parking.sweep(parts.carrier)))
        tasks.append(self._steady("forgetting", lambda: forget(parts.pool, Spans.of(parts.settings), lambda: parts.relay.leases.leads)))
        tasks.append(self._steady("measuring", lambda: keep_gauges(parts, extras, intake)))
        if extras.timers:
            tasks.append(self._steady("firing timers", parts.firing.run))
        relay = self._steady("publishing", parts.relay.run)
        reading = {self._steady("reading", flow.run) for flow in flows}
        ready = asyncio.create_task(self._become_ready(flows))
        await self._stop.wait()
        ready.cancel()
        for flow in flows:
            flow.stop()
        if reading:
            await asyncio.wait(reading, timeout=STOP_SECONDS / 3)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=STOP_SECONDS / 3)  # a part may bring to its end what it has on its way
        parts.relay.stop()
        await asyncio.wait({relay}, timeout=STOP_SECONDS / 3)
        await parts.relay.close()
        parts.pool.terminate()

    async def _become_ready(self, flows: Sequence[Intake]) -> None:
        for flow in flows:
            await flow.joined()
        if not self._stop.is_set():
            self._waiting = []
            self.metrics.ready.set(1)
            log.info("ready")

    async def _prepare(self) -> tuple[Parts, Extras]:
        settings = self._settings
        pool = await self._until_there(lambda: connect(settings.postgres_url, name=self.name, schema=self._service.name, size=settings.pool_size))
        clock = await self._until_there(lambda: read_clock(pool))
        self._waiting = ["kafka"]
        key = await master_key(pool, settings.secrets / f"{self._service.name}.key")
        producer = Producer(settings.kafka_bootstrap, self.name)
        await self._until_there(producer.start)
        relay = Relay(service=self._service.name, owner=self.name, pool=pool, producer=producer, metrics=self.metrics)
        extras = Extras()

        def committed(draft: Draft) -> None:
            relay.committed(draft)
            if draft.effects:
                firing.wake()
            if extras.committed is not None:
                extras.committed(draft)

        seal = Seal(key)
        carrier = Carrier(
            self._service,
            pool=pool,
            clock=clock,
            seal=seal,
            metrics=self.metrics,
            reference=lambda: extras.reference(),  # noqa: PLW0108 - `extras` is another one after wiring
            committed=committed,
        )
        firing = Firing(carrier, clock, self.metrics)
        door = Door(carrier, most=settings.http_waiting)
        parts = Parts(settings, pool, clock, seal, key, self.metrics, carrier, door, relay, firing)
        self._waiting = ["reference data"]
        extras = await self._wire(parts)
        self.app.include_router(operations(carrier, extras.case_of))
        for router in extras.routers:
            self.app.include_router(router)
        return parts, extras

    def _intake(self, parts: Parts) -> Intake | None:
        topics = [*self._service.reads, *([self._service.inbound] if self._service.inbound else [])]
        if not topics:
            return None

        async def carry(work: Work) -> None:
            with self.metrics.batch_seconds.time():
                await parts.carrier.carry(work)
            self.metrics.batch.observe(len(work))

        return self._flow(parts, f"salur-{self._service.name}", topics, carry, parts.carrier.decoder, self._settings.gather_ms)

    def _mirror(self, parts: Parts, view: View) -> Intake:
        group, decoder = f"salur-{view.name}", Decoder(view.service())
        return self._flow(parts, group, list(view.reads), lambda work: view.carry(parts.pool, work), decoder, GATHER_MS)

    def _flow(
        self, parts: Parts, group: str, topics: list[str], carry: Callable[[Work], Awaitable[None]], decoder: Decoder, gather_ms: int
    ) -> Intake:
        settings = self._settings
        return Intake(
            Consumer(settings.kafka_bootstrap, group=group, member=self.name, topics=topics, gather_ms=gather_ms),
            carry,
            decoder=decoder,
            clock=parts.clock,
            metrics=self.metrics,
            batch_records=settings.batch_records,
            patience_seconds=settings.patience_seconds,
        )

    async def _until_there(self, act: Callable[[], Awaitable[Any]]) -> Any:
        found: list[Any] = []

        async def attempt() -> None:
            found.append(await act())

        await patiently(attempt, patience_seconds=self._settings.patience_seconds, what="starting")
        return found[-1]

    def _steady(self, what: str, act: Task) -> asyncio.Task[None]:
        """Run a part for as long as the process lives: it survives stores that are away; any other error ends the process."""

        async def guarded() -> None:
            try:
                await patiently(act, patience_seconds=self._settings.patience_seconds, what=what)
            except asyncio.CancelledError:
                raise
            except BaseException as error:  # noqa: BLE001 - told by `run`, and the end of the process
                self._failure = error
                self._stop.set()

        return asyncio.create_task(guarded())


def _settle_garbage() -> None:
    """Set what the start has made aside for good and collect more seldom: a fifth of a hop's CPU was the collector's (ADR 0006)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 50, 50)


def _sentence(error: BaseException) -> str:
    return str(error) if isinstance(error, (PatienceError, KeyMissingError, SettingsError, LookupError)) else type(error).__name__


def main(service: Service[Any], settings_type: type[ChassisSettings], port: str, wire: Wire) -> None:
    """Run a service until it is told to stop; `port` names the setting of its port. Ends the process."""
    try:
        settings = read_settings(settings_type)
        settings.check()
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
    start_logs(service.name, settings.replica, settings.log_level)

    async def run() -> int:
        return await Process(service, settings, getattr(settings, port), wire).run()

    sys.exit(uvloop.run(run()))
