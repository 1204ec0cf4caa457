"""What the person at the terminal sees: progress while the stack starts, then where everything answers."""

import time
from collections.abc import Callable

from rich.console import Console, Group
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table

from deploy.local.settings import LocalSettings
from deploy.local.state import StackState

LOOK_SECONDS = 0.2


def table(state: StackState) -> Table:
    """Return the processes as a table."""
    shown = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("process", "address", "state", "pid"):
        shown.add_column(heading, no_wrap=True)
    for process in state.processes:
        name = process.name if process.replica == 1 else f"{process.name}-{process.replica}"
        word = "[green]ready[/]" if process.ready else "[red]given up[/]" if process.problem else "[yellow]starting[/]"
        pid = "existing" if process.pid is None and process.ready else str(process.pid or "")
        shown.add_row(name, process.address, word, pid)
    return shown


def follow(console: Console, read: Callable[[], StackState | None], running: Callable[[], bool]) -> StackState | None:
    """Show a start until it ends, and return its last state; without a terminal, one line a step."""
    if console.is_terminal:
        return _follow_live(console, read, running)
    state, said = read(), ""
    while running() and (state is None or state.phase != "up"):
        if state is not None and state.phase == "starting" and state.doing != said:
            said = state.doing
            console.print(said, markup=False, soft_wrap=True)
        time.sleep(LOOK_SECONDS)
        state = read()
    return read()


def addresses(console: Console, settings: LocalSettings, state: StackState) -> None:
    """Print where everything answers."""
    console.print(table(state))
    smtp = f"{settings.reachable_host}:{settings.mailbox_smtp_port}"
    console.print(f"mail is handed in at {smtp}, logs are in {settings.logs_folder}", soft_wrap=True)


def _follow_live(console: Console, read: Callable[[], StackState | None], running: Callable[[], bool]) -> StackState | None:
    spinner = Spinner("dots", "starting")
    state = read()
    with Live(spinner, console=console, transient=True) as live:
        while running() and (state is None or state.phase != "up"):
            if state is not None:
                spinner.update(text=state.doing)
                live.update(Group(table(state), spinner) if state.processes else spinner)
            time.sleep(LOOK_SECONDS)
            state = read()
    return read()
