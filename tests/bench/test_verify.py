"""A benchmark's figure counts only when its run was whole: each kind of damage is found."""

from __future__ import annotations

from dataclasses import dataclass, replace

import orjson
import pytest

from bench.contenders import BARE, ONE
from bench.events import Reported, Sent, make
from bench.meters import Cpu
from bench.report import Spread, ratios
from bench.run import Result
from bench.verify import topic_faults


@dataclass(frozen=True)
class Said:
    key: bytes
    value: bytes

    def changed(self, **data) -> Said:
        event = orjson.loads(self.value)
        return replace(self, value=orjson.dumps({**event, "data": {**event["data"], **data}}))


@pytest.fixture(scope="module")
def sent() -> list[Sent]:
    return make(400)


@pytest.fixture
def said(sent: list[Sent]) -> list[Said]:
    totals: dict[str, int] = {}
    records = []
    for event in sent:
        totals[event.case_id] = totals.get(event.case_id, 0) + event.weight
        document = orjson.loads(event.value)
        data = {**document["data"], "total": totals[event.case_id]}
        value = orjson.dumps({"id": f"{event.id}:noted", "causationid": event.id, "data": data})
        records.append(Said(event.case_id.encode(), value))
    return records


def faults(sent, said) -> list[str]:
    return list(topic_faults(sent, said, decided=True))


def repeated(sent: list[Sent]) -> int:
    return next(number for number, event in enumerate(sent) if event.serial > 1)


def test_a_whole_run_has_no_faults(sent, said):
    assert faults(sent, said) == []


def test_a_lost_event_is_found(sent, said):
    assert "events were lost, or said without a cause" in faults(sent, said[:-1])


def test_a_doubled_event_is_found(sent, said):
    assert "an event was said twice" in faults(sent, [*said, said[-1]])


def test_a_case_out_of_order_is_found(sent, said):
    later = repeated(sent)
    first = next(number for number, event in enumerate(sent) if event.case_id == sent[later].case_id)
    said[first], said[later] = said[later], said[first]
    assert any("out of order" in fault for fault in faults(sent, said))


def test_a_decision_on_a_stale_state_is_found(sent, said):
    later = repeated(sent)
    said[later] = said[later].changed(total=sent[later].weight)
    assert any("stale state" in fault for fault in faults(sent, said))


def test_a_changed_text_is_found(sent, said):
    said[7] = said[7].changed(text="something else")
    assert any("is not what its cause was" in fault for fault in faults(sent, said))


def test_the_workload_is_the_same_for_a_seed_and_valid(sent):
    assert [event.value for event in make(50)] == [event.value for event in sent[:50]]
    report = Reported.model_validate(orjson.loads(sent[0].value)["data"])
    assert len(type(report).model_fields) == 21
    assert 1_000 < len(sent[0].value) < 1_300


def test_a_void_figure_enters_no_ratio():
    def result(key: str, number: int, rate: float, *found: str) -> Result:
        return Result(key, number, 1, 1.0, rate, Cpu(0, 0, 0), list(found))

    results = [result(BARE.key, 1, 100), result(ONE.key, 1, 50), result(BARE.key, 2, 100), result(ONE.key, 2, 900, "a loss")]
    assert ratios(results, ONE.key, BARE.key) == [0.5]
    assert Spread.of([]) is None
