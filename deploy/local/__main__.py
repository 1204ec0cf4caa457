"""The command behind `make up`, `make down` and `make reset`: `python -m deploy.local up|down|reset|supervise`."""

import asyncio
import logging
import shutil
import signal
import subprocess
import sys
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console

from deploy.local import postgres
from deploy.local.errors import WRONG_USE, AlreadyUpError, LocalError, RecordedError
from deploy.local.process import Identity, birth, end, tail
from deploy.local.settings import LocalSettings
from deploy.local.state import STATE_FILE, StackState, end_leftovers, is_locked, lock
from deploy.local.supervisor import Stack
from deploy.local.terminal import addresses, follow

STOP_SECONDS = 60.0
# All that a stack keeps; the cache of jars is no data and stays.
DATA = ("kafka", "postgres", "mailbox", "secrets", "logs", "run", STATE_FILE)

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__, pretty_exceptions_enable=False)
console = Console()
complaints = Console(stderr=True)


@app.command()
def up() -> None:
    """Start everything in the background and return when it is ready; says so when it is up already."""
    settings = LocalSettings()
    if is_locked(settings.data):
        _already_up(settings)
        return
    supervisor = _start_supervisor(settings)
    identity = Identity(supervisor.pid, birth(supervisor.pid) or 0)

    def read() -> StackState | None:
        state = StackState.read(settings.data)
        return state if state is not None and state.supervisor.pid == supervisor.pid else None

    try:
        state = follow(console, read, lambda: supervisor.poll() is None)
    except KeyboardInterrupt:
        end(identity, signal.SIGTERM, STOP_SECONDS)
        raise typer.Exit(130) from None
    if state is None or state.phase != "up":
        raise _failure(settings, state)
    console.print("[bold green]Salur is up.[/] `make down` stops it.")
    addresses(console, settings, state)


@app.command()
def down() -> None:
    """Stop everything, also what a killed supervisor left; the data stays."""
    settings = LocalSettings()
    if not settings.data.exists():
        console.print("Nothing is up.")
        return
    state = StackState.read(settings.data)
    was_up = is_locked(settings.data)
    if was_up and state is not None:
        with console.status("stopping"):
            end(state.supervisor, signal.SIGTERM, STOP_SECONDS)
    with lock(settings.data):
        left = end_leftovers(settings.data)
        postgres.clear_orphans(settings)
    console.print("Salur is down; its data stays." if was_up or left else "Nothing is up.")


@app.command()
def reset(yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False) -> None:
    """Empty the data of a stopped stack, after asking."""
    settings = LocalSettings()
    if is_locked(settings.data):
        raise AlreadyUpError("The stack is up; `make down` stops it, then its data can be emptied.")
    if not (yes or typer.confirm(f"Delete all data in {settings.data}?")):
        raise typer.Exit(1)
    with lock(settings.data):
        end_leftovers(settings.data)
        for path in (settings.data / name for name in DATA):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
    console.print(f"The data in {settings.data} is gone; the next `make up` starts anew.", soft_wrap=True)


@app.command()
def supervise() -> None:
    """Run everything in the foreground until Ctrl-C or SIGTERM."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    asyncio.run(_supervise(LocalSettings()))


async def _supervise(settings: LocalSettings) -> None:
    task = asyncio.current_task()
    stopped = asyncio.Event()
    starting = True

    def stop() -> None:
        stopped.set()
        if starting and task is not None:
            task.cancel()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, stop)
    stack = Stack(settings)
    try:
        await stack.start()
    except asyncio.CancelledError:  # asked to stop while starting: `start` has ended everything
        return
    starting = False
    await stopped.wait()
    await stack.stop()


def _start_supervisor(settings: LocalSettings) -> subprocess.Popen[bytes]:
    settings.logs_folder.mkdir(parents=True, exist_ok=True)
    with (settings.logs_folder / "supervisor.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "deploy.local", "supervise"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _already_up(settings: LocalSettings) -> None:
    state = follow(console, lambda: StackState.read(settings.data), lambda: is_locked(settings.data))
    if state is None or state.phase != "up":
        raise _failure(settings, state)
    console.print("[bold]Salur is up already.[/] `make down` stops it.")
    addresses(console, settings, state)


def _failure(settings: LocalSettings, state: StackState | None) -> LocalError:
    """Return why a start ended, from what the supervisor wrote down or else from its log."""
    log = settings.logs_folder / "supervisor.log"
    if state is None or state.problem is None:
        return LocalError(f"The supervisor ended. The end of {log}:\n{tail(log)}")
    return RecordedError(state.problem, state.exit_code)


def main() -> None:
    """Run the command; whatever keeps it from working is one sentence and an exit code."""
    try:
        app()
    except LocalError as error:
        complaints.print(str(error), style="red", markup=False, soft_wrap=True)
        sys.exit(error.exit_code)
    except ValidationError as error:
        for fault in error.errors():
            name = "_".join(str(part) for part in fault["loc"]).upper()
            complaints.print(f"SALUR_{name}: {fault['msg']}", style="red", markup=False, soft_wrap=True)
        sys.exit(WRONG_USE)


if __name__ == "__main__":
    main()
