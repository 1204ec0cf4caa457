"""Several versions of the counting service at once, carried in this process, and what is left of their work to look at."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import BeforeValidator, field_validator

from chassis.carry import Carrier
from chassis.item import Item, Raw, Work
from schemas.base import Data
from tests.chassis import counting
from tests.chassis.conftest import Bench, own_event


class Spelled(counting.Added):
    """A later version of `Added`, which can read numbers that are words."""

    number: Annotated[int, BeforeValidator(lambda given: 7 if given == "seven" else given)]


class Trapped(counting.Add):
    """A version of `Add` with a bug in its reading."""

    @field_validator("number")
    @classmethod
    def trap(cls, number: int) -> int:
        if number == 13:
            raise RuntimeError("told to fail")
        return number


class Narrow(counting.Add):
    """A version of `Add` that takes no number above 9."""

    @field_validator("number")
    @classmethod
    def small(cls, number: int) -> int:
        if number > 9:
            raise ValueError("too large")
        return number


class AddAgain(Data):
    """The second version of `Add`."""

    TYPE: ClassVar[str] = "salur.test.add.v2"
    case_id: UUID
    number: int


def decide(state: Any, event: Any, at: datetime, reference: Any) -> Any:
    data = event.data
    if isinstance(data, AddAgain):
        event = event._replace(data=counting.Add(case_id=data.case_id, number=data.number))
    return counting.decide(state, event, at, reference)


async def version(bench: Bench, *, added: type[Data] = counting.Added, orders: Sequence[type[Data]] = (counting.Add,)) -> Carrier:
    """Return a carrier of another version of the service."""
    carrier = await bench.carrier()
    service = counting.service(bench.name)
    reads = {topic: {counting.Added.TYPE: added} for topic in service.reads}
    service = replace(service, decide=decide, reads=reads, orders={model.TYPE: model for model in orders})
    return Carrier(
        service,
        pool=carrier.pool,
        clock=carrier.clock,
        seal=carrier.seal,
        metrics=carrier.metrics,
        reference=lambda: bench.folder / "mended",
        committed=lambda _draft: None,
    )


class Feed:
    """Hands records to a carrier as a consumer would, each at a place of its own."""

    def __init__(self, bench: Bench) -> None:
        self.own_topic, self.orders, _ = counting.topics(bench.name)
        self._next = 0

    def own(self, case: UUID, number: Any, id_: str | None = None, **more: Any) -> Raw:
        event = own_event(case, {"case_id": str(case), "number": number, **more})
        event["id"] = id_ or event["id"]
        return self._raw(self.own_topic, json.dumps(event).encode(), [("salur_subject", str(case).encode())])

    def order(self, value: bytes) -> Raw:
        return self._raw(self.orders, value, [])

    def _raw(self, topic: str, value: bytes, headers: Sequence[tuple[str, bytes]]) -> Raw:
        self._next += 1
        return Raw(topic, 0, self._next, self._next, None, value, headers)


async def carry(carrier: Carrier, *raws: Raw) -> None:
    work = Work()
    for number, raw in enumerate(raws):
        read = carrier.decoder(raw, datetime.now(UTC))  # type: ignore[arg-type] # a Raw is a record
        assert read is not None
        read.order = number
        (work.items if isinstance(read, Item) else work.unreadable).append(read)  # type: ignore[arg-type]
    await carrier.carry(work)


def newer(value: bytes) -> bytes:
    event = json.loads(value)
    return json.dumps({**event, "type": AddAgain.TYPE}).encode()


async def receipts(bench: Bench) -> list[tuple[str, str, str]]:
    told = [json.loads(value)["data"] for value in await bench.whole()]
    return [(data["received_id"], data["outcome"], data["code"]) for data in told]


async def seen(bench: Bench, case: UUID) -> list[int]:
    rows = await bench.query("SELECT seen FROM tally WHERE case_id = $1", case)
    return list(rows[0]["seen"]) if rows else []


async def kept(bench: Bench, state: str = "parked") -> list[Mapping[str, Any]]:
    return [dict(row) for row in await bench.query("SELECT * FROM kept WHERE state = $1 ORDER BY place", state)]


async def blocked(bench: Bench) -> int:
    return int((await bench.query("SELECT count(*) FROM head WHERE blocked_by IS NOT NULL"))[0][0])
