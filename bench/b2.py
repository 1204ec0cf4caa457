"""B2: the whole way, from a submission to the owner, the clocks and the queued notices of its case.

First a backlog is drained: cases a second, between the tenth and the last tenth of them. Then an open loop at half of that and at
100 cases a second: from the submission's record to its owner's, percentiles. Mails are not sent (B7 is theirs): the mail
server is away, and notify queues. Optionally beside many open cases that were there before.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shutil
import signal
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from rich.console import Console
from rich.table import Table

from bench import report
from bench.crowd import crowd
from bench.meters import Meters, sync_microseconds
from bench.stage import OUT
from bench.week import Sent, week
from chassis.kafka import Producer
from deploy.local.settings import LocalSettings
from deploy.local.supervisor import Stack
from schemas.topics import INTAKE, NOTIFY, RESTRICTED, ROUTING, SLA, SUBMISSIONS

SERVICES: Final = ("intake", "routing", "sla", "notify")
STEPS: Final = {
    "salur.complaint.accepted.v1": "accepted",
    "salur.case.routed.v1": "owner",
    "salur.deadline.set.v1": "clocks",
    "salur.notice.queued.v1": "notice",
}
"""The last event of each step: a case is through when all four were said of it."""
DRAIN_SECONDS: Final = 300.0
WARM: Final = 400
LOW_RATE: Final = 100.0
AIM_RATE: Final = 1_000.0
AIM_P99_HALF: Final = 1.0
AIM_P99_LOW: Final = 0.15


@dataclass(frozen=True, slots=True)
class Paced:
    """What an open loop showed: seconds from a submission's record to its owner's, and to its queued notice's."""

    rate: float
    cases: int
    owner: dict[str, float]
    notice: dict[str, float]


@dataclass(slots=True)
class Whole:
    """What one run came to; `cpu` is in milliseconds a case, by process."""

    open_before: int
    cases: int
    seconds: float = 0.0
    rate: float = 0.0
    cpu: dict[str, float] = field(default_factory=dict)
    paced: list[Paced] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


async def b2(console: Console, *, quick: bool, open_cases: int, cases: int | None, partitions: int, data: Path | None) -> int:
    """Measure, print and write `out/bench/b2.json`; returns 0, or 1 when something was lost."""
    count = cases or (12_000 if quick else 40_000)
    with console.status("starting the house") as status:
        async with _house(partitions, data) as house:
            about = report.surroundings(partitions, sync_microseconds(house.stack.settings.data), {})
            whole = Whole(open_cases, count)
            await house.warm()
            if open_cases:
                status.update(f"moving {open_cases:,} open cases in")
                await crowd(house.owner, open_cases)
            status.update(f"draining {count:,} submissions")
            await _drained(house, whole)
            for rate in (whole.rate / 2, LOW_RATE):
                status.update(f"{rate:.0f} cases/s, open loop")
                whole.paced.append(await _paced(house, rate, 15.0 if quick else 40.0))
    show(console, whole, about)
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "b2.json").write_text(json.dumps({"benchmark": "b2", "about": about, "result": asdict(whole)}, indent=1) + "\n")
    return 1 if whole.faults else 0


