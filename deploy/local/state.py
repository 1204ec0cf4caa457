"""What the supervisor writes down while it runs: `state.json` in the data folder, always whole."""

import fcntl
import os
import signal
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self, TextIO

import orjson

from deploy.local.errors import AlreadyUpError
from deploy.local.process import Identity, birth, end

STATE_FILE = "state.json"
LOCK_FILE = "supervisor.lock"
LEFTOVER_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class ProcessState:
    """One process: the fields of `salur status`, and what the next start needs to end it if need be."""

    name: str
    replica: int
    pid: int | None
    address: str
    ready: bool
    log: str | None
    born: int | None = None
    stop_signal: int = signal.SIGTERM
    restarts: int = 0
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class StackState:
    """The whole stack: `phase` is starting, up, stopping, stopped or failed; `doing` says what is waited for."""

    phase: str
    doing: str
    supervisor: Identity
    processes: tuple[ProcessState, ...]
    problem: str | None = None
    exit_code: int = 0

    def write(self, data: Path) -> None:
        """Replace the state file at once, so that readers see the old one or the new one."""
        fresh = data / f"{STATE_FILE}.new"
        fresh.write_bytes(orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2))
        fresh.replace(data / STATE_FILE)

    @classmethod
    def read(cls, data: Path) -> Self | None:
        """Return what was written last; None when nothing was."""
        try:
            fields: dict[str, Any] = orjson.loads((data / STATE_FILE).read_bytes())
        except FileNotFoundError:
            return None
        fields["supervisor"] = Identity(**fields["supervisor"])
        fields["processes"] = tuple(ProcessState(**process) for process in fields["processes"])
        return cls(**fields)


def own_identity() -> Identity:
    """Return this process."""
    pid = os.getpid()
    return Identity(pid, birth(pid) or 0)


def lock(data: Path) -> TextIO:
    """Return the lock on a data folder; the kernel lets go of it when this process dies.

    Raises:
        AlreadyUpError: another supervisor has it.
    """
    data.mkdir(parents=True, exist_ok=True)
    file = (data / LOCK_FILE).open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.close()
        raise AlreadyUpError(f"A stack is up already on the data folder {data}.") from error
    return file


def is_locked(data: Path) -> bool:
    """Return whether a supervisor owns the data folder now."""
    if not (data / LOCK_FILE).exists():
        return False
    try:
        lock(data).close()
    except AlreadyUpError:
        return True
    return False


def end_leftovers(data: Path) -> list[str]:
    """End the processes that a killed supervisor left, newest part first, and return their names; the lock is held."""
    state = StackState.read(data)
    ended: list[str] = []
    for process in reversed(() if state is None else state.processes):
        if process.pid is not None and process.born is not None:
            identity = Identity(process.pid, process.born)
            if identity.alive:
                end(identity, signal.Signals(process.stop_signal), LEFTOVER_SECONDS)
                ended.append(process.name)
    return ended
