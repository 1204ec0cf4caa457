"""Reference data as a compacted topic tells it: the latest value of each key, in memory, followed as it changes."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import orjson

from chassis.kafka import Follower, Record
from schemas.base import Data

log = logging.getLogger(__name__)


class Mirror:
    """Holds the latest data of each key of a compacted topic; `version` grows with every change.

    Where `models` are given, by type, only events of these types count, and only what their model reads. What cannot be read is
    skipped and logged by its place: it changes nothing, and a topic that is kept for ever would show it again at every start.
    """

    def __init__(self, bootstrap: str, topic: str, models: Mapping[str, type[Data]] | None = None) -> None:
        self._follower = Follower(bootstrap, topic)
        self._models = models
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
            try:
                self._take(record)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                where = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
                log.warning("a record that cannot be read was skipped", extra={**where, "reason": type(error).__name__})

    def _take(self, record: Record) -> None:
        key = (record.key or b"").decode()
        if record.value is None:
            self.values.pop(key, None)
            self.version += 1
            return
        event = orjson.loads(record.value)
        told, data = event.get("time", ""), event["data"]
        if self._models is not None:
            if event["type"] not in self._models:
                return
            self._models[event["type"]].model_validate(data)
        if told < self._told.get(key, ""):
            return  # a relay that woke after its successor said again what was true before
        self._told[key] = told
        self.values[key] = data
        self.version += 1