@dataclass(slots=True)
class House:
    """All four services on stores of their own, and the hands to feed and to read them from outside."""

    stack: Stack
    owner: asyncpg.Connection[asyncpg.Record]
    producer: Producer
    eye: AIOKafkaConsumer
    partitions: int
    number: int = 0

    def next(self, count: int) -> list[Sent]:
        """Return submissions that were not sent before."""
        self.number += count
        return week(self.number - count, count)

    async def publish(self, sent: Sequence[Sent]) -> None:
        """Publish submissions; all are acknowledged when it returns."""
        for start in range(0, len(sent), 2_000):
            await self.producer.publish([one.outgoing() for one in sent[start : start + 2_000]])

    async def ends(self, *topics: str) -> dict[TopicPartition, int]:
        """Return where topics end now."""
        return dict(await self.eye.end_offsets([TopicPartition(topic, n) for topic in topics for n in range(self.partitions)]))

    async def until_through(self, since: dict[TopicPartition, int], cases: int, seconds: float) -> bool:
        """Wait until as many notices were queued as there are cases (some have more than one), or nothing moves any more."""
        end, last, still = time.monotonic() + seconds, -1, 0
        while time.monotonic() < end:
            now = await self.ends(NOTIFY, RESTRICTED, ROUTING, SLA)
            moved = sum(now.values())
            routed = sum(end - since[place] for place, end in now.items() if place.topic in (ROUTING, RESTRICTED))
            still = still + 1 if moved == last else 0
            if routed >= cases and still >= 10:
                return True
            last = moved
            await asyncio.sleep(0.2)
        return False

    async def read(self, since: dict[TopicPartition, int]) -> list[Any]:
        """Return all records of the speakers' topics from there on."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.stack.kafka_bootstrap, max_partition_fetch_bytes=4 * 1024 * 1024)
        await consumer.start()
        try:
            consumer.assign(list(since))
            for place, offset in since.items():
                consumer.seek(place, offset)
            ends = await self.ends(*{place.topic for place in since})
            wanted = sum(ends[place] - offset for place, offset in since.items())
            records: list[Any] = []
            while len(records) < wanted:
                for found in (await consumer.getmany(timeout_ms=500)).values():
                    records += found
            return records
        finally:
            await consumer.stop()

    async def warm(self) -> None:
        """Let a few cases through: connections and prepared statements are there as in a house that has been up."""
        since = await self.ends(INTAKE, ROUTING, SLA, NOTIFY, RESTRICTED)
        await self.publish(self.next(WARM))
        await self.until_through(since, WARM, 60)

    def pids(self) -> dict[str, int]:
        """Return the services' process ids."""
        found = {name: self.stack.process(name).pid for name in SERVICES}
        return {name: pid for name, pid in found.items() if pid is not None}


@asynccontextmanager
async def _house(partitions: int, data: Path | None) -> AsyncIterator[House]:
    parent = (data or OUT).resolve()
    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="house-", dir=parent))
    folder.chmod(0o711)
    os.environ |= {"SALUR_OPEN": "1", "SALUR_LOG_LEVEL": "WARNING"}
    logging.getLogger("aiokafka.cluster").setLevel(logging.CRITICAL)
    settings = LocalSettings.with_free_ports(data=folder, partitions=partitions)
    stack = Stack(settings, parts={"kafka", "postgres", "prepare", "services"})
    try:
        await stack.start()
        owner = await asyncpg.connect(stack.postgres_owner_url)
        producer, eye = Producer(stack.kafka_bootstrap, "bench"), AIOKafkaConsumer(bootstrap_servers=stack.kafka_bootstrap)
        await producer.start()
        await eye.start()
        try:
            yield House(stack, owner, producer, eye, partitions)
        finally:
            await eye.stop()
            await producer.stop()
            await owner.close(timeout=5)
    finally:
        await stack.stop()
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


async def _drained(house: House, whole: Whole) -> None:
    """Lay a backlog before the stopped services, let them go, and time how it leaves on the other side."""
    sent = house.next(whole.cases)
    since = await house.ends(INTAKE, ROUTING, SLA, NOTIFY, RESTRICTED)
    pids = house.pids()
    for pid in pids.values():
        os.kill(pid, signal.SIGSTOP)
    await house.publish(sent)
    meters = _meters(house)
    before = {name: meters.read([pid]) for name, pid in pids.items()}
    for pid in pids.values():
        os.kill(pid, signal.SIGCONT)
    if not await house.until_through(since, whole.cases, DRAIN_SECONDS):
        whole.faults.append("the backlog did not get through in time")
    after = {name: meters.read([pid]) for name, pid in pids.items()}
    through = _through(await house.read(since))
    whole.faults += _faults(sent, through)
    done = sorted(max(times.values()) for times in through.values() if len(times) == len(STEPS))
    if len(done) > 100:
        low, high = len(done) // 10, len(done) * 9 // 10
        whole.seconds = (done[high] - done[low]) / 1000
        whole.rate = round((high - low) / whole.seconds, 1)
    whole.cpu = {name: round((after[name].client - before[name].client) * 1000 / whole.cases, 3) for name in SERVICES}
    whole.cpu["kafka"] = round((after["intake"].broker - before["intake"].broker) * 1000 / whole.cases, 3)
    whole.cpu["postgres"] = round((after["intake"].postgres - before["intake"].postgres) * 1000 / whole.cases, 3)


