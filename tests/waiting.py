"""Waiting for what comes by itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any


async def until(true: Callable[[], Any], seconds: float = 30.0) -> Any:
    """Wait until something is so, and return it; `true` may be asynchronous."""
    end = time.monotonic() + seconds
    while True:
        value = true()
        if asyncio.iscoroutine(value):
            value = await value
        if value:
            return value
        assert time.monotonic() < end, "it did not happen in time"
        await asyncio.sleep(0.03)
