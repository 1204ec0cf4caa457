"""What tests of actions are written in: the offices, orders to the world, and what a decision told or refused."""

from __future__ import annotations

import json
from typing import Any

from schemas.inbound.case_follow_up_v1 import CaseFollowUp
from schemas.inbound.case_verify_v1 import CaseVerify

OWNER, UNIT, ABOVE = "35.22", "35.22/dinas-sosial", "35"


def verify(world: Any, agency: str = OWNER) -> Any:
    return world.order(CaseVerify, agency)


def follow_up(world: Any, agency: str = OWNER, *, final: bool = True) -> Any:
    return world.order(CaseFollowUp, agency, text="sudah", final=final)


def case_of(world: Any, *events: Any, **facts: Any) -> Any:
    return world.case(*events, **{"addressed_to": OWNER, **facts})


def told(decision: Any) -> dict[str, Any]:
    (said,) = decision.events
    return dict(json.loads(said.to_json()))


def refused(decision: Any) -> tuple[str, str]:
    assert decision.events == ()
    return decision.answer.code, decision.answer.errors[0].path
