"""B1: one hop, everybody in turn, round after round."""

from __future__ import annotations

import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from bench import report
from bench.contenders import ALL, Contender
from bench.events import Sent, make
from bench.meters import Cpu, sync_microseconds
from bench.run import WARM, Result, Run, RunError
from bench.stage import OUT, Stage, raised

QUICK: Final = {"partitions": 3, "rounds": 3}
FULL: Final = {"partitions": 12, "rounds": 5}
QUICK_SECONDS: Final = 120.0
"""A quick run begins no round that would end later than this; the first round always runs."""


async def b1(
    console: Console, *, quick: bool, rounds: int | None, partitions: int | None, only: Sequence[str], data: Path | None, first_port: int | None
) -> int:
    """Measure, print and write `out/bench/b1.json`; returns 0, or 1 when a figure is void."""
    kind = QUICK if quick else FULL
    turns = [contender for contender in ALL if not only or contender.key in only]
    workload = make(WARM + max(contender.quick if quick else contender.full for contender in turns))
    results: list[Result] = []
    start = time.monotonic()
    with console.status("starting the stores") as status:
        async with raised(partitions or kind["partitions"], data=data, first_port=first_port, report=status.update) as stage:
            about = report.surroundings(stage.partitions, sync_microseconds(stage.folder), await _versions(stage))
            for number in range(rounds or kind["rounds"]):
                if quick and not rounds and number and (time.monotonic() - start) * (number + 1) / number > QUICK_SECONDS:
                    console.print(f"The machine is too slow for round {number + 1} within the time of a quick run.")
                    break
                # Every other round in the opposite order: what drifts over time then weighs on nobody in particular.
                for contender in turns if number % 2 == 0 else reversed(turns):
                    status.update(f"round {number + 1}: {contender.title}")
                    result = await _turn(stage, contender, number + 1, workload[: WARM + (contender.quick if quick else contender.full)])
                    results.append(result)
                    console.print(_line(contender, result))
    report.show(console, results, about)
    report.write(OUT / "b1.json", results, about)
    return 1 if any(result.faults for result in results) else 0


async def _turn(stage: Stage, contender: Contender, number: int, sent: Sequence[Sent]) -> Result:
    try:
        return await Run(stage, contender, number, sent).measure()
    except RunError as error:
        return Result(contender.key, number, 0, 0.0, 0.0, Cpu(0.0, 0.0, 0.0), [str(error)])


def _line(contender: Contender, result: Result) -> str:
    verdict = "verified" if not result.faults else "[red]void[/]"
    return f"{time.strftime('%H:%M:%S')} round {result.round} {contender.title}: {result.rate:,.0f} events/s over {result.seconds:.1f} s, {verdict}"


async def _versions(stage: Stage) -> dict[str, Any]:
    return {
        "postgresql": (await stage.owner.fetchval("SHOW server_version")).split()[0],
        "aiokafka": version("aiokafka"),
        "faust": version("faust-streaming"),
        "faststream": version("faststream"),
    }
