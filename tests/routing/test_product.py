"""Every action in every state by everybody, held against the contract's table as it is written there; and every happening in every state."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from schemas.base import Decision
from schemas.common import Actor
from schemas.inbound.action import ActingPerson
from schemas.registry import EVENTS
from schemas.words import Role, State
from services.routing.case import Case
from services.routing.rights import allowed_to

OWNER, ABOVE, STRANGER = "35.22", "35", "32.73"
OPEN = "verification waiting_reporter transfer_requested verified followed_up replied"
SOON, LATE = timedelta(days=1), timedelta(days=60)
"""How long after a case began it is touched here: within ten working days of its end, and not."""

# action | allowed in | roles of the owner | who else | says | leads to
CONTRACT = f"""
verify          | verification                               | coordinator liaison                   |               | verified     | verified
defer           | verification verified                      | coordinator liaison                   |               | deferred     | waiting_reporter
resume          | waiting_reporter                           | coordinator liaison                   |               | resumed      | before
transfer        | verification verified followed_up replied  | coordinator liaison                   |               | transferred  | verification
decide_transfer | transfer_requested                         |                                       | above         | transferred  | verification
hand_down       | verified followed_up replied               | coordinator liaison                   |               | handed_down  | same
follow_up       | verified followed_up replied               | coordinator liaison technical_officer |               | followed_up  | followed_up
extend          | verified replied                           | coordinator                           |               | extended     | same
reclassify      | {OPEN}                                     | coordinator                           |               | reclassified | same
refer           | verification verified                      | coordinator                           |               | referred     | referred
archive         | verification waiting_reporter              | coordinator                           |               | archived     | archived
close           | followed_up                                | coordinator liaison                   | reporter      | closed       | closed
reopen          | closed archived                            | coordinator                           | reporter soon | reopened     | verified
acknowledge     | {OPEN}                                     | coordinator liaison technical_officer |               | acknowledged | same
"""
ROWS = {cells[0]: cells[1:] for line in CONTRACT.strip().splitlines() if (cells := [cell.strip() for cell in line.split("|")])}
FIELDS: dict[str, dict[str, Any]] = {
    "defer": {"question": "di mana?"},
    "transfer": {"to": "35.73", "reason": "x"},
    "decide_transfer": {"to": "35.73", "reason": "x"},
    "hand_down": {"to": "35.22/dinas-sosial"},
    "follow_up": {"text": "x", "final": True},
    "extend": {"days": 5, "reason": "x"},
    "reclassify": {"category": "other", "reason": "x"},
    "refer": {"to": "Ombudsman", "reason": "x"},
    "archive": {"reason": "unclear"},
    "reopen": {"reason": "x"},
}
ACTORS = [
    *((OWNER, role) for role in ("coordinator", "liaison", "technical_officer")),
    *((ABOVE, role) for role in ("coordinator", "liaison", "technical_officer")),
    (STRANGER, "coordinator"),
    (None, "reporter"),
]
WAYS: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "verification": [],
    "waiting_reporter": [("defer", FIELDS["defer"])],
    "waiting_reporter once verified": [("verify", {}), ("defer", FIELDS["defer"])],
    "transfer_requested": [("transfer", {"to": None, "reason": "x"})],
    "verified": [("verify", {})],
    "followed_up finally": [("verify", {}), ("follow_up", FIELDS["follow_up"])],
    "followed_up for now": [("verify", {}), ("follow_up", {"text": "x", "final": False})],
    "replied": [("verify", {}), ("follow_up", FIELDS["follow_up"]), ("supplement", {})],
    "closed": [("verify", {}), ("follow_up", FIELDS["follow_up"]), ("close", {})],
    "archived": [("archive", FIELDS["archive"])],
    "referred": [("refer", FIELDS["refer"])],
    "withdrawn": [("withdrawal", {})],
    "merged": [],
    "blocked": [],
}


def order(world: Any, action: str, agency: str | None, role: str = "coordinator", at: datetime | None = None, **fields: Any) -> Any:
    return world.order(EVENTS[f"salur.case.{action}.v1"].model, agency, role, given_at=at, **fields)


@pytest.fixture(scope="module")
def cases(world: Any) -> dict[str, Case]:
    """One case in each state, brought there by actions and facts (what no action leads to yet: set)."""
    made = {}
    for name, way in WAYS.items():
        events = [getattr(world, said)() if said in {"supplement", "withdrawal"} else order(world, said, OWNER, **more) for said, more in way]
        case = world.case(*events, addressed_to=OWNER)
        made[name] = case._replace(state=State(name), ended_at=case.hops[0].since) if name in {"merged", "blocked"} else case
        assert made[name].state == name.split()[0]
    return made


def expected(name: str, action: str, agency: str | None, role: str, *, late: bool) -> str:
    """Say what the contract's table answers: the role first, then the state."""
    allowed_in, roles, others, _, _ = ROWS[action]
    mine = agency == OWNER and role in roles.split()
    above = "above" in others and (agency, role) == (ABOVE, "coordinator")
    reporter = role == "reporter" and "reporter" in others
    if not (mine or above or reporter):
        return "forbidden_role"
    unanswered = action == "close" and name != "followed_up finally"
    over = reporter and "soon" in others and late
    return "illegal_action" if name.split(maxsplit=1)[0] not in allowed_in.split() or unanswered or over else "ok"


