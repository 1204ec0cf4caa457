"""The whole of Salur, started for tests: `town` is one stack for a session, under a fast clock."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from deploy.local.settings import LocalSettings
from deploy.local.supervisor import Stack
from tests.system.client import Client
from tests.system.evidence import Evidence
from tests.system.ledger import Ledger
from tests.system.watch import Watcher, dump, until

SERVICES = ("intake", "routing", "sla", "notify")
HELD = re.compile(r'^salur_oldest_unprocessed_age_seconds\{queue="held",service="(intake|routing)"\} (?!0\.0$)', re.MULTILINE)
"""Something that others wrote still waits for its case."""
LOOKS = 3
"""A gauge is as old as two seconds."""
SPEED = 5_000
"""Seconds of Salur's clock a real one: a day is 17 s, so a run sees warnings and breaches, and mails stay countable."""
START = "2026-03-02T08:00:00+07:00"
CLOCK = {"SALUR_CLOCK_START": START, "SALUR_CLOCK_SPEED": str(SPEED)}


@dataclass
class Town:
    """A running stack with its clients; `first_pages` are the metrics as they were before anything happened."""

    stack: Stack
    folder: Path
    ledger: Ledger
    """Everything that anybody hands in to this stack must be noted here, or the oracle takes it for a phantom."""
    first_pages: dict[str, str] = field(default_factory=dict)
    kills: int = 0

    def url(self, service: str, replica: int = 1) -> str:
        return self.stack.process(service, replica).part.address

    @property
    def replicas(self) -> range:
        return range(1, self.stack.settings.replicas + 1)

    async def pages(self) -> dict[str, str]:
        """Return the metric page of every process."""
        async with httpx.AsyncClient(timeout=10) as http:
            wanted = {f"{service}-{replica}": self.url(service, replica) for service in SERVICES for replica in self.replicas}
            return {name: (await http.get(f"{url}/metrics")).text for name, url in wanted.items()}

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Client]:
        """Yield a client; its watcher reads from the beginning of the topics."""
        bootstrap, watcher = self.stack.kafka_bootstrap, Watcher(self.stack.kafka_bootstrap)
        await watcher.start()
        client = Client(bootstrap=bootstrap, intake=self.url("intake"), routing=self.url("routing"), ledger=self.ledger, watcher=watcher)
        await client.start()
        try:
            yield client
        finally:
            await client.stop()
            await watcher.stop()

    def kill(self, name: str, replica: int = 1) -> float:
        """Send SIGKILL and return when (monotonic seconds)."""
        self.kills += 1
        self.stack.process(name, replica).kill()
        return time.monotonic()

    async def calm(self, client: Client, seconds: float) -> None:
        """Return when all that was handed in has run its way: deeds done, clocks stopped from firing, notices ended; bounded."""
        await client.settle(seconds)
        await until(lambda: not self.missing(client), seconds)
        await self._until_nothing_is_held(seconds)
        for replica in self.replicas:
            await self.stack.process("sla", replica).stop()
        watcher = client.watcher
        await until(lambda: watcher.queued <= watcher.ended and time.monotonic() - watcher.last > 2, seconds)

    async def _until_nothing_is_held(self, seconds: float) -> None:
        """Wait for the receipts of what names a case that nobody knows: others may have handed it in, a minute ago at most."""
        end, calm = time.monotonic() + seconds, 0
        while calm < LOOKS and time.monotonic() < end:
            await asyncio.sleep(1)
            pages = "".join((await self.pages_of_the_living()).values())
            calm = calm + 1 if not HELD.search(pages) else 0

    def missing(self, client: Client) -> list[str]:
        """Return submissions that the ledger holds for taken and whose case has not been told all of yet."""
        ok = {line["id"] for line in self.ledger.lines if line["op"] == "ok" and line["id"] in client.invoked}
        ready = {of for case_id, of in client.watcher.submission.items() if told(client.watcher.seen[case_id])}
        return sorted(ok - ready)

    async def wake(self) -> None:
        """Let the clocks fire again after `calm`."""
        for replica in self.replicas:
            self.stack.process("sla", replica).start()
            await self.stack.process("sla", replica).wait_ready(60)

    async def evidence(self, folder: Path) -> Evidence:
        """Return what the outside sees now, and leave it in `folder` for the oracle's own program."""
        texts = {f"{name}.metrics": page for name, page in (await self.pages_of_the_living()).items()}
        for log in sorted(self.stack.settings.logs_folder.iterdir()):
            texts[log.name] = log.read_text(errors="replace")
        async with httpx.AsyncClient(timeout=30) as http:
            mails = (await http.get(f"{self.url('mailbox')}/messages.json")).json()
        meta: dict[str, Any] = {"speed": SPEED, "kills": self.kills}
        evidence = Evidence(await dump(self.stack.kafka_bootstrap), self.ledger.lines, mails, texts, meta)
        await asyncio.to_thread(evidence.save, folder)
        return evidence

    async def pages_of_the_living(self) -> dict[str, str]:
        """Return the metric pages of the processes that answer."""
        pages = {}
        async with httpx.AsyncClient(timeout=10) as http:
            for service in SERVICES:
                for replica in self.replicas:
                    try:
                        pages[f"{service}-{replica}"] = (await http.get(f"{self.url(service, replica)}/metrics")).text
                    except httpx.HTTPError:
                        continue
        return pages


def told(types: dict[str, float]) -> bool:
    """Say whether a case has an owner, a clock and a queued notice."""
    return {"salur.case.routed.v1", "salur.deadline.set.v1", "salur.notice.queued.v1"} <= types.keys()


@asynccontextmanager
async def running(folder: Path, **fields: Any) -> AsyncIterator[Town]:
    """Start a stack in `folder` and end it."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # thousands of lines while Kafka is away, which pytest would keep
    stack, ledger = Stack(LocalSettings.with_free_ports(data=folder, partitions=3, **fields)), Ledger(folder / "ledger.ndjson")
    before = {name: os.environ.get(name) for name in CLOCK}
    os.environ.update(CLOCK)  # only the preparation reads them, from the environment
    try:
        await stack.start()
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
    try:
        town = Town(stack, folder, ledger)
        town.first_pages = await town.pages()
        yield town
    finally:
        ledger.close()
        await stack.stop()


class Shared:
    """One stack for all who ask for it, in whichever folder of tests: started for the first, ended after the last."""

    def __init__(self, name: str, **fields: Any) -> None:
        self._name, self._fields = name, fields
        self._users = 0
        self._town: Town | None = None
        self._running = AsyncExitStack()

    @asynccontextmanager
    async def lend(self, folders: pytest.TempPathFactory) -> AsyncIterator[Town]:
        """Yield the stack."""
        if self._town is None:
            self._town = await self._running.enter_async_context(running(folders.mktemp(self._name), **self._fields))
        self._users += 1
        try:
            yield self._town
        finally:
            self._users -= 1
            if self._users == 0:
                self._town = None
                await self._running.aclose()


ONE = Shared("town")
TWO = Shared("twins", replicas=2)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def town(tmp_path_factory) -> AsyncIterator[Town]:
    """One replica of each service on a Kafka and a PostgreSQL of its own."""
    async with ONE.lend(tmp_path_factory) as lent:
        yield lent


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def twins(tmp_path_factory) -> AsyncIterator[Town]:
    """Two replicas of each service."""
    async with TWO.lend(tmp_path_factory) as lent:
        yield lent
