"""What an event adds to which count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import orjson
import pytest

from schemas.registry import EVENTS
from services.pulse.counting import STEP_S, TYPES, Tally, Unreadable, home
from tests.pulse import facts

AT = datetime(2026, 3, 3, 2, 7, 30, tzinfo=UTC)
STEP = int(datetime(2026, 3, 3, 2, 5, tzinfo=UTC).timestamp())
NOW = AT.timestamp() + 60


def tallied(*records, now: float = NOW) -> Tally:
    tally = Tally()
    for record in records:
        tally.add(orjson.loads(record.value), now)
    return tally


def test_what_pulse_counts_is_what_the_registry_says_that_it_reads():
    assert {(topic, name) for topic, names in TYPES.items() for name in names} == {
        (entry.topic, entry.type) for entry in EVENTS.values() if "pulse" in entry.readers
    }


def test_a_case_counts_under_its_topic_and_its_district_in_the_step_of_its_own_time():
    tally = tallied(
        facts.accepted(AT, "a.b", "35.22.05.2001"), facts.accepted(AT + timedelta(seconds=9), "a", "35.22.05"), facts.accepted(AT, "a", None)
    )
    assert tally.series == {("a", "35.22.05", STEP): 2, ("a", "", STEP): 1}
    (count,) = tally.publishers.values()
    assert (count.step, count.number, count.last) == (STEP, 3, int(AT.timestamp()) + 9)
    assert STEP % STEP_S == 0


def test_an_answer_counts_for_the_owner_and_for_whom_it_was_handed_down_to():
    tally = tallied(facts.followed_up(AT, "35.22", by="35.22/dinas"), facts.followed_up(AT, "35.22"), facts.breached(AT, "35.22"))
    assert {key: count.number for key, count in tally.agencies.items()} == {
        ("35.22", "followed", STEP): 2,
        ("35.22/dinas", "followed", STEP): 1,
        ("35.22", "breached", STEP): 1,
    }


def test_handing_a_case_on_is_an_arrival_there_and_a_deed_here():
    case = {"case_id": "0198", "tracking_id": "x"}
    moved = facts.said("salur.case.transferred.v1", AT, {**case, "owner": "b", "from": "a", "to": "b", "by": {"agency": "a", "role": "coordinator"}})
    closed = facts.said("salur.case.closed.v1", AT, {**case, "owner": "b", "by": "system"})
    assert {key[:2]: count.number for key, count in tallied(moved, closed).agencies.items()} == {("a", "acted"): 1, ("b", "arrived"): 1}


def test_receipts_of_actions_are_nobodys_submissions():
    action = facts.said("salur.receipt.v1", AT, {"outcome": "accepted", "received_source": "urn:x", "topic": "salur.actions"})
    tally = tallied(action, facts.receipt(AT, "urn:x"), facts.receipt(AT, "urn:x", "rejected"))
    assert {key[1]: count.number for key, count in tally.publishers.items()} == {"received": 1, "rejected": 1}


@pytest.mark.parametrize(
    "change",
    [
        {"time": "2026-03-03T02:07:30"},
        {"time": "later"},
        {"time": "2026-03-03T09:07:30Z"},
        {"time": "1999-12-31T00:00:00Z"},
        {"data": None},
        {"data": {"category": "a", "region": "35.22", "publisher": 7}},
        {"data": {"category": "", "region": "35.22", "publisher": "p"}},
        {"data": {"category": "a", "region": "35-22", "publisher": "p"}},
        {"data": {"category": "a", "publisher": "p"}},
    ],
)
def test_what_cannot_be_read_counts_nothing(change):
    tally = Tally()
    with pytest.raises(Unreadable):
        tally.add({**orjson.loads(facts.accepted(AT, "a", "35.22").value or b""), **change}, NOW)
    assert (tally.series, tally.agencies, tally.publishers) == ({}, {}, {})


@pytest.mark.parametrize(("region", "where"), [("35.22.05", "35.22"), ("35.22", "35.22"), ("35", "35"), ("", "")])
def test_a_district_lives_with_its_regency(region, where):
    assert home(region) == where
