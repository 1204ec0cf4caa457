"""Ratios with their spread, as a table for people and as JSON for machines."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from bench.contenders import ALL, Contender
from bench.run import Result

AIMS: Final = {"ours": {"faust": 18.0, "bare": 0.6}, "ours2": {"faust": 25.0, "bare": 0.9}}
"""What one process and two replicas are to reach, as multiples of the Faust agent's and of the bare loop's rate in one run."""
PARTS: Final = ("client", "broker", "postgres")


@dataclass(frozen=True, slots=True)
class Spread:
    """A median and its range."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread | None:
        """Return the spread of what there is; None of nothing."""
        return cls(statistics.median(values), min(values), max(values)) if values else None


def ratios(results: Sequence[Result], key: str, to: str) -> list[float]:
    """Return a contender's rate as a multiple of another's, round by round, void figures left out."""
    valid = {(result.contender, result.round): result.rate for result in results if not result.faults}
    rounds = sorted({result.round for result in results})
    return [valid[key, n] / valid[to, n] for n in rounds if (key, n) in valid and (to, n) in valid]


def summary(results: Sequence[Result]) -> dict[str, Any]:
    """Return what the results come to, contender by contender."""
    return {contender.key: _line(results, contender) for contender in ALL if any(result.contender == contender.key for result in results)}


def _line(results: Sequence[Result], contender: Contender) -> dict[str, Any]:
    mine = [result for result in results if result.contender == contender.key]
    valid = [result for result in mine if not result.faults]
    aims = AIMS.get(contender.key, {})
    line: dict[str, Any] = {"title": contender.title, "void": len(mine) - len(valid), "events_per_second": _plain(Spread.of([r.rate for r in valid]))}
    for to in ("faust", "bare"):
        spread = Spread.of(ratios(results, contender.key, to))
        aim = aims.get(to)
        line[f"times_{to}"] = {**_plain(spread), "aim": aim, "reached": None if aim is None or spread is None else spread.median >= aim}
    for part in PARTS:
        line[f"cpu_{part}_per_1000"] = round(statistics.median([getattr(r.cpu, part) for r in valid]), 4) if valid else None
    return line


def _plain(spread: Spread | None) -> dict[str, float | None]:
    return {"median": None, "least": None, "most": None} if spread is None else {name: round(value, 3) for name, value in asdict(spread).items()}


def surroundings(partitions: int, sync_us: float, versions: dict[str, str]) -> dict[str, Any]:
    """Return what figures depend on."""
    return {
        "cpus": os.cpu_count(),
        "load_average_before": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "partitions": partitions,
        "write_and_sync_us": sync_us,
        **versions,
    }


def write(file: Path, results: Sequence[Result], about: dict[str, Any]) -> None:
    """Write everything as JSON: each run, and what they come to."""
    file.parent.mkdir(parents=True, exist_ok=True)
    document = {"benchmark": "b1", "about": about, "summary": summary(results), "runs": [asdict(result) for result in results]}
    file.write_text(json.dumps(document, indent=1) + "\n")


def show(console: Console, results: Sequence[Result], about: dict[str, Any]) -> None:
    """Print the table."""
    title = "B1: one hop, a backlog of events of 1.2 KB drained; fsync on, acks=all; CPU is in seconds per 1,000 events"
    table = Table("", title=title, title_justify="left")
    for name in ("events/s", "x Faust", "x bare", "CPU client", "broker", "postgres"):
        table.add_column(name, justify="right")
    for line in summary(results).values():
        cpu = ["-" if line[f"cpu_{part}_per_1000"] is None else f"{line[f'cpu_{part}_per_1000']:.3f}" for part in PARTS]
        void = f" [red]({line['void']} void)[/]" if line["void"] else ""
        rate = _shown(line["events_per_second"], lambda value: f"{value:,.0f}")
        table.add_row(line["title"] + void, rate, _ratio(line["times_faust"]), _ratio(line["times_bare"]), *cpu)
    console.print(table)
    for result in results:
        if result.faults:
            console.print(f"[red]void: {result.contender}, round {result.round}: {'; '.join(result.faults)}[/]")
    if about["load_average_before"] > about["cpus"] / 2:
        console.print("[yellow]The machine was busy with other work: that slows those most who wait for a commit with each event. Repeat it idle.[/]")
    console.print("Peer: the usual Faust agent. Ceiling: the bare loop. Median of rounds (range); ratios are taken within a round.")
    console.print(", ".join(f"{name.replace('_', ' ')} {value}" for name, value in about.items()))


def _shown(spread: dict[str, Any], form: Callable[[float], str]) -> str:
    if spread["median"] is None:
        return "-"
    return f"{form(spread['median'])} ({form(spread['least'])}-{form(spread['most'])})"


def _ratio(spread: dict[str, Any]) -> str:
    text = _shown(spread, lambda value: f"{value:.2f}")
    if spread["aim"] is None:
        return text
    return f"{text}\n[{'green' if spread['reached'] else 'yellow'}]aim {spread['aim']:g}[/]"
