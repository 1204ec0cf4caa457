"""A read model that only mirrors: no inbox and no heads, for it keeps by sequence what comes, and what comes twice changes nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from chassis.item import Service, Work
from chassis.postgres import Connection, Pool, transaction
from schemas.base import Data, Event

GATHER_MS: Final = 250
"""Nobody waits for a mirror, which says `as_of`: it may gather longer, and costs the less (docs/adr/0014)."""

Mirrored = Callable[[Connection, Sequence[Event[Any]]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class View:
    """What a service mirrors: topics with the types it shows, and the one statement that keeps a batch of them."""

    name: str
    reads: Mapping[str, Mapping[str, type[Data]]]
    keep: Mirrored

    def service(self) -> Service[Any]:
        """Return what the decoder must know of it."""
        return Service(self.name, decide=_nothing, load="", state=_nothing, writes={}, tracking=str, reads=self.reads)

    async def carry(self, pool: Pool, work: Work) -> None:
        """Keep one batch; raises AwayError. What cannot be read is passed over: the services that decide park it."""
        if work.items:
            async with transaction(pool) as connection:
                await self.keep(connection, [item.event for item in work.items])


def _nothing(*_given: Any) -> Any:
    """Decide nothing."""
