"""Whatever happens to a case, in whatever order: one owner, an unbroken way, nothing lost between the chairs."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from schemas.inbound.action import ActingPerson, Action
from schemas.inbound.case_acknowledge_v1 import CaseAcknowledge
from schemas.inbound.case_archive_v1 import CaseArchive
from schemas.inbound.case_close_v1 import CaseClose
from schemas.inbound.case_decide_transfer_v1 import CaseDecideTransfer
from schemas.inbound.case_defer_v1 import CaseDefer
from schemas.inbound.case_extend_v1 import CaseExtend
from schemas.inbound.case_follow_up_v1 import CaseFollowUp
from schemas.inbound.case_hand_down_v1 import CaseHandDown
from schemas.inbound.case_reclassify_v1 import CaseReclassify
from schemas.inbound.case_refer_v1 import CaseRefer
from schemas.inbound.case_reopen_v1 import CaseReopen
from schemas.inbound.case_resume_v1 import CaseResume
from schemas.inbound.case_transfer_v1 import CaseTransfer
from schemas.inbound.case_verify_v1 import CaseVerify
from schemas.words import Role, State
from services.routing.case import Case
from services.routing.rights import allowed_to
from services.routing.workflow import STATES

AGENCIES = ("35.22/dinas-sosial", "35.22/dinas-kesehatan", "35.22", "35.78", "35", "32.73", "ID.PUPR", "ID")
TARGETS = (*AGENCIES, "nowhere")
ORDERS: dict[str, tuple[type[Action], dict[str, Any]]] = {
    "verify": (CaseVerify, {}),
    "defer": (CaseDefer, {"question": "x"}),
    "resume": (CaseResume, {}),
    "transfer": (CaseTransfer, {"to": None, "reason": "x"}),
    "hand_down": (CaseHandDown, {"to": "35.22/dinas-sosial"}),
    "follow_up": (CaseFollowUp, {"text": "x", "final": False}),
    "extend": (CaseExtend, {"days": 3, "reason": "x"}),
    "reclassify": (CaseReclassify, {"category": "other", "reason": "x"}),
    "refer": (CaseRefer, {"to": "KPK", "reason": "x"}),
    "archive": (CaseArchive, {"reason": "unclear"}),
    "close": (CaseClose, {}),
    "reopen": (CaseReopen, {"reason": "x"}),
    "acknowledge": (CaseAcknowledge, {}),
}
FINAL = {"refer", "archive", "close"}
"""What ends a case; chosen seldom, or no case would live long."""
roles = st.sampled_from(Role)


class Life(RuleBasedStateMachine):
    """Anybody tries anything, mostly those who may."""

    def __init__(self, world: Any) -> None:
        super().__init__()
        self.world = world
        self.case: Case = None  # type: ignore[assignment]
        self.said: list[Any] = []
        self.restricted = False

    @initialize(
        category=st.sampled_from(("other", "sosial-dan-kesejahteraan", "legalisasi-konsuler")),
        region=st.sampled_from(("35.22.15", "35.78", None)),
        kind=st.sampled_from(("complaint", "whistleblowing")),
    )
    def accepted(self, category: str, region: str | None, kind: str) -> None:
        decision = self.world.decide(None, self.world.accepted(category=category, region=region, kind=kind))
        self.case, self.said, self.restricted = decision.state, list(decision.events), kind == "whistleblowing"

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
        self.restricted |= any(getattr(said, "kind", None) == "whistleblowing" for said in decision.events)
        assert decision.restricted == self.restricted
        if decision.answer.outcome == "rejected":
            assert decision.events == ()
            assert decision.answer.errors
        if not decision.events:
            assert decision.state == before
        for said in decision.events:
            assert (said.state, said.owner, said.case_id) == (decision.state.state, decision.state.owner, before.case_id)
        if not STATES[before.state].is_open:
            assert [said.TYPE for said in decision.events] in ([], ["salur.case.reopened.v1"])
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
        now = self.world.event(self.world.withdrawal().data).time
        offered = [name for name in allowed_to(self.case, owner, now, self.world.reference) if name != "decide_transfer"]
        if offered:
            going_on = [name for name in offered if name not in FINAL]
            action = "close" if "close" in offered else data.draw(st.one_of(st.sampled_from(offered), st.sampled_from(going_on or offered)), "action")
            asks, fields = ORDERS[action]
            below = "/" not in self.case.owner and self.case.owner in {"35.22", "35", "ID"}
            before = self.case.version
            self.take(self.world.order(asks, self.case.owner, **fields))
            assert self.case.version == before + (action != "hand_down" or below)

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

    @rule(data=st.data(), action=st.sampled_from(sorted(ORDERS)))
    def anything(self, data: st.DataObject, action: str) -> None:
        agency, role = self.someone(data)
        asks, fields = ORDERS[action]
        self.take(self.world.order(asks, agency, role, **fields))

    @rule(data=st.data(), kind=st.sampled_from(("complaint", "whistleblowing")))
    def reclassify(self, data: st.DataObject, kind: str) -> None:
        agency, role = self.someone(data)
        self.take(self.world.order(CaseReclassify, agency, role, kind=kind, reason="x"))

    @rule()
    def the_reporter_says_more(self) -> None:
        self.take(self.world.supplement(text="x"))

    @rule(often=st.integers(0, 9))
    def the_reporter_takes_it_back(self, often: int) -> None:
        if not often:
            self.take(self.world.withdrawal())

    @rule(ago=st.integers(0, 3), clock=st.sampled_from(("reply", "completion")))
    def a_clock_runs_out(self, ago: int, clock: str) -> None:
        self.take(self.world.elapsed(self.case.version - ago, clock))

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
    def it_waits_for_its_reporter_exactly_while_it_is_deferred(self) -> None:
        assert (self.case.deferral is not None) == (self.case.state is State.WAITING_REPORTER)

    @invariant()
    def it_has_an_end_exactly_while_it_is_over(self) -> None:
        assert (self.case.ended_at is None) == STATES[self.case.state].is_open

    @invariant()
    def it_is_closed_only_by_an_answer_of_its_last_owner_that_the_reporter_has_not_contested(self) -> None:
        if self.case.state is State.CLOSED:
            names = [said.TYPE.split(".")[2] for said in self.said]
            since = max(place for place, name in enumerate(names) if name in {"routed", "transferred", "reopened", "replied"})
            assert any(getattr(said, "final", False) for said in self.said[since:])

    @invariant()
    def nobody_ever_got_rid_of_it_without_somebody_else_having_it(self) -> None:
        names = [said.TYPE.split(".")[2] for said in self.said]
        decided = sum(getattr(said, "decided_by", None) is not None for said in self.said)
        pending = self.case.state in {State.TRANSFER_REQUESTED, State.WITHDRAWN}
        assert names.count("transfer_requested") - decided in ((0, 1) if pending else (0,))


def test_no_order_of_actions_breaks_a_case(world: Any) -> None:
    quick = settings(max_examples=60, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(lambda: Life(world), settings=quick)  # type: ignore[no-untyped-call]
