"""How much of the clock's usual speed this machine bears: measured before the start, with whatever else runs on it now."""

from __future__ import annotations

import asyncio
import sys
from typing import Final

CORES: Final = 2
WORK: Final = "import time; began = time.perf_counter(); sum(n * n for n in range(2_000_000)); print(time.perf_counter() - began)"
WORK_SECONDS: Final = 0.18
"""What the work takes on each core of the machine for which the usual speed was found, while nothing else runs."""
NEEDED: Final = 0.6
"""A run at the usual speed takes half of two cores, and more while the week lasts."""
ROUNDS: Final = 3
"""The best counts: what holds one round up is over at once."""
LEAST: Final = 0.15
"""A clock that is slower still would keep people waiting for half an hour."""


async def share() -> float:
    """Return the share of the usual speed that leaves this machine as much time for each event, at most 1."""
    rounds = [await asyncio.gather(*(_work() for _ in range(CORES))) for _ in range(ROUNDS)]
    free = WORK_SECONDS / min(sum(took) / CORES for took in rounds)
    return max(LEAST, min(1.0, free / NEEDED))


async def _work() -> float:
    process = await asyncio.create_subprocess_exec(sys.executable, "-S", "-c", WORK, stdout=asyncio.subprocess.PIPE)
    told, _ = await process.communicate()
    return float(told)
