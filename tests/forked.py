"""Processes that start at once: forked off one that has loaded what they share and run none of it. Loading costs each a second of CPU."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import pkgutil
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import cli

ROOT = Path(__file__).parents[1]
_FORKS = multiprocessing.get_context("forkserver")
_SERVICES = [f"services.{name}.app" for name in ("intake", "routing", "sla", "notify")]
_FORKS.set_forkserver_preload([*_SERVICES, *(f"cli.{module.name}" for module in pkgutil.iter_modules(cli.__path__))])


class Forked:
    """A process as `asyncio.create_subprocess_exec` returns it: alone with its environment, killed by real signals."""

    def __init__(
        self,
        run: Callable[[], object],
        *arguments: str,
        environment: Mapping[str, str],
        out: Path | str,
        err: Path | str | None = None,
        given: Path | str = os.devnull,
    ) -> None:
        """Start `run`, a function that can be named from outside, as the main program; what it says is appended to the files."""
        files = (str(given), str(out), str(err or out))
        self._process = _FORKS.Process(target=_become, args=(run, arguments, dict(environment), files), daemon=True)
        self._process.start()

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def send_signal(self, number: signal.Signals) -> None:
        if self.returncode is None and self._process.pid is not None:
            os.kill(self._process.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    async def wait(self) -> int:
        while (code := self.returncode) is None:
            await asyncio.sleep(0.01)
        return code


def _become(run: Callable[[], object], arguments: Sequence[str], environment: Mapping[str, str], files: Sequence[str]) -> None:
    """Put on what an own program would have been started with, and run."""
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    for number, file in enumerate(files):
        flags = os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_APPEND | os.O_CREAT
        opened = os.open(file, flags, 0o644)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - the program's own, until it ends
    sys.argv = list(arguments)
    run()
