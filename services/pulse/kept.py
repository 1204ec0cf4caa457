"""What a partition keeps in Faust's table, and what it has to say: written down before it is said, so that it is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from chassis.kafka import Outgoing
from services.pulse.rows import Rows
from services.pulse.saying import Said, unpack

UNSAID: Final = "!/"


class Kept:
    """The rows of one partition. A row's key begins with its kind, what comes then says whose it is."""

    def __init__(self, partition: int, rows: Rows, now: Callable[[], datetime], news: timedelta) -> None:
        self.partition = partition
        self._rows = rows
        self._now = now
        self._news = news
        self._unsaid: dict[str, Outgoing] = {}

    def get(self, key: str) -> bytes | None:
        """Return a row, None when there is none."""
        value: bytes | None = self._rows.data.data.get(key.encode())
        return value

    def put(self, key: str, value: bytes | None) -> None:
        """Keep a row, or drop it."""
        self._rows.put(self.partition, key.encode(), value)

    def rows(self) -> Iterator[tuple[str, bytes]]:
        """Yield every row of the partition; what was not said yet is taken up."""
        for key, value in self._rows.of_partition(self.partition):
            if key.startswith(UNSAID):
                self._unsaid[key] = unpack(value)
            else:
                yield key, value

    def time(self, at_s: float) -> datetime:
        """Return an event time as it is said."""
        return datetime.fromtimestamp(at_s, UTC)

    def is_news(self, at_s: float) -> bool:
        """Tell whether what was found at an event time is still told."""
        return self._now() - self.time(at_s) <= self._news

    def say(self, said: Said) -> None:
        """Write something down that is to be said once the rows that it follows from are safe."""
        record = said.outgoing()
        key = f"{UNSAID}{self.partition}/{said.about}/{said.sequence}"
        self._unsaid[key] = record
        self.put(key, said.pack())

    def unsaid(self) -> list[Outgoing]:
        """Return the records that wait, in the order in which they were found."""
        return list(self._unsaid.values())

    def said(self) -> None:
        """Strike out what waited: it was acknowledged."""
        for key in self._unsaid:
            self.put(key, None)
        self._unsaid.clear()
