"""A publisher is told of a case's way: every event of routing whole, each in its turn; and an office's system beside its mailbox."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.base import Data, Decision, Event
from schemas.envelope import parse
from schemas.registry import EVENTS, model_of
from schemas.topics import RESTRICTED, ROUTING, SLA
from services.notify import store
from services.notify.app import SERVICE
from services.notify.case import Case, Notice, NoticeOutcome, Release
from services.notify.domain import decide
from services.notify.status import PATIENCE, whole
from tests.notify import facts
from tests.notify.facts import CASE, NOON, later, offices

REPLY_TO = "https://kanal.example.org/salur"
EXAMPLES = Path(__file__).parents[2] / "schemas" / "examples"


class Story:
    """A case that hears one event after the other; what is told to its publisher is kept in the order in which it may be sent."""

    def __init__(self, **facts_: Any) -> None:
        self.first = facts.routed(**{"reply_to": REPLY_TO, "publisher": "urn:kanal"} | facts_)
        self.case: Case | None = None
        self.notices: dict[int, Notice] = {}
        self.free: list[int] = []
        self.known = offices()

    def hear(self, data: Data, sequence: int) -> Decision[Case]:
        decision = decide(self.case, facts.event(data, later(sequence), sequence=sequence), later(sequence), self.known)
        return self._after(decision)

    def ends(self, turn: int, message_id: str | None = "m") -> Decision[Case]:
        notice = self.notices[turn]
        data = NoticeOutcome(
            notice_id=notice.notice_id,
            cause=notice.cause,
            rule=notice.rule,
            channel=notice.channel,
            agency=notice.agency,
            role=notice.role,
            reason=None if message_id else "gone",
            message_id=message_id,
            turn=turn,
        )
        event = Event("c", f"urn:salur:notice:{notice.notice_id}", data.TYPE, NOON, data, subject=str(CASE))
        return self._after(decide(self.case, event, NOON, self.known))

    def _after(self, decision: Decision[Case]) -> Decision[Case]:
        # through its row and back, as it is kept between two batches
        columns = (
            "case_id",
            "tracking_id",
            "owner",
            "kind",
            "category",
            "region",
            "left_by",
            "told",
            "restricted",
            "publisher",
            "reply_to",
            "stream",
            "about",
        )
        row = dict(zip(columns, store.WRITES[Case].row((CASE, decision.state)), strict=True))
        self.case = store.state(row)  # type: ignore[arg-type] # a mapping will do
        assert self.case == decision.state
        for effect in decision.effects:
            if isinstance(effect, Notice) and effect.rule == "status":
                assert effect.turn is not None
                self.notices[effect.turn] = effect
                self.free += [] if effect.held else [effect.turn]
            elif isinstance(effect, Release):
                self.free.append(effect.turn)
        return decision


def test_every_event_of_routing_is_told_to_the_publisher_that_asked_for_it_whole_and_as_an_office_without_address() -> None:
    story = Story()
    decision = story.hear(story.first, 1)
    (mail, status) = decision.effects
    assert (mail.channel, status.channel, status.rule) == ("mail", "webhook", "status")  # type: ignore[attr-defined]
    said = [orjson.loads(event.to_json()) for event in decision.events]
    assert said[1]["recipient"] == {"agency": "urn:kanal", "role": "publisher"}
    assert said[1]["notice_id"] == str(status.notice_id)  # type: ignore[attr-defined]
    assert "kanal.example.org" not in str(said)
    for sequence, data in enumerate((facts.verified(), facts.followed_up("Sudah."), facts.reclassified("aspiration")), start=2):
        (event,) = story.hear(data, sequence).events
        assert (event.TYPE, orjson.loads(event.to_json())["channel"]) == ("salur.notice.queued.v1", "webhook")
    assert [orjson.loads(notice.body or b"")["sequence"] for notice in story.notices.values()] == [1, 2, 3, 4]
    assert len({notice.notice_id for notice in story.notices.values()}) == 4


def test_a_publisher_that_did_not_ask_is_told_nothing_and_nothing_is_kept_for_it() -> None:
    story = Story(reply_to=None)
    story.hear(story.first, 1)
    assert story.hear(facts.verified(), 2).effects == ()
    assert story.case is not None
    assert story.case.stream == Case("x").stream


def test_what_the_deadlines_say_is_not_a_status() -> None:
    story = Story()
    story.hear(story.first, 1)
    assert [notice.rule for notice in story.hear(facts.warned(), 2).effects] == ["warned"]  # type: ignore[attr-defined]


def test_the_next_one_waits_for_the_end_of_the_one_before_whatever_its_end() -> None:
    story = Story()
    for sequence, data in enumerate((story.first, facts.verified(), facts.followed_up()), start=1):
        story.hear(data, sequence)
    assert story.free == [1]
    assert [type(event).TYPE for event in story.ends(1, None).events] == ["salur.notice.undeliverable.v1"]
    assert story.free == [1, 2]
    story.ends(2)
    story.ends(3)
    assert story.free == [1, 2, 3]
    story.hear(facts.reclassified("aspiration"), 4)
    assert story.free == [1, 2, 3, 4]


@given(st.permutations(range(1, 7)), st.lists(st.booleans(), min_size=30, max_size=30))
def test_whatever_overtakes_whatever_the_publisher_is_told_in_the_order_in_which_it_was_said(order: list[int], ends: list[bool]) -> None:
    story, sent = Story(), 0
    for sequence in order:
        story.hear(story.first if sequence == 1 else facts.verified(), sequence)
        while len(story.free) > sent and ends.pop():
            story.ends(story.free[sent])
            sent += 1
        assert len(story.free) - sent <= 1, "two of one case are on their way"
    while len(story.free) > sent:
        story.ends(story.free[sent])
        sent += 1
    assert story.free == [1, 2, 3, 4, 5, 6]


def test_one_that_never_comes_is_not_waited_for_for_ever_and_told_when_it_comes_after_all() -> None:
    story = Story()
    story.hear(story.first, 1)
    story.ends(1)
    for sequence in range(3, 3 + PATIENCE):
        story.hear(facts.verified(), sequence)
        assert story.free == [1]
    story.hear(facts.verified(), 3 + PATIENCE)
    assert story.free == [1, 3]
    late = decide(story.case, facts.event(facts.verified(), sequence=2), NOON, offices()).effects
    assert [(notice.turn, notice.held) for notice in late] == [(None, False)]  # type: ignore[attr-defined]


def test_what_is_kept_of_a_case_that_was_never_routed_is_bounded() -> None:
    story = Story()
    for sequence in range(2, 60):
        story.hear(facts.verified(), sequence)
    assert story.case is not None
    assert len(story.case.stream.early) == PATIENCE


def test_a_case_that_was_whistle_blowing_once_stays_on_the_restricted_topic() -> None:
    story = Story()
    assert not story.hear(story.first, 1).restricted
    assert story.hear(facts.reclassified("whistleblowing"), 2).restricted
    assert story.hear(facts.reclassified("complaint"), 3).restricted
    assert story.hear(facts.warned(), 4).restricted


HOOKED = {("35.22", "coordinator"): "sistem.bojonegoro.test:443"}


def hooked(data: Data, *, before: Case | None = None) -> list[Notice]:
    known = offices()
    event = facts.event(data, sequence=1)
    return list(decide(before, event, NOON, type(known)(known.agencies, known.with_address, HOOKED)).effects)  # type: ignore[arg-type]


def test_an_office_with_a_webhook_is_told_by_it_too_as_a_notice_of_its_own() -> None:
    mail, webhook = hooked(facts.warned("35.22"))
    assert (mail.channel, webhook.channel) == ("mail", "webhook")
    assert (webhook.agency, webhook.role, webhook.rule, webhook.host, webhook.turn) == ("35.22", "coordinator", "warned", *HOOKED.values(), None)
    assert mail.notice_id != webhook.notice_id
    assert orjson.loads(webhook.body or b"")["type"] == "salur.deadline.warned.v1"


def test_a_stand_in_is_told_by_its_webhook_for_whom_it_was_meant() -> None:
    notices = hooked(facts.routed("35.22/dinas-perhubungan-baru"))
    assert [(notice.channel, notice.state, notice.meant_for) for notice in notices] == [
        ("mail", "without_recipient", None),
        ("mail", "queued", "35.22/dinas-perhubungan-baru"),
        ("webhook", "queued", "35.22/dinas-perhubungan-baru"),
    ]


def test_a_warning_that_is_not_needed_is_suppressed_on_both_ways() -> None:
    left = Case(facts.TRACKING, left=(("35.22", later(5)),))
    assert [(notice.channel, notice.state, notice.body) for notice in hooked(facts.warned("35.22"), before=left)] == [
        ("mail", "suppressed", None),
        ("webhook", "suppressed", None),
    ]


def test_of_a_whistle_blowing_case_an_office_is_told_by_mail_alone() -> None:
    assert [notice.channel for notice in hooked(facts.routed(kind="whistleblowing"))] == ["mail"]


def _read() -> list[str]:
    return sorted(said.type for said in EVENTS.values() if "notify" in said.readers and said.topic in (ROUTING, SLA))


def test_notify_reads_what_the_registry_says_on_its_topic_and_on_the_restricted_one() -> None:
    assert sorted({*SERVICE.reads[ROUTING], *SERVICE.reads[SLA]}) == sorted(SERVICE.reads[RESTRICTED]) == _read()
    assert all(EVENTS[said].topic == topic for topic in (ROUTING, SLA) for said in SERVICE.reads[topic])
    assert sum(said.startswith("salur.case.") for said in _read()) >= 17


@pytest.mark.parametrize("said", _read())
def test_whatever_it_reads_it_can_decide_on_and_passes_on_as_it_stood_on_its_topic(said: str) -> None:
    for file in sorted((EXAMPLES / said).glob("*.json")):
        written = orjson.loads(file.read_bytes())
        envelope = parse(file.read_bytes(), {})
        assert envelope.time is not None
        event = Event(
            envelope.id, envelope.source, said, envelope.time, model_of(said).model_validate(envelope.data), UUID(written["subject"]).__str__(), **{
                name: written.get(name) for name in ("tracking", "sequence", "causationid", "correlationid", "traceparent")
            }
        )  # fmt: skip
        decision = decide(None, event, event.time, offices())
        assert all(effect.case_id == UUID(written["subject"]) for effect in decision.effects if isinstance(effect, Notice))
        assert orjson.loads(whole(event)) == written
