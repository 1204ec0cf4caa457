"""Starts pulse with a producer that dawdles after its sums are with the broker, while a file is there: so long they are sent and not acknowledged."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from pathlib import Path

from chassis.kafka import Outgoing, Producer
from services.pulse import app
from services.pulse.topics import COUNTS

DAWDLES = "TEST_PULSE_DAWDLES"
SECONDS = 2.0


class Dawdling(Producer):
    """A producer as the service's, on a slow day."""

    async def publish(self, run: Iterable[Outgoing]) -> None:
        records = list(run)
        await super().publish(records)
        if any(record.topic == COUNTS and b"[[" in (record.value or b"") for record in records) and Path(os.environ[DAWDLES]).exists():
            await asyncio.sleep(SECONDS)


if __name__ == "__main__":
    app.Producer = Dawdling  # type: ignore[misc] # in this process, before anything runs
    app.main()
