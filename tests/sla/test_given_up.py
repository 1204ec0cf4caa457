"""A fact of routing that an operator gives up is waited for no longer, by the decision alone and by the running service."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from schemas.base import Event, GivenUp
from schemas.routing.case_routed_v1 import CaseRouted
from schemas.words import Clock
from services.sla.clocks import Tally
from tests.sla.conftest import CASE, TRACKING, Life, short, wib
from tests.sla.test_service import Sla, of, sla, words, world

MONDAY = wib("2025-06-16 09:00")
READABLE = {"said": True, "unreadable": False}

__all__ = ["sla", "world"]


def give_up(life: Life, type_: str = "salur.case.verified.v1", said: dict[str, Any] | None = None) -> None:
    """Let the next fact be given up instead of heard."""
    life.sequence += 1
    data = GivenUp(type=type_, said=said)
    life.hear(Event(f"fact-{life.sequence}", "urn:salur:routing", GivenUp.TYPE, MONDAY, data, str(CASE), TRACKING, life.sequence), MONDAY)


def test_what_comes_behind_a_fact_that_never_comes_is_decided_on(whole: Life) -> None:
    whole.routed(MONDAY)
    give_up(whole)
    assert (short(whole.said), whole.waited) == (["set verification", "set resolution"], False)
    assert short(whole.deferred(MONDAY)) == ["paused resolution", "set completion"]


def test_a_fact_is_given_up_in_its_turn_and_once(whole: Life) -> None:
    whole.routed(MONDAY)
    whole.sequence += 1
    give_up(whole)
    assert whole.waited, "the one before it may come"
    whole.sequence -= 2
    whole.verified(MONDAY)
    give_up(whole)
    assert not whole.waited
    whole.sequence -= 1
    give_up(whole)
    assert (whole.waited, whole.state is not None and whole.state.sequence) == (False, 3)


def test_a_first_fact_that_could_be_read_leaves_a_case_without_clocks_that_is_counted(whole: Life) -> None:
    said = {"case_id": str(CASE), "tracking_id": TRACKING, "state": "verification", "owner": "35.22", "by": "system", "level": "regency"}
    said |= {"triage": False, "rule": "r", "rules_version": "1", "because": [], "kind": "complaint", "category": "other", "region": None}
    said |= {"channel": "web", "accepted_at": MONDAY.isoformat(), "anonymous": False, "confidential": False, "publisher": "urn:test"}
    give_up(whole, CaseRouted.TYPE, said)
    assert (short(whole.said), whole.waited, whole.restricted) == ([], False, [False])
    assert whole.tallies == [Tally(CASE, 1, "35.22", "on_time", 1, 1, 0)]
    assert short(whole.verified(MONDAY)) == ["set follow_up"]


@pytest.mark.parametrize("type_", [CaseRouted.TYPE, None])
def test_a_first_fact_that_nobody_can_read_leaves_a_case_that_is_not_measured(whole: Life, type_: str) -> None:
    give_up(whole, type_)
    assert (whole.verified(MONDAY), whole.closed(MONDAY), whole.waited) == ([], [], False)
    assert all(whole.restricted), "it may be a whistle-blower's"
    assert whole.tallies == []


def test_what_is_no_fact_of_routing_changes_nothing(whole: Life) -> None:
    event = Event("x", "salur.routing", GivenUp.TYPE, MONDAY, GivenUp(type=None, said=None), str(CASE))
    assert (whole.hear(event, MONDAY), whole.state, whole.waited) == ([], None, False)
    whole.routed(MONDAY)
    before = whole.state
    assert (whole.hear(event, MONDAY), whole.state, whole.waited) == ([], before, False)


async def dealt_with(sla: Sla, case: UUID) -> None:
    """Wait until nothing is held or parked of a case."""
    query = "SELECT (SELECT count(*) FROM held WHERE case_id = $1) + (SELECT count(*) FROM kept WHERE case_id = $1 AND state = 'parked')"
    async with asyncio.timeout(10):
        while await sla.owner.fetchval(query, case):
            await asyncio.sleep(0.1)


async def test_a_case_goes_on_without_a_fact_that_could_not_be_read(sla: Sla) -> None:
    await sla.start()
    case = uuid4()
    at = await sla.route([case])
    await sla.say([case], "verified", at, owner=5)
    await sla.say([case], "deferred", at, state="waiting_reporter", question="?")
    first, second = await sla.parked(case, 2)
    assert await sla.post(f"/ops/v1/parked/{first}:discard") == {"id": first, "state": "discarded", "behind": second}
    assert (await sla.post(f"/ops/v1/parked/{second}:redrive"))["state"] == "redriven"
    (said,) = await sla.until([case], lambda said: bool(of(said, "completion")))
    assert words(of(said, "completion"))[0] == "set"
    await dealt_with(sla, case)
    kept = await sla.owner.fetchrow("SELECT state, reason, sealed IS NULL AS gone FROM kept WHERE id = $1", UUID(first))
    assert tuple(kept) == ("discarded", "undecodable", False)
    await sla.say([case], "resumed", at, state="verification", by="reporter")
    await sla.until([case], lambda said: "met" in words(of(said, "completion")))


async def test_what_waited_for_it_by_another_topic_goes_on_by_itself(sla: Sla) -> None:
    await sla.start()
    case = uuid4()
    at = await sla.route([case])
    await sla.until([case], lambda said: len(said) >= 2)
    kinds = {"kind": "whistleblowing", "category": "other", "was_kind": "complaint", "was_category": "other"}
    sla.sequences[case] += 1
    await sla.say([case], "reclassified", at, topic="salur.restricted", **kinds)
    async with asyncio.timeout(10):
        while not await sla.owner.fetchval("SELECT count(*) FROM held WHERE case_id = $1", case):
            await asyncio.sleep(0.1)
    sla.sequences[case] -= 2
    await sla.say([case], "verified", at, owner=5)
    (first,) = await sla.parked(case, 1)
    assert (await sla.post(f"/ops/v1/parked/{first}:discard"))["behind"] is None
    await sla.until([case], lambda said: "moved" in words(said), topic="salur.restricted")
    await dealt_with(sla, case)


async def test_one_in_the_middle_of_what_is_parked_is_given_up_in_its_turn(sla: Sla) -> None:
    await sla.start()
    case = uuid4()
    at = await sla.route([case])
    await sla.say([case], "verified", at, owner=5)
    await sla.say([case], "extended", at, days=3)
    await sla.say([case], "deferred", at, state="waiting_reporter", question="?")
    first, middle, last = await sla.parked(case, 3)
    assert (await sla.post(f"/ops/v1/parked/{middle}:discard"))["behind"] == first
    again = (await sla.parked(case, 3))[-1]
    assert (await sla.post(f"/ops/v1/parked/{again}:discard"))["state"] == "discarded", "it stands in the place of the one in the middle"
    assert (await sla.parked(case, 3))[:2] == [first, last]
    assert (await sla.post(f"/ops/v1/parked/{first}:discard"))["behind"] == last
    await sla.post(f"/ops/v1/parked/{last}:redrive")
    (said,) = await sla.until([case], lambda said: bool(of(said, "completion")))
    assert words(of(said, "resolution"))[:2] == ["set", "paused"], "nobody took more days"
    await dealt_with(sla, case)


@pytest.mark.parametrize("how", list(READABLE))
async def test_a_case_whose_first_fact_is_given_up_goes_on(sla: Sla, how: str) -> None:
    await sla.start()
    case = uuid4()
    at = sla.clock.now()
    await sla.route([case], at, **({"accepted_at": "9990-01-01T00:00:00Z"} if READABLE[how] else {"owner": 5}))
    await sla.say([case], "verified", at, state="verified")
    first, second = await sla.parked(case, 2)
    assert (await sla.post(f"/ops/v1/parked/{first}:discard"))["behind"] == second
    assert (await sla.post(f"/ops/v1/parked/{second}:redrive"))["state"] == "redriven"
    await dealt_with(sla, case)
    assert [*await sla.clocks(case)] == ([Clock.FOLLOW_UP] if READABLE[how] else [])
