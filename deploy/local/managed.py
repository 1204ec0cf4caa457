"""One part of the stack, kept alive: started, watched, started again when it dies, given up when it only dies."""

import asyncio
import logging
import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from deploy.local.errors import LocalError
from deploy.local.probes import Probe
from deploy.local.process import POLL_SECONDS, Command, birth, kill_group, spawn, tail
from deploy.local.state import ProcessState

log = logging.getLogger(__name__)

PROBE_STARTING_SECONDS = 0.1
FORCE_SECONDS = 5.0


def nothing_to_clean() -> None:
    """Serve parts that leave nothing behind when killed."""


@dataclass(frozen=True, slots=True)
class Part:
    """What is to run: `clean` removes what a killed process left, before each start and at the end."""

    name: str
    replica: int
    address: str
    command: Command
    probe: Probe
    stop_seconds: float = 10.0
    probe_every_seconds: float = 2.0
    clean: Callable[[], None] = nothing_to_clean

    @property
    def label(self) -> str:
        """Return the name people see: `routing`, `routing-2`."""
        return self.name if self.replica == 1 else f"{self.name}-{self.replica}"


@dataclass(frozen=True, slots=True)
class RestartPolicy:
    """The first death is answered at once, the next ones ever later; `limit` deaths without a stable time between end it."""

    first_delay_seconds: float = 0.5
    longest_delay_seconds: float = 10.0
    stable_seconds: float = 10.0
    limit: int = 8

    def delay(self, deaths: int) -> float | None:
        """Return the seconds to wait after the n-th death in a row; None when it is to stay down."""
        if deaths > self.limit:
            return None
        return 0.0 if deaths <= 1 else min(self.first_delay_seconds * 2.0 ** (deaths - 2), self.longest_delay_seconds)


class Managed:
    """A part and its process of the moment; `on_change` hears of each change."""

    def __init__(self, part: Part, policy: RestartPolicy, on_change: Callable[[], None]) -> None:
        self.part = part
        self.ready = False
        self.restarts = 0
        self.problem: str | None = None
        self._policy = policy
        self._on_change = on_change
        self._wanted = asyncio.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._born: int | None = None
        self._ready_since: float | None = None
        self._deaths = 0
        self._task: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """Return the process id; None while it is down."""
        return None if self._process is None else self._process.pid

    @property
    def deaths(self) -> int:
        """Return how often it died in a row, without a stable time between."""
        return self._deaths

    def state(self) -> ProcessState:
        """Return what is written down about it."""
        part = self.part
        return ProcessState(
            name=part.name,
            replica=part.replica,
            pid=self.pid,
            address=part.address,
            ready=self.ready,
            log=str(part.command.log),
            born=self._born,
            stop_signal=int(part.command.stop_signal),
            restarts=self.restarts,
            problem=self.problem,
        )

    def start(self) -> None:
        """Want it to run, also after it was stopped or given up."""
        self.problem = None
        self._deaths = 0
        self._wanted.set()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._keep(), name=f"keep {self.part.label}")

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to the process, as a fault from outside; it is started again when it dies of it."""
        if self.pid is not None:
            os.kill(self.pid, number)

    async def stop(self) -> None:
        """End the process gracefully, by force after `stop_seconds`, and keep it down until `start`."""
        self._wanted.clear()
        process = self._process
        if process is None:
            return
        process.send_signal(self.part.command.stop_signal)
        if not await ended(process, self.part.stop_seconds):
            log.warning("%s did not stop within %g s: killed", self.part.label, self.part.stop_seconds)
            kill_group(process.pid)
            await ended(process, FORCE_SECONDS)
        self._bury(process)  # here as well: `ready` and `pid` must not speak of the dead until the keeper looks again

    async def restart(self, timeout_seconds: float = 60.0) -> None:
        """Stop it, start it and return when it is ready."""
        await self.stop()
        self.start()
        await self.wait_ready(timeout_seconds)

    async def close(self) -> None:
        """Stop it for good and leave nothing behind."""
        await self.stop()
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        await asyncio.to_thread(self.part.clean)

    async def wait_ready(self, timeout_seconds: float, deaths: int | None = None) -> None:
        """Return once a process started by now answers.

        Raises:
            LocalError: it gave up, died `deaths` times, or the time is over.
        """
        limit = time.monotonic() + timeout_seconds
        while not self.ready:
            if self._task is not None and self._task.done():
                self._task.result()
            if self.problem is not None or (deaths is not None and self._deaths >= deaths):
                raise LocalError(f"{self.part.label} does not start. {self._end_of_log()}")
            if time.monotonic() > limit:
                raise LocalError(f"{self.part.label} was not ready within {timeout_seconds:g} s. {self._end_of_log()}")
            await asyncio.sleep(POLL_SECONDS)

    async def _keep(self) -> None:
        while True:
            await self._wanted.wait()
            await asyncio.to_thread(self.part.clean)
            if not self._wanted.is_set():
                continue
            await self._live()
            if not self._wanted.is_set():
                continue
            delay = self._policy.delay(self._deaths)
            if delay is None:
                self._give_up()
                return
            self.restarts += 1
            log.warning("%s: starting it again in %g s (death %d in a row)", self.part.label, delay, self._deaths)
            await asyncio.sleep(delay)

    async def _live(self) -> None:
        """Run one process from its start to its death."""
        process = self._process = spawn(self.part.command)
        self._born = birth(process.pid)
        self._on_change()
        log.info("%s started, pid %d", self.part.label, process.pid)
        prober = asyncio.create_task(self._ask(process), name=f"ask {self.part.label}")
        try:
            while process.poll() is None:
                if prober.done():
                    prober.result()
                await asyncio.sleep(POLL_SECONDS)
        finally:
            prober.cancel()
        self._bury(process)

    async def _ask(self, process: subprocess.Popen[bytes]) -> None:
        while True:
            ready = await self.part.probe()
            if self._process is not process:
                return
            if ready != self.ready:
                self.ready = ready
                self._ready_since = time.monotonic() if ready else None
                log.info("%s is %s", self.part.label, "ready" if ready else "not ready")
                self._on_change()
            await asyncio.sleep(self.part.probe_every_seconds if ready else PROBE_STARTING_SECONDS)

    def _bury(self, process: subprocess.Popen[bytes]) -> None:
        """Note a death once, whoever sees it first."""
        if self._process is not process or process.poll() is None:
            return
        stable = self._ready_since is not None and time.monotonic() - self._ready_since >= self._policy.stable_seconds
        self._deaths = 1 if stable else self._deaths + 1
        self.ready, self._ready_since, self._process, self._born = False, None, None, None
        log.log(logging.WARNING if self._wanted.is_set() else logging.INFO, "%s ended with %d", self.part.label, process.returncode)
        self._on_change()

    def _give_up(self) -> None:
        label, file = self.part.label, self.part.command.log
        self.problem = f"{label} died {self._deaths} times in a row and is not started again; see {file}"
        log.error("%s", self.problem)
        self._on_change()

    def _end_of_log(self) -> str:
        return f"The end of {self.part.command.log}:\n{tail(self.part.command.log)}"


async def ended(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Return whether the process ends within the time."""
    limit = time.monotonic() + seconds
    while process.poll() is None:
        if time.monotonic() > limit:
            return False
        await asyncio.sleep(POLL_SECONDS)
    return True
