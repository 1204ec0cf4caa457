"""Where one hop's time goes: CPU by stage from stack samples, waiting by query, µs an event."""

from __future__ import annotations

import json
import os
import signal
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from bench.contenders import ONE
from bench.events import make
from bench.run import WARM, Result, Run
from bench.stage import OUT, raised

STAGES: Final = (
    ("decide: the service's own decision", ("bench/hop.py:decide",)),
    ("save: state rows", ("bench/hop.py:_row",)),
    ("load: states from rows", ("bench/hop.py:state",)),
    ("say: header, MAC, chain, outgoing record", ("chassis/draft.py:_say", "chassis/saying.py:")),
    ("decide: bodies as JSON, bookkeeping", ("chassis/carry.py:_decide", "chassis/draft.py:take")),
    ("decode: parse, validate", ("chassis/consumer.py:_decode",)),
    ("claim", ("chassis/claim.py:claim", "chassis/claim.py:resolve")),
    ("load", ("chassis/carry.py:_load",)),
    ("save", ("chassis/save.py:save",)),
    ("begin and commit", ("chassis/postgres.py:transaction", "chassis/postgres.py:borrow")),
    ("relay: publish", ("chassis/kafka/producer.py:publish",)),
    ("relay: its queries and its memory", ("chassis/relay.py:_publish", "chassis/relay.py:committed", "chassis/relay.py:run")),
    ("offsets: note and commit", ("chassis/kafka/consumer.py:done", "chassis/kafka/consumer.py:commit", "chassis/kafka/consumer.py:commit_lazily")),
    ("poll: records handed over", ("chassis/kafka/consumer.py:poll",)),
    ("aiokafka: fetching in the background", ("consumer/fetcher.py:",)),
    ("aiokafka: sending in the background", ("producer/sender.py:", "producer/message_accumulator.py:")),
    ("aiokafka: sockets and protocol", ("aiokafka/conn.py:", "aiokafka/client.py:", "protocol/")),
    ("intake: the rest of its loop", ("chassis/consumer.py:", "chassis/carry.py:", "chassis/retry.py:")),
    ("metrics, clock, gauges, sweep", ("chassis/",)),
)
"""Stages by the frames that tell them, the first that matches any frame of a stack."""
LOOP: Final = "event loop, sockets, asyncpg's protocol"
TOP: Final = 25


async def profile(console: Console, *, events: int, partitions: int, data: Path | None, first_port: int | None) -> int:
    """Run ours once under the sampler and print where its CPU and its waiting went; returns 0, or 1 when the run is void."""
    OUT.mkdir(parents=True, exist_ok=True)
    file = (OUT / "samples.json").resolve()
    async with raised(partitions, data=data, first_port=first_port, report=lambda _text: None) as stage:
        sampled = replace(ONE, module="bench.sampled")
        run = Run(stage, sampled, 1, make(WARM + events), extra={"BENCH_SAMPLES": str(file)}, at_start=_reset)
        result = await run.measure()
    seen = json.loads(file.read_text())
    show(console, result, seen, os.getloadavg()[0])
    return 1 if result.faults else 0


def _reset(run: Run) -> None:
    for process in run.processes:
        process.send_signal(signal.SIGUSR1)


def show(console: Console, result: Result, seen: dict[str, Any], load: float) -> None:
    """Print three tables: stages, queries, functions."""
    verdict = "verified" if not result.faults else f"void: {'; '.join(result.faults)}"
    console.print(f"{result.events} events, {result.rate:,.0f} events/s, {verdict}; load average {load:.1f}")
    total = result.cpu.client * 1000
    console.print(f"CPU µs an event: client {total:.0f}, broker {result.cpu.broker * 1000:.0f}, postgres {result.cpu.postgres * 1000:.0f}")
    stacks = [(count, [f"{file}:{name}" for file, name in stack]) for count, stack in seen["stacks"]]
    samples = sum(count for count, _ in stacks)
    console.print(_shares("Stage (client CPU)", _stages(stacks), samples, total))
    console.print(_waits(seen["queries"], result.events))
    console.print(_shares("Function, itself (C calls count for their caller)", _leaves(stacks), samples, total))


def stage_of(stack: Sequence[str]) -> str:
    """Return the stage that a stack belongs to."""
    for stage, marks in STAGES:
        if any(mark in frame for frame in stack for mark in marks):
            return stage
    return LOOP


def _stages(stacks: Iterable[tuple[int, Sequence[str]]]) -> Counter[str]:
    counted: Counter[str] = Counter()
    for count, stack in stacks:
        counted[stage_of(stack)] += count
    return counted


def _leaves(stacks: Iterable[tuple[int, Sequence[str]]]) -> Counter[str]:
    counted: Counter[str] = Counter()
    for count, stack in stacks:
        counted[stack[0]] += count
    return counted


def _shares(title: str, counted: Counter[str], samples: int, total: float) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("")
    table.add_column("share", justify="right")
    table.add_column("µs an event", justify="right")
    for name, count in counted.most_common(TOP):
        table.add_row(name, f"{count / samples:.1%}", f"{count / samples * total:.1f}")
    return table


def _waits(queries: dict[str, list[float]], events: int) -> Table:
    table = Table(title="Query (wall time seen by the client)", title_justify="left")
    for column in ("", "number", "median ms", "events each", "µs an event"):
        table.add_column(column, justify="left" if not column else "right")
    for name, taken in sorted(queries.items(), key=lambda pair: -sum(pair[1])):
        median = statistics.median(taken) * 1000
        table.add_row(name, str(len(taken)), f"{median:.2f}", f"{events / len(taken):.0f}", f"{sum(taken) / events * 1e6:.1f}")
    return table
