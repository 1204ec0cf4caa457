"""What sla reads and says is what the registry declares, and each thing it reads it can judge."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

import schemas
from schemas import topics
from schemas.base import Data, Event
from schemas.registry import EVENTS
from services.sla.app import SERVICE
from services.sla.clocks import Arm, Disarm, Tally
from services.sla.domain import decide
from services.sla.store import WRITES
from tests.sla.conftest import Life, shipped, wib

EXAMPLES = Path(schemas.__file__).parent / "examples"
READ = {entry.type: entry.model for entry in EVENTS.values() if "sla" in entry.readers and entry.topic != topics.REFERENCE}


def test_it_reads_what_names_it_as_a_reader_and_nothing_else_also_of_whistle_blowers() -> None:
    assert {entry.topic for entry in EVENTS.values() if entry.type in READ} == {topics.ROUTING}
    assert SERVICE.reads == {topics.ROUTING: READ, topics.RESTRICTED: READ}


@pytest.mark.parametrize("type_", sorted(READ))
def test_every_example_of_what_it_reads_is_judged(type_: str) -> None:
    life = Life(shipped())
    life.routed(wib("2025-03-27 10:15"))
    for example in (EXAMPLES / type_).glob("*.json"):
        told = orjson.loads(example.read_bytes())
        data: Data = READ[type_].model_validate(told["data"])
        event: Event[Any] = Event(told["id"], told["source"], type_, wib("2025-03-28 10:15"), data, sequence=2)
        decision = decide(life.state, event, event.time, shipped())
        assert (decision.wait, decision.state is not None and decision.state.sequence) == (False, 2)
        assert all("sla" in EVENTS[said.TYPE].speakers for said in decision.events)
        assert {type(effect) for effect in decision.effects} <= {Arm, Disarm, Tally} <= set(WRITES)
