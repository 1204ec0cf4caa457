"""Who takes part in B1: what each runs, in how many processes, and how many events it gets so that a run takes seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Contender:
    """One side of the comparison; `quick` and `full` are its events a run."""

    key: str
    title: str
    module: str
    processes: int
    quick: int
    full: int
    chassis: bool = False


BARE: Final = Contender("bare", "bare loop (the ceiling)", "bench.peers.bare", 1, 40_000, 80_000)
ONE: Final = Contender("ours", "ours, one process", "bench.hop", 1, 40_000, 80_000, chassis=True)
TWO: Final = Contender("ours2", "ours, two replicas", "bench.hop", 2, 40_000, 80_000, chassis=True)
FAUST: Final = Contender("faust", "the usual Faust agent", "bench.peers.faust_agent", 1, 900, 3_000)
FASTSTREAM: Final = Contender("faststream", "FastStream (aiokafka)", "bench.peers.faststream_app", 1, 900, 3_000)

ALL: Final = (BARE, ONE, TWO, FAUST, FASTSTREAM)
