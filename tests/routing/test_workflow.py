"""The one table is whole: nothing in it hangs in the air, and nothing that routing hears or says is beside it."""

from __future__ import annotations

from pathlib import Path

from schemas.registry import EVENTS
from schemas.words import Clock, State
from services.routing.app import SERVICE
from services.routing.deeds import DEEDS
from services.routing.diagram import page
from services.routing.happenings import CAUSES, HAPPENED
from services.routing.shape import Back
from services.routing.workflow import FIRST, HAPPENINGS, LEADS_TO, ROWS, START, STATES, TABLE


def test_every_row_has_a_deed_and_every_state_its_words() -> None:
    assert set(DEEDS) == set(ROWS)
    assert set(HAPPENED) == {row.outcome.says for row in HAPPENINGS}
    assert set(STATES) == set(State)


def test_every_event_of_a_case_is_said_by_the_table_and_leads_to_one_place() -> None:
    ways = [(outcome.says, outcome.leads_to) for row in TABLE for outcome in row.outcomes]
    ways += [(row.outcome.says, row.outcome.leads_to) for row in HAPPENINGS]
    assert all(LEADS_TO[says] is leads_to for says, leads_to in ways)
    assert {says.TYPE for says in LEADS_TO} | {START.says.TYPE} == {entry.type for entry in EVENTS.values() if entry.topic == "salur.routing"}


def test_every_state_that_a_case_can_reach_and_is_open_has_a_way_on() -> None:
    reached = {FIRST} | {state for state in LEADS_TO.values() if isinstance(state, State)}
    left = {state for row in TABLE for outcome in row.outcomes if outcome.leads_to is not Back.SAME for state in row.allowed_in}
    assert {state for state in reached if STATES[state].is_open} <= left


def test_no_clock_starts_that_nothing_ends_and_none_pauses_that_nothing_resumes() -> None:
    outcomes = [START, *(outcome for row in TABLE for outcome in row.outcomes), *(row.outcome for row in HAPPENINGS)]
    assert {clock for fact in outcomes for clock in fact.starts} == {clock for fact in outcomes for clock in fact.ends} == set(Clock)
    assert {clock for fact in outcomes for clock in fact.pauses} == {clock for fact in outcomes for clock in fact.resumes}


def test_routing_hears_what_the_registry_says_that_it_reads() -> None:
    read = {entry.type for entry in EVENTS.values() if "routing" in entry.readers}
    own = {topic: set(types) for topic, types in SERVICE.reads.items()}
    assert set(SERVICE.orders) | set().union(*own.values()) == read
    assert own == {topic: {type_ for type_ in read if EVENTS[type_].topic == topic} for topic in ("salur.intake", "salur.sla")} | {
        "salur.restricted": read - set(SERVICE.orders)
    }
    assert set(SERVICE.orders) == {order.TYPE for order in ROWS}
    assert set(SERVICE.reads["salur.restricted"]) == {cause.TYPE for cause in CAUSES} | {"salur.complaint.accepted.v1"}


def test_the_page_of_the_workflow_is_the_table() -> None:
    shipped = (Path(__file__).parents[2] / "docs" / "workflow.md").read_text(encoding="utf-8")
    assert shipped == page(), "write it anew: python -m services.routing.diagram > docs/workflow.md"
