"""The one table says what the contract says."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.routing.case_verified_v1 import CaseVerified
from schemas.words import Clock, Role, State
from services.routing.deeds import DEEDS
from services.routing.diagram import page
from services.routing.workflow import ROWS, STATES, TABLE, Standing, allowed, outcome

CONTRACT = {
    # action: (allowed in, roles of the owner, what it says and leads to)
    "verify": ("verification", "coordinator liaison", {("case.verified", "verified")}),
    "transfer": (
        "verification verified followed_up replied",
        "coordinator liaison",
        {("case.transferred", "verification"), ("case.transfer_requested", "transfer_requested")},
    ),
    "decide_transfer": ("transfer_requested", "", {("case.transferred", "verification")}),
    "follow_up": ("verified followed_up replied", "coordinator liaison technical_officer", {("case.followed_up", "followed_up")}),
    "close": ("followed_up", "coordinator liaison", {("case.closed", "closed")}),
}


def test_the_table_holds_the_actions_of_the_contract() -> None:
    assert {
        row.action: (
            set(row.allowed_in),
            {role for who in row.who if who.standing is Standing.OWNER for role in who.roles},
            {(fact.says.TYPE.removeprefix("salur.").removesuffix(".v1"), str(fact.leads_to)) for fact in row.outcomes},
        )
        for row in TABLE
    } == {action: (set(states.split()), set(roles.split()), says) for action, (states, roles, says) in CONTRACT.items()}


def test_every_row_has_a_deed_and_every_state_its_words() -> None:
    assert set(DEEDS) == set(ROWS)
    assert set(STATES) == set(State)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("role", Role)
def test_only_the_coordinator_above_decides_a_transfer(state: State, role: Role) -> None:
    expected = ("decide_transfer",) if (state, role) == (State.TRANSFER_REQUESTED, Role.COORDINATOR) else ()
    assert allowed(state, {Standing.DECIDER}, role, answered=True) == expected


@pytest.mark.parametrize("state", [state for state, words in STATES.items() if not words.is_open])
def test_nobody_can_do_anything_to_a_case_that_is_over(state: State) -> None:
    for role in (*Role, None):
        assert allowed(state, set(Standing), role, answered=True) == ()


def test_a_case_is_closed_only_after_a_final_answer_and_by_those_who_may() -> None:
    who = [({Standing.OWNER}, Role.LIAISON), ({Standing.REPORTER}, Role.REPORTER), ({Standing.CLOCK}, None)]
    assert all("close" in allowed(State.FOLLOWED_UP, standing, role, answered=True) for standing, role in who)
    assert not any("close" in allowed(State.FOLLOWED_UP, standing, role, answered=False) for standing, role in who)
    assert "close" not in allowed(State.FOLLOWED_UP, {Standing.OWNER}, Role.TECHNICAL_OFFICER, answered=True)


def test_every_state_that_a_case_can_reach_and_is_open_has_a_way_on() -> None:
    reached = {State.VERIFICATION} | {fact.leads_to for row in TABLE for fact in row.outcomes}
    left = {state for row in TABLE for state in row.allowed_in}
    assert {state for state in reached if STATES[state].is_open} <= left


def test_no_clock_starts_that_nothing_ends() -> None:
    started = {clock for row in TABLE for fact in row.outcomes for clock in fact.starts} | {Clock.VERIFICATION}
    assert started == {clock for row in TABLE for fact in row.outcomes for clock in fact.ends}


def test_an_action_says_only_what_its_row_knows() -> None:
    with pytest.raises(KeyError):
        outcome(TABLE[-1], CaseVerified)


def test_the_page_of_the_workflow_is_the_table() -> None:
    shipped = (Path(__file__).parents[2] / "docs" / "workflow.md").read_text(encoding="utf-8")
    assert shipped == page(), "write it anew: python -m services.routing.diagram > docs/workflow.md"
