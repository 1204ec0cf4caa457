"""The stack: its parts started in order, kept alive, and ended without leaving anything behind."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from typing import TextIO

from deploy.local import plan, postgres
from deploy.local.errors import AWAY, AwayError, LocalError
from deploy.local.managed import Managed, Part, RestartPolicy, ended
from deploy.local.plan import ALL_PARTS, Service
from deploy.local.probes import Probe, kafka_probe
from deploy.local.process import POLL_SECONDS, kill_group, spawn, tail
from deploy.local.settings import LocalSettings, port_is_free
from deploy.local.state import ProcessState, StackState, end_leftovers, lock, own_identity

log = logging.getLogger(__name__)

STORE_SECONDS = 120.0
SERVICE_SECONDS = 120.0
PREPARE_SECONDS = 120.0
EXISTING_STORE_SECONDS = 10.0
FIRST_DEATHS = 3  # a part that dies so often before it was ever ready fails the start

Report = Callable[[str], None]


def _silent(_: str) -> None:
    """Report to nobody."""


class Stack:
    """The local stack as an object: `make up`, the demo, tests and benches all start this one.

    `parts` chooses among kafka, postgres, prepare, mailbox and services; `services` replaces those found in the
    repository; `report` hears in words what is being waited for; a store that is there already must answer within
    `existing_seconds`. The calling thread must outlive the stack: its children die with it.
    """

    def __init__(
        self,
        settings: LocalSettings,
        *,
        parts: Iterable[str] = ALL_PARTS,
        services: tuple[Service, ...] | None = None,
        policy: RestartPolicy | None = None,
        report: Report = _silent,
        existing_seconds: float = EXISTING_STORE_SECONDS,
    ) -> None:
        self.settings = settings
        self.phase = "starting"
        self._parts = frozenset(parts)
        self._existing: list[ProcessState] = []
        self._services = plan.find_services(settings) if services is None else services
        self._policy = policy or RestartPolicy()
        self._report = report
        self._existing_seconds = existing_seconds
        self._doing = ""
        self._failure: LocalError | None = None
        self._managed: list[Managed] = []
        self._lock: TextIO | None = None
        self._me = own_identity()

    @property
    def kafka_bootstrap(self) -> str:
        """Return Kafka's address."""
        return self.settings.bootstrap

    @property
    def postgres_owner_url(self) -> str:
        """Return the URL of the database's owner."""
        return postgres.owner_url(self.settings)

    @property
    def addresses(self) -> dict[str, str]:
        """Return where each process answers: `intake`, `intake-2`, `kafka` and so on."""
        existing = {process.name: process.address for process in self._existing}
        return existing | {managed.part.label: managed.part.address for managed in self._managed}

    def process(self, name: str, replica: int = 1) -> Managed:
        """Return one process, to look at, kill, stop or restart; KeyError when there is none."""
        for managed in self._managed:
            if (managed.part.name, managed.part.replica) == (name, replica):
                return managed
        raise KeyError(f"{name}-{replica}")

    async def start(self) -> None:
        """Return when every chosen part is ready; on failure everything is ended again. A stopped stack may start again.

        Raises:
            AlreadyUpError: another stack has this data folder.
            AwayError: a port is taken, or an existing store does not answer.
            LocalError: a part does not start.
        """
        self._lock = lock(self.settings.data)
        self.phase, self._failure, self._managed, self._existing = "starting", None, [], []
        try:
            await asyncio.to_thread(end_leftovers, self.settings.data)
            self._check_ports()
            await self._start_stores()
            if "prepare" in self._parts:
                await self._prepare()
            sinks = {"mailbox": plan.mailbox_part, "sink": plan.sink_part}
            parts = [part(self.settings) for name, part in sinks.items() if name in self._parts]
            if "services" in self._parts:
                replicas = range(1, self.settings.replicas + 1)
                parts += [plan.service_part(self.settings, service, replica) for replica in replicas for service in self._services]
            await self._bring_up(parts, SERVICE_SECONDS)
        except BaseException as error:
            self._failure = error if isinstance(error, LocalError) else None
            await self.stop()
            raise
        self.phase = "up"
        self._say("up")

    async def stop(self) -> None:
        """End everything, services first and stores last; the data stays."""
        self.phase = "stopping"
        self._say("stopping")
        stores = [managed for managed in self._managed if managed.part.name in ("kafka", "postgres")]
        others = [managed for managed in self._managed if managed not in stores]
        for group in (others, stores):
            await asyncio.gather(*(managed.close() for managed in group))
        self.phase = "stopped" if self._failure is None else "failed"
        self._say(self.phase)
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _check_ports(self) -> None:
        started = self._parts
        if self.settings.kafka_bootstrap is not None:
            started -= {"kafka"}
        if self.settings.postgres_owner_url is not None:
            started -= {"postgres"}
        for use in plan.ports_needed(self.settings, started, self._services):
            if not port_is_free(use.host, use.port):
                raise AwayError(f"Port {use.port} ({use.who}) is taken by another program; {use.setting} names another port.")

    async def _start_stores(self) -> None:
        prepared = await asyncio.gather(self._kafka(), self._postgres())  # a second each the first time
        parts = [part for part in prepared if part is not None]
        await self._bring_up(parts, STORE_SECONDS)
        if any(part.name == "postgres" for part in parts):
            await postgres.ensure_owner(self.settings)

    async def _kafka(self) -> Part | None:
        """Return the broker to start; None when there is one already or none is chosen."""
        if "kafka" not in self._parts:
            return None
        address = self.settings.kafka_bootstrap
        if address is not None:
            await self._use_existing("kafka", address, "SALUR_KAFKA_BOOTSTRAP", kafka_probe(address))
            return None
        self._say("preparing the stores")
        return await asyncio.to_thread(plan.kafka_part, self.settings, self._say_from_thread())

    async def _postgres(self) -> Part | None:
        """Return the database server to start; None when there is one already or none is chosen."""
        if "postgres" not in self._parts:
            return None
        url = self.settings.postgres_owner_url
        if url is not None:
            address = url.rpartition("@")[2]
            await self._use_existing("postgres", address, "SALUR_POSTGRES_OWNER_URL", lambda: postgres.answers(url))
            return None
        await asyncio.to_thread(postgres.ensure_cluster, self.settings)
        return plan.postgres_part(self.settings)

    async def _use_existing(self, name: str, address: str, setting: str, probe: Probe) -> None:
        self._say(f"asking {name} at {address}")
        limit = time.monotonic() + self._existing_seconds
        while not await probe():
            if time.monotonic() > limit:
                raise AwayError(f"No {name} answers at {address}, which {setting} names.")
            await asyncio.sleep(POLL_SECONDS)
        self._existing.append(ProcessState(name, 1, None, address, ready=True, log=None))

    async def _bring_up(self, parts: list[Part], seconds: float) -> None:
        new = [Managed(part, self._policy, self._write) for part in parts]
        self._managed += new
        for managed in new:
            managed.start()
        for managed in new:
            self._say(f"waiting for {managed.part.label}")
            await managed.wait_ready(seconds, deaths=FIRST_DEATHS)

    async def _prepare(self) -> None:
        self._say("preparing database and topics")
        command = plan.prepare_command(self.settings)
        process = spawn(command)
        try:
            if not await ended(process, PREPARE_SECONDS):
                raise LocalError(f"The preparation took longer than {PREPARE_SECONDS:g} s; see {command.log}.")
        finally:
            if process.poll() is None:
                kill_group(process.pid)
                process.wait()
        if process.returncode != 0:
            kind = AwayError if process.returncode == AWAY else LocalError
            raise kind(f"The preparation failed. The end of {command.log}:\n{tail(command.log)}")

    def _say_from_thread(self) -> Report:
        loop = asyncio.get_running_loop()

        def say(text: str) -> None:
            loop.call_soon_threadsafe(self._say, text)

        return say

    def _say(self, doing: str) -> None:
        self._doing = doing
        log.info("%s", doing)
        self._report(doing)
        self._write()

    def _write(self) -> None:
        """Write down how things are; only the owner of the data folder does."""
        if self._lock is None:
            return
        processes = (*self._existing, *(managed.state() for managed in self._managed))
        problem = None if self._failure is None else str(self._failure)
        exit_code = 0 if self._failure is None else self._failure.exit_code
        StackState(self.phase, self._doing, self._me, processes, problem, exit_code).write(self.settings.data)
