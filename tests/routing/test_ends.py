"""How a case ends, comes back, and what its reporter adds: replies, withdrawals, and the time there is to reopen."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from schemas.inbound.case_archive_v1 import CaseArchive
from schemas.inbound.case_close_v1 import CaseClose
from schemas.inbound.case_decide_transfer_v1 import CaseDecideTransfer
from schemas.inbound.case_reopen_v1 import CaseReopen
from schemas.inbound.case_transfer_v1 import CaseTransfer
from tests.routing.acts import ABOVE, OWNER, case_of, follow_up, refused, told, verify

# -- reopen -----------------------------------------------------------------------------------------------------------


def closed(world: Any, at: datetime, **facts: Any) -> Any:
    ended = world.order(CaseClose, OWNER, given_at=at)
    return case_of(world, verify(world), follow_up(world), ended, **facts)


def test_a_reopened_case_owes_an_answer_anew(world: Any) -> None:
    case = world.decide(closed(world, datetime(2026, 3, 5, 5, tzinfo=UTC)), world.order(CaseReopen, OWNER, reason="rusak lagi")).state
    assert (case.state, case.ended_at, case.owner) == ("verified", None, OWNER)
    interim = world.decide(case, follow_up(world, final=False)).state
    assert refused(world.decide(interim, world.order(CaseClose, OWNER))) == ("illegal_action", "")
    final = world.decide(interim, follow_up(world)).state
    assert world.decide(final, world.order(CaseClose, OWNER)).state.state == "closed"


def test_a_clock_of_the_first_life_does_not_end_the_second(world: Any) -> None:
    answered = case_of(world, verify(world), follow_up(world))
    case = world.decide(answered, world.order(CaseClose, OWNER)).state
    for event in (world.order(CaseReopen, OWNER, reason="rusak lagi"), follow_up(world)):
        case = world.decide(case, event).state
    assert world.decide(case, world.elapsed(answered.version)).events == ()
    assert world.decide(case, world.elapsed(case.version)).state.state == "closed"


def test_a_reopened_case_remembers_its_way(world: Any) -> None:
    decided = world.order(CaseDecideTransfer, ABOVE, to="35.78", reason="x")
    events = [world.order(CaseTransfer, OWNER, to=None, reason="x"), decided, world.order(CaseArchive, "35.78", reason="unclear")]
    case = case_of(world, *events, world.order(CaseReopen, "35.78", reason="jelas sekarang"))
    asked = world.decide(case, world.order(CaseTransfer, "35.78", to="35.73", reason="x"))
    assert (told(asked)["state"], told(asked)["decider"], case.transfers) == ("transfer_requested", "ID", 1)


@pytest.mark.parametrize("agency", [OWNER, None])
def test_why_it_is_reopened_travels_as_an_offices_word_only(world: Any, agency: str | None) -> None:
    case = closed(world, datetime(2026, 3, 5, 5, tzinfo=UTC))
    said = told(world.decide(case, world.order(CaseReopen, agency, "coordinator" if agency else "reporter", reason="saya Budi, rusak lagi")))
    assert (said.get("reason"), said["state"]) == ("saya Budi, rusak lagi" if agency else None, "verified")


# Thursday 2025-03-27, before Nyepi and Lebaran: closed from Friday 03-28 to Monday 04-07; the tenth working day is Tuesday
# 04-22, for Friday 04-18 is Good Friday.
@pytest.mark.parametrize(
    ("at", "in_time"),
    [("2025-03-27T10:00+07:00", True), ("2025-04-22T23:59:59+07:00", True), ("2025-04-23T00:00:00+07:00", False), ("2026-01-01T00:00+07:00", False)],
)
def test_the_reporter_has_ten_working_days_to_reopen(world: Any, at: str, in_time: bool) -> None:
    moment = datetime.fromisoformat(at)
    case = closed(world, datetime.fromisoformat("2025-03-27T09:00+07:00"))
    reopened = world.decide(case, world.order(CaseReopen, None, "reporter", given_at=moment, reason="rusak lagi"))
    assert (reopened.answer.code, reopened.state.state) == (("ok", "verified") if in_time else ("illegal_action", "closed"))
    assert world.decide(case, world.supplement(moment)).state.state == ("verified" if in_time else "closed")
    assert world.decide(case, world.order(CaseReopen, OWNER, given_at=moment, reason="x")).state.state == "verified"


def test_the_time_to_reopen_ends_at_midnight_of_the_owners_zone(world: Any) -> None:
    jayapura = "91.71"
    moment = datetime.fromisoformat("2026-06-01T12:00+09:00")
    case = world.case(world.order(CaseArchive, jayapura, given_at=moment, reason="unclear"), addressed_to=jayapura)
    ends = datetime.fromisoformat("2026-06-15T23:59:59+09:00")
    for event in (world.supplement(ends), world.order(CaseReopen, None, "reporter", given_at=ends, reason="x")):
        assert world.decide(case, event).state.state == "verified"
    assert world.decide(case, world.supplement(datetime.fromisoformat("2026-06-16T00:00+09:00"))).state.state == "archived"


# -- what a reporter adds ---------------------------------------------------------------------------------------------


def test_a_reply_is_said_with_its_words_and_asks_for_an_answer(world: Any) -> None:
    case = case_of(world, verify(world), follow_up(world))
    replied = world.decide(case, world.supplement(text="belum menyala"))
    assert (told(replied)["text"], told(replied)["by"], told(replied)["state"]) == ("belum menyala", "reporter", "replied")
    interim = world.decide(replied.state, follow_up(world, final=False)).state
    assert world.decide(interim, world.elapsed(interim.version)).events == ()
    final = world.decide(interim, follow_up(world)).state
    assert world.decide(final, world.elapsed(final.version)).state.state == "closed"


def test_a_reply_whose_words_intake_kept_back_has_none(world: Any) -> None:
    case = case_of(world, verify(world), follow_up(world), confidential=True)
    assert "text" not in told(world.decide(case, world.supplement()))
    assert "text" not in told(world.decide(case, world.supplement(text="rahasia")))


def test_a_withdrawn_case_asks_nobody_for_anything(world: Any) -> None:
    case = case_of(world, world.order(CaseTransfer, OWNER, to=None, reason="x"))
    withdrawn = world.decide(case, world.withdrawal())
    assert (told(withdrawn)["by"], withdrawn.state.state, withdrawn.state.request) == ("reporter", "withdrawn", None)
