"""A case that is drawn keeps its two ids, whatever happens between its claim and its decision."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from chassis import parking
from chassis.decode import Decoder
from chassis.item import Item, Raw, Work
from schemas.base import Decision, Draw, Event
from tests.chassis import counting
from tests.chassis.conftest import Bench, order_event
from tests.chassis.counting import Add, Counted, Tally

ANY = UUID(int=0)


async def test_a_drawn_case_that_was_parked_is_redriven_under_the_ids_it_was_claimed_with(bench: Bench) -> None:
    drawn: list[Draw] = []

    def decide(state: Tally | None, event: Event[Any], at: datetime, reference: Any, draw: Draw) -> Decision[Tally]:
        drawn.append(draw)
        if not reference.exists():
            raise RuntimeError("told to fail")
        return Decision(Tally(1, (1,)), (Counted(case_id=draw.case_id, number=1, total=1),))

    carrier = await bench.carrier()
    carrier.service = replace(carrier.service, draws=frozenset({Add.TYPE}), decide=decide)
    carrier.decoder = Decoder(carrier.service)
    raw = Raw(counting.topics(bench.name)[1], 0, 7, 7, None, order_event(ANY, 1, "one"))
    item = carrier.decoder.inbound(raw, datetime.now(UTC))
    assert isinstance(item, Item)
    await carrier.carry(Work([item]))
    (row,) = await bench.query("SELECT id FROM kept WHERE state = 'parked'")
    (bench.folder / "mended").touch()
    done = await parking.redrive(carrier, row["id"])
    assert done is not None
    assert done["state"] == "redriven"
    assert drawn[0] == drawn[1]
    (held,) = await bench.query("SELECT case_id, tracking FROM inbox")
    (said,) = await bench.query("SELECT case_id, convert_from(substr(body, 17), 'UTF8') AS data FROM event")
    assert (held["case_id"], held["tracking"]) == (drawn[0].case_id, drawn[0].tracking_id)
    assert said["case_id"] == drawn[0].case_id
    assert json.loads(said["data"])["case_id"] == str(drawn[0].case_id)
    carrier.pool.terminate()