def _meters(house: House) -> Meters:
    kafka, postgres = house.stack.process("kafka").pid, house.stack.process("postgres").pid
    assert kafka is not None
    assert postgres is not None
    return Meters(kafka, postgres)


async def _paced(house: House, rate: float, seconds: float) -> Paced:
    """Send at a steady rate whatever happens; latency counts from the moment each was due."""
    sent = house.next(int(rate * seconds))
    since = await house.ends(SUBMISSIONS, INTAKE, ROUTING, SLA, NOTIFY, RESTRICTED)
    start, tick = time.time(), 0.01
    due: dict[str, float] = {}
    position = 0
    while position < len(sent):
        want = min(len(sent), int((time.time() - start) * rate) + 1)
        if want > position:
            for number in range(position, want):
                due[sent[number].ref] = (start + number / rate) * 1000
            await house.producer.publish([one.outgoing() for one in sent[position:want]])
            position = want
        await asyncio.sleep(tick)
    await house.until_through(since, len(sent), 60)
    through = _through(await house.read({place: offset for place, offset in since.items() if place.topic != SUBMISSIONS}))
    late = {step: [(times[step] - due[ref]) / 1000 for ref, times in through.items() if step in times and ref in due] for step in ("owner", "notice")}
    return Paced(round(rate, 1), len(sent), _percentiles(late["owner"]), _percentiles(late["notice"]))


def _through(records: Sequence[Any]) -> dict[str, dict[str, float]]:
    """Return when each step of each case was said (milliseconds), by the publisher's own number of the case."""
    refs: dict[str, str] = {}
    steps: dict[str, dict[str, float]] = {}
    for record in records:
        headers = dict(record.headers)
        step = STEPS.get(headers.get("salur_type", b"").decode())
        if step is None:
            continue
        subject = headers["salur_subject"].decode()
        if step == "accepted":
            refs[subject] = json.loads(record.value)["data"]["external_ref"]
        times = steps.setdefault(subject, {})
        times[step] = max(times.get(step, 0.0), record.timestamp)
    return {refs[subject]: times for subject, times in steps.items() if subject in refs}


def _faults(sent: Sequence[Sent], through: dict[str, dict[str, float]]) -> list[str]:
    lost = [one.ref for one in sent if one.ref not in through]
    unfinished = [ref for ref, times in through.items() if len(times) < len(STEPS)]
    faults = [f"{len(lost)} submissions became no case"] if lost else []
    return [*faults, f"{len(unfinished)} cases lack owner, clock or notice"] if unfinished else faults


def _percentiles(values: Sequence[float]) -> dict[str, float]:
    if not values:
        return {}
    ordered = sorted(values)
    picked = {name: ordered[min(len(ordered) - 1, int(len(ordered) * share))] for name, share in (("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999))}
    return {**{name: round(value, 3) for name, value in picked.items()}, "mean": round(statistics.fmean(ordered), 3)}


def show(console: Console, whole: Whole, about: dict[str, Any]) -> None:
    """Print what the run came to, with the aims."""
    total = sum(whole.cpu.values())
    console.print(f"B2: the whole way beside {whole.open_before:,} open cases; {whole.cases:,} submissions drained")
    good = "green" if whole.rate >= AIM_RATE else "yellow"
    console.print(f"[{good}]{whole.rate:,.0f} cases/s[/] (aim {AIM_RATE:,.0f}); CPU ms a case: {total:.2f} = {_parts(whole.cpu)}")
    table = Table(
        "open loop", "p50", "p99", "p99.9", "to the notice p50", "p99", title="Seconds from a submission to its owner", title_justify="left"
    )
    for paced, aim in zip(whole.paced, (AIM_P99_HALF, AIM_P99_LOW), strict=False):
        figures = [f"{paced.owner.get(name, float('nan')):.3f}" for name in ("p50", "p99", "p99.9")]
        figures[1] += f" (aim {aim:g})"
        table.add_row(f"{paced.rate:,.0f} cases/s", *figures, *(f"{paced.notice.get(name, float('nan')):.3f}" for name in ("p50", "p99")))
    console.print(table)
    for fault in whole.faults:
        console.print(f"[red]void: {fault}[/]")
    console.print(", ".join(f"{name.replace('_', ' ')} {value}" for name, value in about.items()))


def _parts(cpu: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.2f}" for name, value in cpu.items())
