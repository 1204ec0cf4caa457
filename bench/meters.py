"""CPU seconds by whose they are, and how fast this disk is, from the kernel's own figures."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_TICKS: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Cpu:
    """CPU seconds spent by clients, broker and database."""

    client: float
    broker: float
    postgres: float

    def since(self, before: Cpu) -> Cpu:
        """Return what was spent since an earlier reading."""
        return Cpu(self.client - before.client, self.broker - before.broker, self.postgres - before.postgres)

    def per_thousand(self, events: int) -> Cpu:
        """Return the same per 1,000 events."""
        return Cpu(*(round(seconds * 1000 / events, 4) for seconds in (self.client, self.broker, self.postgres)))


class Meters:
    """Reads CPU seconds of the stores, whose process ids it knows, and of a run's clients."""

    def __init__(self, kafka: int, postgres: int) -> None:
        self._kafka = kafka
        self._postgres = postgres

    def read(self, clients: Iterable[int]) -> Cpu:
        """Return all CPU seconds spent so far; database backends that have ended are in their server's figure."""
        backends = [pid for pid in _pids() if _parent(pid) == self._postgres]
        postgres = _seconds(self._postgres, ended=True) + sum(_seconds(pid) for pid in backends)
        return Cpu(sum(_seconds(pid, ended=True) for pid in clients), _seconds(self._kafka), postgres)


def _pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _fields(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _parent(pid: int) -> int:
    fields = _fields(pid)
    return int(fields[1]) if fields else 0


def _seconds(pid: int, *, ended: bool = False) -> float:
    fields = _fields(pid)
    return sum(map(int, fields[11 : 15 if ended else 13])) / _TICKS


def sync_microseconds(folder: Path, times: int = 100) -> float:
    """Return the median µs of writing 8 KiB to this disk and having it there: what each transaction waits for at least."""
    file = folder / "sync-probe"
    taken = []
    with file.open("wb", buffering=0) as out:
        for _ in range(times):
            out.write(bytes(8192))
            start = time.perf_counter()
            os.fdatasync(out.fileno())
            taken.append(time.perf_counter() - start)
    file.unlink()
    return round(statistics.median(taken) * 1e6)
