"""What of a batch is kept aside, as rows: what is parked, refused or a copy, what waits for its case, and what of it is let go. No I/O."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID, uuid4

from chassis.item import Item, Origin, Raw, Unreadable
from chassis.seal import Seal

_FOR_EVER: Final = datetime(9999, 1, 1, tzinfo=UTC)


class Aside:
    """Collects the rows of `kept` and `held`; bytes are sealed. `again` tells by kept input what became of it: state and reason."""

    def __init__(self, seal: Seal, hold_until: datetime) -> None:
        self.kept: list[tuple[Any, ...]] = []
        self.again: dict[UUID, tuple[str, str]] = {}
        self.held: list[tuple[Any, ...]] = []
        self.unheld: list[int] = []
        self.released: list[tuple[str, str]] = []
        self._seal = seal
        self._hold_until = hold_until

    def keep(
        self,
        raw: Any,
        case_id: UUID | None,
        state: str,
        reason: str,
        origin: Origin,
        *,
        detail: str = "",
        bare: bool = False,
        claimed: bool = False,
        tracking: str | None = None,
    ) -> UUID | None:
        """Keep a record, `bare` without its bytes; returns its id, None for a request that is not parked: its caller has the answer."""
        if raw is None or (origin is Origin.HTTP and state != "parked"):
            return None
        kept_id = uuid4()
        sealed = None if bare else self._sealed(raw)
        place = (raw.topic, raw.partition, raw.offset, raw.timestamp)
        self.kept.append((kept_id, *place, case_id, tracking, state, reason, detail, sealed, claimed))
        return kept_id

    def tell(self, kept_id: UUID, state: str, reason: str) -> None:
        """Note what became of a kept input; one that was parked again in this batch stays so, whatever else was wanted with it."""
        if self.again.get(kept_id, ("", ""))[0] != "parked":
            self.again[kept_id] = (state, reason)

    def hold(self, item: Item) -> bool:
        """Keep an item until its case is ready for it; returns whether it is one that can be kept.

        One of our own waits for ever: its cause is on its way, and the age of what is held tells.
        """
        if item.raw is None:
            return False
        until = self._hold_until if item.origin is Origin.INBOUND else _FOR_EVER
        self.held.append((item.case_id, until, self._sealed(item.raw)))
        return True

    def unhold(self, unreadable: Unreadable) -> None:
        """End the waiting of what cannot be read any more: parked it blocks its case like any other, refused its id is free again."""
        if unreadable.held is None:
            return
        self.unheld.append(unreadable.held)
        if unreadable.answer.outcome == "rejected" and unreadable.source and unreadable.id:
            self.released.append((unreadable.source, unreadable.id))

    def settle(self, item: Item, state: str) -> None:
        """Note that an item was held or parked no longer than this."""
        if item.held is not None:
            self.unheld.append(item.held)
        if item.kept_id is not None:
            self.tell(item.kept_id, state, state)

    def release(self, item: Item) -> None:
        """Make the id of an item free to be used again."""
        self.released.append((item.event.source, item.event.id))

    def _sealed(self, raw: Any) -> bytes:
        whole = Raw(raw.topic, raw.partition, raw.offset, raw.timestamp, raw.key, raw.value, raw.headers)
        return self._seal.close(whole.pack(), b"record")
