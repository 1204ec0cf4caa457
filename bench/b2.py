"""B2: the whole way, from a submission to the owner, the clocks and the queued notices of its case.

First a backlog is drained: cases a second, between the tenth and the last tenth of them. Then an open loop at half of that and at
100 cases a second: from the submission's record to its owner's, percentiles. Mails are not sent (B7 is theirs): the mail
server is away, and notify queues. Optionally beside many open cases that were there before.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import statistics
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from bench import report
from bench.crowd import crowd
from bench.house import House, raised
from bench.meters import sync_microseconds
from bench.stage import OUT
from bench.week import Sent
from schemas.topics import INTAKE, NOTIFY, RESTRICTED, ROUTING, SLA, SUBMISSIONS

STEPS: Final = {
    "salur.complaint.accepted.v1": "accepted",
    "salur.case.routed.v1": "owner",
    "salur.deadline.set.v1": "clocks",
    "salur.notice.queued.v1": "notice",
}
"""The last event of each step: a case is through when all four were said of it."""
DRAIN_SECONDS: Final = 300.0
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


async def b2(console: Console, *, quick: bool, open_cases: int, cases: int | None, partitions: int, data: Path | None, pulse: bool = False) -> int:
    """Measure, print and write `out/bench/b2.json`; returns 0, or 1 when something was lost."""
    count = cases or (12_000 if quick else 40_000)
    with console.status("starting the house") as status:
        async with raised(partitions, data, also=("pulse",) if pulse else ()) as house:
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


async def _drained(house: House, whole: Whole) -> None:
    """Lay a backlog before the stopped services, let them go, and time how it leaves on the other side."""
    sent = house.next(whole.cases)
    since = await house.ends(INTAKE, ROUTING, SLA, NOTIFY, RESTRICTED)
    pids = house.pids()
    for pid in pids.values():
        os.kill(pid, signal.SIGSTOP)
    await house.publish(sent)
    meters = house.meters()
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
    whole.cpu = {name: round((after[name].client - before[name].client) * 1000 / whole.cases, 3) for name in pids}
    whole.cpu["kafka"] = round((after["intake"].broker - before["intake"].broker) * 1000 / whole.cases, 3)
    whole.cpu["postgres"] = round((after["intake"].postgres - before["intake"].postgres) * 1000 / whole.cases, 3)


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
