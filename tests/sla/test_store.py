"""How the clocks of a case are kept."""

from __future__ import annotations

import orjson

from schemas.words import Kind
from services.sla.store import pack, unpack
from tests.sla.conftest import CASE, Life, wib


def test_a_case_that_was_kept_before_clocks_could_pause_is_read(whole: Life) -> None:
    whole.kind = "whistleblowing"
    whole.routed(wib("2025-03-27 10:15"))
    case = whole.state
    assert case is not None
    _, tracking, kind, *rest = orjson.loads(pack(case))
    *counters, runs, _restricted = rest
    old = orjson.dumps([1, tracking, kind, *counters, [run[:16] for run in runs]])
    assert unpack(CASE, case.owner, old) == case
    assert case.runs[0].kind is Kind.WHISTLEBLOWING
