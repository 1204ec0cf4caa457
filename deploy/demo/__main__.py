"""The command behind `make demo`: `python -m deploy.demo`; exit code 0 only if everything that was checked holds."""

from __future__ import annotations

import asyncio
import signal
import sys
from datetime import timedelta

import uvloop
from pydantic import ValidationError
from rich.console import Console

from chassis.settings import SettingsError, read_settings
from deploy.demo.checks.verdict import Verdict
from deploy.demo.evidence import FLIGHT_SECONDS, MOST_BEHIND
from deploy.demo.lag import words
from deploy.demo.run import Outcome, run
from deploy.demo.settings import DemoSettings
from deploy.local.errors import WRONG_USE, LocalError

COUNTEREXAMPLES = 5
INTERRUPTED = 130


def main() -> int:
    """Run the demo; returns 0 when all holds, 1 when not, 2 for wrong use, 3 when a port is taken or a store is away, 130 after Ctrl-C."""
    console = Console(soft_wrap=False)
    try:
        settings = read_settings(DemoSettings)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            outcome = runner.run(_interruptible(settings, console))
    except (LocalError, SettingsError) as error:
        Console(stderr=True).print(str(error), style="red", markup=False, soft_wrap=True)
        return error.exit_code if isinstance(error, LocalError) else WRONG_USE
    except ValidationError as error:
        Console(stderr=True).print(str(error), style="red", markup=False, soft_wrap=True)
        return WRONG_USE
    except (KeyboardInterrupt, asyncio.CancelledError):
        console.print("Stopped; nothing is left running.")
        return INTERRUPTED
    _tell(console, outcome.verdicts)
    if outcome.behind > FLIGHT_SECONDS:
        _advise(console, settings, outcome)
    console.print(f"Report: {settings.out / 'report.html'}\nLogs:   {settings.folder / 'logs'}", soft_wrap=True, highlight=False)
    return 0 if all(verdict.holds for verdict in outcome.verdicts) else 1


async def _interruptible(settings: DemoSettings, console: Console) -> Outcome:
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    return await run(settings, console)


def _tell(console: Console, verdicts: list[Verdict]) -> None:
    console.print("\n[bold]What was checked, from outside:[/]")
    for verdict in verdicts:
        sign = "[green]✓[/]" if verdict.holds else "[bold red]✗[/]"
        console.print(f"{sign} {verdict.name}: [dim]{verdict.numbers}[/]", highlight=False, soft_wrap=True)
        for problem in verdict.problems[:COUNTEREXAMPLES]:
            console.print(f"    {problem}", style="red", markup=False, highlight=False, soft_wrap=True)
        if len(verdict.problems) > COUNTEREXAMPLES:
            console.print(f"    … and {len(verdict.problems) - COUNTEREXAMPLES} more", style="red", highlight=False)
    broken = sum(not verdict.holds for verdict in verdicts)
    console.print("[bold green]All of it holds.[/]" if not broken else f"[bold red]{broken} of {len(verdicts)} checks do not hold.[/]")


def _advise(console: Console, settings: DemoSettings, outcome: Outcome) -> None:
    slower, fewer = round(outcome.speed / 2, -3) or 1_000, max(1, settings.cases // 2)
    too_far = timedelta(seconds=outcome.behind * outcome.speed) > MOST_BEHIND
    meaning = "more than the checks can allow for: what does not hold may be the machine's doing" if too_far else "the checks allowed for it"
    console.print(
        f"This machine was up to {words(outcome.behind, outcome.speed)}; {meaning}.\n"
        f"Let it have more time (make demo SPEED={slower:.0f}), or less to do (make demo CASES={fewer}).",
        style="yellow",
        highlight=False,
        soft_wrap=True,
    )


if __name__ == "__main__":
    sys.exit(main())
