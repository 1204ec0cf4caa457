"""Where a peer finds its work: names and addresses, from the environment."""

from __future__ import annotations

import os
from typing import Final

import asyncpg

NAME: Final = os.environ.get("BENCH_NAME", "bench")
IN: Final = os.environ.get("BENCH_IN", "bench-in")
OUT: Final = os.environ.get("BENCH_OUT", "bench-out")
KAFKA: Final = os.environ.get("SALUR_KAFKA_BOOTSTRAP", "127.0.0.1:9092")
FOLDER: Final = os.environ.get("BENCH_FOLDER", ".")
POSTGRES: Final = os.environ.get("SALUR_POSTGRES_URL", "")


async def database() -> asyncpg.Connection[asyncpg.Record]:
    """Return the peer's connection; its search path is the peer's own schema."""
    return await asyncpg.connect(POSTGRES, server_settings={"search_path": NAME, "jit": "off"})
