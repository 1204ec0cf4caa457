"""Trying again: a growing wait with jitter, and an end to patience."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Final

from chassis.kafka import KafkaError, PublishError
from chassis.postgres import AwayError

log = logging.getLogger(__name__)

FIRST_SECONDS: Final = 0.05
LONGEST_SECONDS: Final = 2.0
AWAY: Final = (AwayError, PublishError, KafkaError, OSError, TimeoutError)


class PatienceError(Exception):
    """A store has been away for longer than the process may wait for it."""


def waits() -> Iterator[float]:
    """Yield waits in seconds that double up to two seconds, each with half of it random."""
    wait = FIRST_SECONDS
    while True:
        yield wait * (0.5 + random.random() / 2)  # noqa: S311 - jitter, not a secret
        wait = min(wait * 2, LONGEST_SECONDS)


async def patiently(act: Callable[[], Awaitable[None]], *, patience_seconds: float, what: str) -> None:
    """Do `act` until it ends without a store being away; patience begins anew whenever it had worked for a while.

    Raises PatienceError after `patience_seconds` without success.
    """
    failing_since: float | None = None
    pauses = waits()
    while True:
        started = time.monotonic()
        try:
            await act()
        except* AWAY as group:
            now = time.monotonic()
            if failing_since is None or now - started > LONGEST_SECONDS * 2:
                failing_since, pauses = now, waits()
            reason = type(group.exceptions[0]).__name__
            if now - failing_since > patience_seconds:
                raise PatienceError(f"{what}: a store has been away for {patience_seconds:g} seconds ({reason})") from None
            log.warning("store away, trying again", extra={"doing": what, "reason": reason})
        else:
            return
        await asyncio.sleep(next(pauses))
