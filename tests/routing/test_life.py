"""Whatever happens to a case, in whatever order: one owner, an unbroken way, nothing lost between the chairs."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from schemas.inbound.action import ActingPerson, Action
from schemas.inbound.case_close_v1 import CaseClose
from schemas.inbound.case_decide_transfer_v1 import CaseDecideTransfer
from schemas.inbound.case_follow_up_v1 import CaseFollowUp
from schemas.inbound.case_transfer_v1 import CaseTransfer
from schemas.inbound.case_verify_v1 import CaseVerify
from schemas.words import Role, State
from services.routing.case import Case
from services.routing.domain import allowed_to
from services.routing.workflow import STATES

AGENCIES = ("35.22/dinas-sosial", "35.22/dinas-kesehatan", "35.22", "35.78", "35", "32.73", "ID.PUPR", "ID")
TARGETS = (*AGENCIES, "nowhere")
ORDERS: dict[str, tuple[type[Action], dict[str, Any]]] = {
    "verify": (CaseVerify, {}),
    "transfer": (CaseTransfer, {"to": None, "reason": "x"}),
    "follow_up": (CaseFollowUp, {"text": "x", "final": False}),
    "close": (CaseClose, {}),
}
roles = st.sampled_from(Role)


class Life(RuleBasedStateMachine):
    """Anybody tries anything, mostly those who may."""

    def __init__(self, world: Any) -> None:
        super().__init__()
        self.world = world
        self.case: Case = None  # type: ignore[assignment]
        self.said: list[Any] = []

    @initialize(
        category=st.sampled_from(("other", "sosial-dan-kesejahteraan", "legalisasi-konsuler")),
        region=st.sampled_from(("35.22.15", "35.78", None)),
        kind=st.sampled_from(("complaint", "whistleblowing")),
    )
    def accepted(self, category: str, region: str | None, kind: str) -> None:
        decision = self.world.decide(None, self.world.accepted(category=category, region=region, kind=kind))
        self.case, self.said = decision.state, list(decision.events)

    def someone(self, data: st.DataObject) -> tuple[str | None, Role]:
        """Return the owner or the decider most of the time, else anybody."""
        request = self.case.request
        likely = [(self.case.owner, Role.COORDINATOR), (request.decider if request else self.case.owner, Role.COORDINATOR)]
        anybody = st.tuples(st.sampled_from(AGENCIES), roles)
        agency, role = data.draw(st.one_of(st.sampled_from(likely), st.sampled_from(likely), anybody), "who")
        return (None if role is Role.REPORTER else agency), role

    def take(self, event: Any) -> None:
        """Hand the event in and hold the answer against what happened."""
        before = self.case
        decision = self.world.decide(before, event)
        assert not decision.wait
        assert decision.restricted == (before.facts.kind == "whistleblowing")
        if decision.answer.outcome == "rejected":
            assert decision.events == ()
            assert decision.answer.errors
        if not decision.events:
            assert decision.state == before
        for said in decision.events:
            assert (said.state, said.owner, said.case_id) == (decision.state.state, decision.state.owner, before.case_id)
        if not STATES[before.state].is_open:
            assert decision.events == ()
        if before.owner != decision.state.owner or before.transfers != decision.state.transfers:
            assert [(said.from_, said.to) for said in decision.events] == [(before.owner, decision.state.owner)]
            free = before.transfers < self.world.reference.hop_limit and not before.bound
            assert free or decision.events[0].decided_by is not None
        self.case = decision.state
        self.said += decision.events

    @rule(data=st.data())
    def the_owner_goes_on(self, data: st.DataObject) -> None:
        """What the owner is told it may do is taken, whatever it chooses."""
        owner = ActingPerson(agency=self.case.owner, role=Role.COORDINATOR)
        offered = [name for name in allowed_to(self.case, owner, self.world.directory) if name != "decide_transfer"]
        if offered:
            action = "close" if "close" in offered else data.draw(st.sampled_from(offered), "action")
            kind, fields = ORDERS[action]
            before = self.case.version
            self.take(self.world.order(kind, self.case.owner, **fields))
            assert self.case.version == before + 1

    @rule(data=st.data(), stale=st.booleans())
    def verify(self, data: st.DataObject, stale: bool) -> None:
        agency, role = self.someone(data)
        version = self.case.version - 1 if stale else self.case.version
        self.take(self.world.order(CaseVerify, agency, role, expected_version=version))

    @rule(data=st.data(), to=st.sampled_from((None, *TARGETS)))
    def transfer(self, data: st.DataObject, to: str | None) -> None:
        agency, role = self.someone(data)
        self.take(self.world.order(CaseTransfer, agency, role, to=to, reason="x"))

    @rule(data=st.data(), to=st.sampled_from(TARGETS))
    def decide_transfer(self, data: st.DataObject, to: str) -> None:
        agency, role = self.someone(data)
        self.take(self.world.order(CaseDecideTransfer, agency, role, to=to, reason="x"))

    @rule(data=st.data(), final=st.booleans())
    def follow_up(self, data: st.DataObject, final: bool) -> None:
        agency, role = self.someone(data)
        self.take(self.world.order(CaseFollowUp, agency, role, text="x", final=final))

    @rule(data=st.data())
    def close(self, data: st.DataObject) -> None:
        agency, role = self.someone(data)
        self.take(self.world.order(CaseClose, agency, role))

    @rule(ago=st.integers(0, 3))
    def reply_clock_runs_out(self, ago: int) -> None:
        self.take(self.world.elapsed(self.case.version - ago))

    @rule()
    def the_complaint_comes_again(self) -> None:
        self.take(self.world.accepted(region="51"))

    @precondition(lambda self: self.case is not None and self.case.state is State.TRANSFER_REQUESTED)
    @rule()
    def the_decider_can_always_decide(self) -> None:
        request = self.case.request
        assert request is not None
        self.take(self.world.order(CaseDecideTransfer, request.decider, to=self.case.owner, reason="x"))
        assert self.case.state is State.VERIFICATION

    @invariant()
    def it_has_one_owner_whom_the_directory_knows(self) -> None:
        assert self.world.directory.get(self.case.owner) is not None
        assert [hop.agency for hop in self.case.hops if hop.until is None] == [self.case.owner]

    @invariant()
    def its_holders_follow_one_another_without_gap(self) -> None:
        for old, new in pairwise(self.case.hops):
            assert old.since <= (old.until or old.since) == new.since

    @invariant()
    def its_version_counts_what_was_said(self) -> None:
        assert self.case.version == len(self.said)

    @invariant()
    def it_waits_for_a_decider_exactly_while_one_is_asked(self) -> None:
        assert (self.case.request is not None) == (self.case.state is State.TRANSFER_REQUESTED)

    @invariant()
    def it_is_closed_only_by_the_answer_of_its_last_owner(self) -> None:
        if self.case.state is State.CLOSED:
            names = [said.TYPE.split(".")[2] for said in self.said]
            since = max((place for place, name in enumerate(names) if name in {"routed", "transferred"}), default=0)
            assert "verified" in names[since:]
            assert any(getattr(said, "final", False) for said in self.said[since:])
            assert names.count("closed") == 1
            # nobody ever got rid of it without somebody else having it
            assert names.count("transfer_requested") == sum(getattr(said, "decided_by", None) is not None for said in self.said)


def test_no_order_of_actions_breaks_a_case(world: Any) -> None:
    quick = settings(max_examples=60, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(lambda: Life(world), settings=quick)  # type: ignore[no-untyped-call]
