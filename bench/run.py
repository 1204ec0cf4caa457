"""One measured run: processes up and warm on an empty topic, stopped, the backlog laid before them, let go.

Every contender is timed alike: from the moment it is let go until the broker has appended the last event it says.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from bench.contenders import Contender
from bench.events import Sent
from bench.meters import Cpu
from bench.stage import HERE, Stage
from bench.verify import store_faults, topic_faults
from deploy.local.process import Command, spawn

WARM: Final = 300
START_SECONDS: Final = 20.0
DRAIN_SECONDS: Final = 90.0
STOP_SECONDS: Final = 20.0
SETTLE_SECONDS: Final = 0.5


class RunError(Exception):
    """A contender did not come up, did not get through, or did not stop."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a run gave; a rate with `faults` is void."""

    contender: str
    round: int
    events: int
    seconds: float
    rate: float
    cpu: Cpu
    faults: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Run:
    """One contender's turn in one round."""

    stage: Stage
    contender: Contender
    round: int
    sent: Sequence[Sent]
    extra: dict[str, str] = field(default_factory=dict)
    at_start: Callable[[Run], None] | None = None
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Schema, group and topics bear it."""
        return f"b1{self.contender.key}{self.round}"

    @property
    def inward(self) -> str:
        """The topic it reads."""
        return f"salur.bench-in-{self.name}"

    @property
    def outward(self) -> str:
        """The topic it speaks on."""
        return f"salur.{self.name}"

    @property
    def group(self) -> str:
        """Its consumer group."""
        return f"salur-{self.name}" if self.contender.chassis else self.name

    @property
    def log(self) -> Path:
        """Where its processes write."""
        return self.stage.folder.parent / "logs" / f"{self.name}.log"

    async def measure(self) -> Result:
        """Run once and return the verified figure; raises RunError when it does not come up or does not end."""
        stage = self.stage
        await stage.make_topics(self.inward, self.outward)
        url = await (stage.make_service(self.name) if self.contender.chassis else stage.make_peer(self.name))
        try:
            await self._start(url)
            await self._warm()
            result = await self._drain()
            await self._stop()
            records = await stage.read(self.outward)
            result.faults.extend(topic_faults(self.sent, records, decided=self.contender.key != "bare"))
            result.faults.extend(await store_faults(self.sent, records, stage.owner, self.name, chassis=self.contender.chassis))
            if behind := await stage.behind(self.group, self.inward):
                result.faults.append(f"{behind} records are not acknowledged")
            return self._timed(result, records)
        finally:
            for process in self.processes:
                process.kill()
                process.wait()
            await stage.clear(self.name, (self.inward, self.outward))

    async def _start(self, url: str) -> None:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("SALUR_")},
            "SALUR_KAFKA_BOOTSTRAP": self.stage.kafka,
            "SALUR_POSTGRES_URL": url,
            "SALUR_SECRETS": str(self.stage.folder),
            "SALUR_BENCH_PORT": str(self.stage.port),
            "SALUR_LOG_LEVEL": "WARNING",
            "BENCH_NAME": self.name,
            "BENCH_IN": self.inward,
            "BENCH_OUT": self.outward,
            "BENCH_FOLDER": str(self.log.with_suffix("")),
            **self.extra,
        }
        arguments = (sys.executable, "-m", self.contender.module)
        for replica in range(1, self.contender.processes + 1):
            variables = environment | {"SALUR_REPLICA": str(replica)}
            # A stopped process would not hear SIGTERM if the benchmark died.
            self.processes.append(spawn(Command(arguments, self.log, variables, HERE.parent, signal.SIGKILL)))
        await self._until(self._joined, START_SECONDS, "did not join its group")

    async def _joined(self) -> bool:
        return await self.stage.members(self.group) == self.contender.processes

    async def _warm(self) -> None:
        """Let a few events through: connections, prepared statements and code are as warm as in a service that has been up."""
        await self.stage.publish([event.outgoing(self.inward) for event in self.sent[:WARM]])
        await self._until(lambda: self._said(WARM), START_SECONDS, "did not bring the first events through")
        await asyncio.sleep(SETTLE_SECONDS)

    async def _said(self, count: int) -> bool:
        return sum((await self.stage.ends(self.outward)).values()) >= count

    async def _drain(self) -> Result:
        self._signal(signal.SIGSTOP)
        await self.stage.publish([event.outgoing(self.inward) for event in self.sent[WARM:]])
        await asyncio.sleep(SETTLE_SECONDS)
        pids = [process.pid for process in self.processes]
        before, start = self.stage.meters.read(pids), time.time()
        if self.at_start is not None:
            self.at_start(self)
        self._signal(signal.SIGCONT)
        await self._until(lambda: self._said(len(self.sent)), DRAIN_SECONDS, "did not bring its events through")
        cpu = self.stage.meters.read(pids).since(before)
        events = len(self.sent) - WARM
        return Result(self.contender.key, self.round, events, start, 0.0, cpu.per_thousand(events))

    def _signal(self, number: signal.Signals) -> None:
        for process in self.processes:
            process.send_signal(number)

    def _timed(self, result: Result, records: Sequence[Any]) -> Result:
        end = max((record.timestamp for record in records), default=0) / 1000
        seconds = round(end - result.seconds, 3)
        return Result(result.contender, result.round, result.events, seconds, round(result.events / seconds, 1), result.cpu, result.faults)

    async def _stop(self) -> None:
        self._signal(signal.SIGTERM)
        await self._until(self._gone, STOP_SECONDS, "did not stop", dying=True)

    async def _gone(self) -> bool:
        return all(process.poll() is not None for process in self.processes)

    async def _until(self, true: Callable[[], Coroutine[Any, Any, bool]], seconds: float, otherwise: str, *, dying: bool = False) -> None:
        end = time.monotonic() + seconds
        while not await true():
            dead = not dying and any(process.poll() is not None for process in self.processes)
            if dead or time.monotonic() > end:
                raise RunError(f"{self.contender.title} {otherwise}; the end of its log:\n{self.log.read_text()[-3000:]}")
            await asyncio.sleep(0.1)
