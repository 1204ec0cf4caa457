"""Faust's table, but that what changes goes to its changelog in one run a batch, acknowledged before anything else is."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import faust

from chassis.kafka import Outgoing


class Rows(faust.Table[bytes, bytes]):
    """Rows of bytes; `put` keeps one, `changes` are the records of the changelog that are still to be written.

    Faust itself would write the changelog record by record, not wait for its acknowledgement, and let a failed one pass.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._changed: dict[bytes, tuple[int, bytes | None]] = {}
        self._homes: dict[bytes, int] = {}

    def put(self, partition: int, key: bytes, value: bytes | None) -> None:
        """Keep a row in a partition, or drop it with None."""
        if value is None:
            self.data.data.pop(key, None)
            self._homes.pop(key, None)
        else:
            self.data.data[key] = value
            self._homes[key] = partition
        self._changed[key] = (partition, value)

    def changes(self) -> list[Outgoing]:
        """Return the records to write, and forget them; `hash` is the partition itself."""
        topic = self.changelog_topic_name
        run = [Outgoing(topic, key, partition, value, []) for key, (partition, value) in self._changed.items()]
        self._changed.clear()
        return run

    def of_partition(self, partition: int) -> Iterator[tuple[str, bytes]]:
        """Yield the rows of a partition."""
        for key, value in list(self.data.data.items()):
            if self._homes.get(key) == partition:
                yield key.decode(), value

    def keep_only(self, partitions: Collection[int]) -> None:
        """Forget the rows of other partitions: whoever has them now changes them, and they are read anew if they come back."""
        for key in [key for key, home in self._homes.items() if home not in partitions]:
            self.data.data.pop(key, None)
            del self._homes[key]

    def apply_changelog_batch(self, batch: Any) -> None:
        """Take up what the changelog tells when the table is rebuilt."""
        events = list(batch)
        super().apply_changelog_batch(events)
        self._homes.update({event.key: event.message.partition for event in events})
