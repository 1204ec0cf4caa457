"""Operating-system processes: started with a log file, known by pid and birth, ended for certain."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

CHILD = Path(__file__).with_name("child.py")
LOG_LIMIT_BYTES = 20_000_000
POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class User:
    """The system user a program runs as."""

    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Command:
    """A program to run: `stop_signal` ends it gracefully, also when the supervisor dies."""

    arguments: tuple[str, ...]
    log: Path
    environment: Mapping[str, str] = field(repr=False)
    folder: Path = field(default_factory=Path.cwd)
    stop_signal: signal.Signals = signal.SIGTERM
    user: User | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """A process over all time: pids are used again, births (clock ticks since boot) are not."""

    pid: int
    born: int

    @property
    def alive(self) -> bool:
        """Return whether exactly this process still runs; a zombie does not."""
        return birth(self.pid) == self.born


def birth(pid: int) -> int | None:
    """Return when the process started, in clock ticks since boot; None when it is gone or a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return None
    fields = stat.rpartition(b") ")[2].split()  # the name before may hold spaces and parentheses
    return None if fields[0] in b"ZX" else int(fields[19])


def processes_in(folder: Path, name: str) -> list[Identity]:
    """Return the processes of this name whose working directory is the folder."""
    found: list[Identity] = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "comm").read_text().strip() == name and (entry / "cwd").readlink() == folder:
                found.append(Identity(int(entry.name), birth(int(entry.name)) or 0))
        except OSError:  # gone meanwhile, or another user's
            continue
    return [identity for identity in found if identity.alive]


def spawn(command: Command) -> subprocess.Popen[bytes]:
    """Start the program in a session of its own, its output appended to its log; it dies with the calling thread."""
    command.log.parent.mkdir(parents=True, exist_ok=True)
    _rotate(command.log)
    user = command.user or User(-1, -1)
    numbers = (int(command.stop_signal), os.getpid(), user.uid, user.gid)
    launcher = [sys.executable, "-I", "-S", str(CHILD), *map(str, numbers)]
    with command.log.open("ab") as log:
        return subprocess.Popen(
            [*launcher, *command.arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=dict(command.environment),
            cwd=command.folder,
            start_new_session=True,
        )


def end(identity: Identity, stop_signal: signal.Signals, seconds: float) -> None:
    """End a process that is not our child: gracefully for `seconds`, then by force with its group."""
    if not identity.alive:
        return
    _send(identity.pid, stop_signal)
    if not _gone(identity, seconds):
        kill_group(identity.pid)
        _gone(identity, 5)


def kill_group(pid: int) -> None:
    """Kill the process and what it started in its session."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def tail(log: Path, lines: int = 5) -> str:
    """Return the last lines of a log, for an error sentence."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 8_192))
            text = file.read().decode(errors="replace")
    except OSError:
        return ""
    return "\n".join(text.strip().splitlines()[-lines:])


def _send(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _gone(identity: Identity, seconds: float) -> bool:
    limit = time.monotonic() + seconds
    while identity.alive:
        if time.monotonic() >= limit:
            return False
        time.sleep(POLL_SECONDS)
    return True


def _rotate(log: Path) -> None:
    if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES:
        log.replace(log.with_suffix(".log.1"))
