"""Reference data as a compacted topic tells it: the latest value of each key, in memory, followed as it changes."""

from __future__ import annotations

from typing import Any

import orjson

from chassis.kafka import Follower


class Mirror:
    """Holds the latest data of each key of a compacted topic; `version` grows with every change."""

    def __init__(self, bootstrap: str, topic: str) -> None:
        self._follower = Follower(bootstrap, topic)
        self.values: dict[str, dict[str, Any]] = {}
        self.version = 0
        self._told: dict[str, str] = {}

    async def start(self) -> None:
        """Read the topic to its present end."""
        await self._follower.start()
        while not await self._follower.at_end():
            await self._read()

    async def run(self) -> None:
        """Follow the topic until cancelled."""
        while True:
            await self._read()

    async def stop(self) -> None:
        """Let go of the topic."""
        await self._follower.stop()

    async def _read(self) -> None:
        for record in await self._follower.poll():
            key = (record.key or b"").decode()
            if record.value is None:
                self.values.pop(key, None)
            else:
                event = orjson.loads(record.value)
                told = event.get("time", "")
                if told < self._told.get(key, ""):
                    continue  # a relay that woke after its successor said again what was true before
                self._told[key] = told
                self.values[key] = event["data"]
            self.version += 1
