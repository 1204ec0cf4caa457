"""The hop with a sampler in it: each few milliseconds of CPU time it notes the stack, and asyncpg tells each query's wall time.

Samples are taken while the process burns CPU only, so their shares times its CPU seconds are what each stage costs.
"""

from __future__ import annotations

import json
import os
import signal
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, Final

from bench import hop
from chassis import run
from chassis.postgres import Pool
from chassis.wiring import Extras, Parts

INTERVAL_SECONDS: Final = 0.004
"""The kernel counts a process's CPU in ticks of this length; finer is not to be had."""
QUERIES: Final = {
    "BEGIN": "begin",
    "COMMIT": "commit",
    "\nWITH own AS": "claim and lock",
    "\nSELECT h.case_id AS head_id": "load",
    "WITH part0": "save",
    "\nWITH gone AS": "relay: read next, delete last",
    "\nSELECT e.case_id, e.sequence": "relay: read back",
}

Place = tuple[str, str]


@dataclass(slots=True)
class Samples:
    """What was seen: whole stacks, leaf first, and queries with their number and seconds."""

    stacks: Counter[tuple[Place, ...]] = field(default_factory=Counter)
    queries: dict[str, list[float]] = field(default_factory=dict)

    def sample(self, _number: int, frame: FrameType | None) -> None:
        """Note the stack that a signal interrupted."""
        stack = []
        while frame is not None:
            code = frame.f_code
            stack.append(("/".join(code.co_filename.rsplit("/", 2)[-2:]), code.co_name))
            frame = frame.f_back
        self.stacks[tuple(stack)] += 1

    def query(self, record: Any) -> None:
        """Note one query."""
        name = next((name for start, name in QUERIES.items() if record.query.startswith(start)), " ".join(record.query.split()[:4]))
        self.queries.setdefault(name, []).append(record.elapsed)

    def reset(self, *_: object) -> None:
        """Forget everything so far: the harness says when the measuring begins."""
        self.stacks.clear()
        self.queries.clear()

    def write(self, file: Path) -> None:
        """Write everything down."""
        stacks = [[count, stack] for stack, count in self.stacks.items()]
        file.write_text(json.dumps({"stacks": stacks, "queries": self.queries}))


async def _listen(pool: Pool, samples: Samples) -> None:
    """Have every connection of the pool tell its queries; the chassis gives connections back without resetting them."""
    connections = [await pool.acquire() for _ in range(pool.get_max_size())]
    for connection in connections:
        connection.add_query_logger(samples.query)
    for connection in connections:
        await pool.release(connection)


def main(environment: Mapping[str, str] = os.environ) -> None:
    """Run the hop; BENCH_SAMPLES names the file for what was seen."""
    samples = Samples()

    async def wire(parts: Parts) -> Extras:
        await _listen(parts.pool, samples)
        return Extras()

    signal.signal(signal.SIGPROF, samples.sample)
    signal.signal(signal.SIGUSR1, samples.reset)
    signal.setitimer(signal.ITIMER_PROF, INTERVAL_SECONDS, INTERVAL_SECONDS)
    try:
        run.main(hop.service(environment["BENCH_NAME"], environment["BENCH_IN"]), hop.HopSettings, "bench_port", wire)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        samples.write(Path(environment["BENCH_SAMPLES"]))


if __name__ == "__main__":
    main()
