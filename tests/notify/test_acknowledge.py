"""Of every notice to the office that acts it is said, once, that it was acknowledged."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from schemas.base import Decision
from schemas.notify.notice_acknowledged_v1 import NoticeAcknowledged
from schemas.routing.case_acknowledged_v1 import CaseAcknowledged
from services.notify.case import Case, Notice, NoticeOutcome
from services.notify.domain import decide
from tests.notify import facts
from tests.notify.conftest import House


def acknowledged(agency: str | None = "35.22", role: str = "coordinator", case_id: UUID = facts.CASE) -> CaseAcknowledged:
    by: Any = {"agency": agency, "role": role} if agency else "system"
    given = {"case_id": case_id, "tracking_id": facts.TRACKING, "state": "verification", "owner": "35.22", "by": by}
    return CaseAcknowledged.model_validate(given)


def after(*told: Any, state: Case | None = None, without: tuple[str, ...] = ()) -> Decision[Case]:
    decision: Decision[Case] = Decision(state)
    for data in told:
        event = facts.event(data)
        decision = decide(decision.state, event, event.time, facts.offices(*without))
    return decision


def seen(decision: Decision[Case]) -> list[tuple[str, str]]:
    return [(said.rule, said.recipient.agency) for said in decision.events if isinstance(said, NoticeAcknowledged)]


def test_every_mail_to_the_office_that_acts_is_acknowledged_and_those_to_others_are_not() -> None:
    decision = after(facts.routed(), facts.warned(), facts.escalated("35"), acknowledged())
    assert seen(decision) == [("new-case", "35.22"), ("warned", "35.22")]
    assert seen(after(acknowledged("35"), state=decision.state)) == [("escalated", "35")]


def test_a_notice_is_acknowledged_once_and_a_later_one_anew() -> None:
    decision = after(facts.routed(), acknowledged(), acknowledged())
    assert seen(decision) == []
    assert seen(after(facts.warned(), acknowledged(), state=decision.state)) == [("warned", "35.22")]


def test_another_role_of_the_agency_and_the_system_acknowledge_nothing() -> None:
    assert seen(after(facts.routed(), acknowledged(role="technical_officer"))) == []
    assert seen(after(facts.routed(), acknowledged(None))) == []


def test_the_office_that_stands_in_acknowledges_for_itself() -> None:
    decision = after(facts.routed(), acknowledged(), without=("35.22",))
    assert seen(decision) == []
    assert seen(after(acknowledged("35"), state=decision.state)) == [("new-case", "35")]


def test_what_never_came_is_not_acknowledged() -> None:
    decision = after(facts.routed())
    (notice,) = [effect for effect in decision.effects if isinstance(effect, Notice)]
    given = {"cause": notice.cause, "rule": notice.rule, "channel": "mail", "agency": "35.22", "role": "coordinator"}
    gone = NoticeOutcome(notice_id=notice.notice_id, reason="refused_by_server", message_id=None, **given)
    event = facts.event(facts.routed())._replace(type=NoticeOutcome.TYPE, data=gone)
    state = decide(decision.state, event, event.time, facts.offices()).state
    assert seen(after(acknowledged(), state=state)) == []


def test_what_is_said_of_a_whistle_blowing_case_stays_on_the_restricted_topic() -> None:
    decision = after(facts.routed(kind="whistleblowing"), acknowledged())
    assert seen(decision) == [("new-case", "35.22")]
    assert decision.restricted


async def test_it_is_said_on_the_topic_of_notify_also_when_both_came_in_one_batch(house: House) -> None:
    await house.hear(facts.routed(), acknowledged())
    await house.hear(acknowledged())
    assert await house.said() == ["queued", "acknowledged"]