@pytest.mark.parametrize("name", WAYS)
@pytest.mark.parametrize("action", ROWS)
def test_the_table_decides(world: Any, cases: dict[str, Case], name: str, action: str) -> None:
    case, fields = cases[name], FIELDS.get(action, {})
    _, _, _, says, leads_to = ROWS[action]
    before = "verified" if name.endswith("verified") else "verification"
    state = {"same": case.state, "before": before}.get(leads_to, leads_to)
    for agency, role in ACTORS:
        for late in (False, True):
            at = case.hops[0].since + (LATE if late else SOON)
            event = order(world, action, agency, role, at, **fields)
            decision = world.decide(case, event)
            code = expected(name, action, agency, role, late=late)
            assert decision.answer.code == code, (agency, role, late)
            assert (action in allowed_to(case, ActingPerson(agency=agency, role=Role(role)), at, world.reference)) == (code == "ok")
            stale = world.decide(case, order(world, action, agency, role, at, expected_version=case.version + 1, **fields))
            assert stale.answer.code == ("stale_version" if code == "ok" else code)
            if code == "ok":
                holds(decision, case, says, state)
                assert decision.events[0].by == ("reporter" if role == "reporter" else Actor(agency=agency, role=Role(role)))
            else:
                assert (decision.state, decision.events) == (case, ())


def holds(decision: Decision[Case], before: Case, says: str, state: str) -> None:
    """Hold a decision that changed the case against what it should say, and where it should lead."""
    (said,), after = decision.events, decision.state
    assert after is not None
    assert (said.TYPE, after.state, after.version) == (f"salur.case.{says}.v1", state, before.version + 1)
    assert (said.state, said.owner, said.case_id, said.tracking_id) == (state, after.owner, before.case_id, before.tracking_id)  # type: ignore[attr-defined]
    assert (after.ended_at is None) == (state in OPEN.split())
    assert (after.deferral is not None) == (state == "waiting_reporter")
    assert (after.request is not None) == (state == "transfer_requested")
    type(said).model_validate_json(said.to_json())


# what | in | says | leads to
HAPPENINGS = f"""
supplement        | waiting_reporter    | resumed   | before    | reporter
supplement        | followed_up         | replied   | replied   | reporter
supplement        | closed archived     | reopened  | verified  | reporter
supplement late   |                     |           |           |
withdrawal        | {OPEN}              | withdrawn | withdrawn | reporter
elapsed reply     | followed_up finally | closed    | closed    | system
elapsed completion| waiting_reporter    | archived  | archived  | system
elapsed other     |                     |           |           |
"""


@pytest.mark.parametrize("name", WAYS)
@pytest.mark.parametrize("what", ["supplement", "supplement late", "withdrawal", "elapsed reply", "elapsed completion", "elapsed other"])
@pytest.mark.parametrize("old", [False, True], ids=["", "of an earlier run"])
def test_what_happens_by_itself(world: Any, cases: dict[str, Case], name: str, what: str, old: bool) -> None:
    case = cases[name]
    basis = case.deferral.version if case.deferral else case.follow_up_version or 1
    events = {
        "supplement": lambda: world.supplement(case.hops[0].since + SOON),
        "supplement late": lambda: world.supplement(case.hops[0].since + LATE),
        "withdrawal": world.withdrawal,
        "elapsed reply": lambda: world.elapsed(basis - old, "reply"),
        "elapsed completion": lambda: world.elapsed(basis - old, "completion"),
        "elapsed other": lambda: world.elapsed(basis, "verification"),
    }
    decision = world.decide(case, events[what]())
    assert (decision.answer.outcome, decision.wait) == ("accepted", False)
    rows = [[cell.strip() for cell in line.split("|")] for line in HAPPENINGS.strip().splitlines()]
    found = [row for row in rows if row[0] == what.removesuffix(" late") and (name in row[1] or name.split(maxsplit=1)[0] in row[1].split())]
    over = what == "supplement late" and name in {"closed", "archived"}
    if not found or over or (old and what.startswith("elapsed")) or (what == "elapsed reply" and name != "followed_up finally"):
        assert (decision.state, decision.events) == (case, ())
        return
    (_, _, says, leads_to, by) = found[0]
    before = "verified" if name.endswith("verified") else "verification"
    holds(decision, case, says, before if leads_to == "before" else leads_to)
    assert decision.events[0].by == by


@pytest.mark.parametrize("what", ["supplement", "withdrawal"])
def test_what_a_reporter_adds_waits_for_its_case(world: Any, what: str) -> None:
    decision = world.decide(None, getattr(world, what)())
    assert (decision.state, decision.events, decision.wait) == (None, (), True)


def test_the_walk_is_whole() -> None:
    inbound = {type_.split(".")[2] for type_, entry in EVENTS.items() if entry.topic == "salur.actions"}
    assert set(ROWS) == inbound
    assert {name.split()[0] for name in WAYS} == set(State) - {"accepted"}
