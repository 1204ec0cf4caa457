"""Surges and silences: who is told once, who hears that it is over, and that no case is needed for it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from chassis.settings import SettingsError
from schemas.base import Data, Decision, Event
from services.notify.case import Case, NoticeOutcome
from services.notify.competence import Competence, of_rules
from services.notify.domain import decide
from services.notify.names import read_competence
from services.notify.offices import NATIONAL, OPERATIONS, Offices
from services.notify.settings import DATA
from tests.notify import facts
from tests.notify.facts import AGENCIES, NOON, SURGE, later, offices

COORDINATOR = "coordinator"
WITH_OPERATIONS = replace(offices(), with_address=offices().with_address | {(NATIONAL, OPERATIONS)})


def after(*told: Data, known: Offices = WITH_OPERATIONS) -> Decision[Case]:
    """Decide on one after the other, a minute apart; return the last decision."""
    state, decision = None, None
    for minute, data in enumerate(told):
        decision = decide(state, facts.event(data, later(minute)), later(minute), known)
        state = decision.state
    assert decision is not None
    return decision


def told(decision: Decision[Case]) -> list[tuple[str, str, str]]:
    return [(notice.agency, notice.rule, notice.state) for notice in decision.effects]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("data", "hearers"),
    [
        (facts.surge("35.22", "perhubungan"), ["35.22", "35.22/dinas-perhubungan"]),
        (facts.surge("35.22.15", "perhubungan"), ["35.22", "35.22/dinas-perhubungan"]),
        (facts.surge("35.78", "perhubungan"), ["35.78"]),
        (facts.surge("35.22", "agama"), ["35.22", "ID"]),
        (facts.surge("35.22", "lingkungan-hidup"), ["35.22"]),
    ],
    ids=["its unit", "of a district too", "a government without the unit", "a ministry", "nobody besides"],
)
def test_a_surge_is_told_to_the_coordinator_of_the_region_and_to_the_agency_that_the_rules_name(data: Data, hearers: list[str]) -> None:
    decision = after(data)
    assert told(decision) == [(agency, "surge", "queued") for agency in hearers]
    assert not decision.restricted


def test_what_is_said_of_such_a_notice_names_no_case() -> None:
    (said,) = after(facts.surge()).events
    data = orjson.loads(said.to_json())
    assert (said.TYPE, data["case_id"], data["tracking_id"], data["about"]) == ("salur.notice.queued.v1", str(SURGE), "", "surge")
    assert data["recipient"] == {"agency": "35.22", "role": COORDINATOR}
    (said,) = after(facts.silent()).events
    assert orjson.loads(said.to_json())["about"] == "silence"


def test_a_notice_about_a_case_says_nothing_of_it() -> None:
    (said,) = after(facts.routed()).events
    assert "about" not in orjson.loads(said.to_json())


def test_an_office_that_stands_in_for_another_and_is_told_anyway_is_told_once() -> None:
    decision = after(facts.surge("35.22", "perhubungan"), known=offices("35.22/dinas-perhubungan"))
    assert told(decision) == [("35.22", "surge", "queued"), ("35.22/dinas-perhubungan", "surge", "without_recipient")]
    assert decision.effects[0].meant_for is None  # type: ignore[attr-defined]


def test_where_nobody_has_an_address_it_is_said_that_a_notice_has_no_recipient() -> None:
    decision = after(facts.surge(), known=offices(*AGENCIES))
    assert told(decision) == [("35.22", "surge", "without_recipient")]
    assert [said.TYPE for said in decision.events] == ["salur.notice.without_recipient.v1"]


def test_a_surge_that_is_said_again_under_another_id_is_not_told_again() -> None:
    decision = after(facts.surge(), facts.surge())
    assert (decision.events, decision.effects) == ((), ())


@pytest.mark.parametrize(
    ("silence", "hearer"),
    [
        (facts.silent("35.22/dinas-perhubungan"), ("35.22", COORDINATOR)),
        (facts.silent("35.22"), ("35", COORDINATOR)),
        (facts.silent("12.09/dinas-baru"), ("12.09", COORDINATOR)),
        (facts.silent("ID"), ("ID", COORDINATOR)),
        (facts.silent(None, "urn:example:kanal"), ("ID", OPERATIONS)),
    ],
    ids=["of a unit", "of a regency", "of one not known yet", "of the national coordinator", "of a publisher"],
)
def test_a_silence_is_told_to_who_can_end_it(silence: Data, hearer: tuple[str, str]) -> None:
    first = after(silence).effects[0]
    assert (first.agency, first.role) == hearer  # type: ignore[attr-defined]


def test_without_an_address_for_operations_the_national_coordinator_stands_in() -> None:
    decision = after(facts.silent(None, "urn:example:kanal"), known=offices())
    assert [(n.agency, n.role, n.state) for n in decision.effects] == [  # type: ignore[attr-defined]
        ("ID", OPERATIONS, "without_recipient"),
        ("ID", COORDINATOR, "queued"),
    ]


@pytest.mark.parametrize(
    ("begin", "end", "rule", "hearers"),
    [
        (facts.surge("35.22", "perhubungan"), facts.surge_ended("35.22", "perhubungan"), "surge-ended", ["35.22", "35.22/dinas-perhubungan"]),
        (facts.silent(), facts.heard_again(), "silence-ended", ["35.22"]),
    ],
    ids=["surge", "silence"],
)
def test_who_was_told_that_it_began_is_told_once_that_it_is_over(begin: Data, end: Data, rule: str, hearers: list[str]) -> None:
    assert told(after(begin, end)) == [(agency, rule, "queued") for agency in hearers]
    again = after(begin, end, end)
    assert (again.events, again.effects) == ((), ())


def test_that_it_is_over_is_not_told_to_who_never_heard_of_it() -> None:
    decision = after(facts.surge_ended())
    assert (decision.state, decision.events, decision.effects) == (None, (), ())
    begun = after(facts.surge())
    (notice,) = begun.effects
    lost = decide(begun.state, outcome(notice), later(1), offices())
    assert [type(said).TYPE.split(".")[2] for said in lost.events] == ["undeliverable"]
    assert orjson.loads(lost.events[0].to_json())["about"] == "surge"
    assert decide(lost.state, facts.event(facts.surge_ended(), later(2)), later(2), offices()).effects == ()


def outcome(notice: Any) -> Any:
    about = {name: getattr(notice, name) for name in ("notice_id", "cause", "rule", "channel", "agency", "role")}
    data = NoticeOutcome(**about, reason="gave_up", message_id=None)
    return Event(notice.cause, f"urn:salur:notice:{notice.notice_id}", data.TYPE, NOON, data, subject=str(SURGE))


def test_an_office_with_a_webhook_is_told_by_it_too_with_the_whole_event() -> None:
    known = replace(offices(), webhooks={("35.22", COORDINATOR): "sistem.test:443"})
    mail, hook = after(facts.surge(), known=known).effects
    assert (mail.channel, hook.channel, hook.host) == ("mail", "webhook", "sistem.test:443")  # type: ignore[attr-defined]
    body = orjson.loads(hook.body)  # type: ignore[attr-defined]
    assert (body["type"], body["subject"], body["data"]["observed"]) == ("salur.surge.detected.v1", str(SURGE), 47)
    assert "tracking" not in body


def test_the_most_specific_rule_names_the_agency_and_one_for_complaints_stands_before_one_for_any_kind() -> None:
    rules = of_rules(
        [
            {"to": "A"},
            {"to": "B", "categories": ["agama"]},
            {"to": "C", "categories": ["agama"], "regions": ["35.22"]},
            {"to": "D", "categories": ["agama.haji"], "kinds": ["complaint"]},
            {"to": "E", "categories": ["agama.haji"]},
            {"to": "F", "categories": ["tik"], "kinds": ["information_request"]},
        ]
    )
    names = [rules.names(*key) for key in (("x", "11"), ("agama", "11"), ("agama", "35.22.15"), ("agama.haji", "35.22"), ("tik", "35"))]
    assert names == ["A", "B", "C", "D", "A"]
    assert Competence({}).names("agama", "35.22") is None


def test_the_shipped_rules_name_agencies_for_surges() -> None:
    known = replace(WITH_OPERATIONS, competence=read_competence(DATA / "routing-rules" / "default.json"))
    assert known.competent("perhubungan", "35.22.15") == "35.22/dinas-perhubungan"
    assert known.competent("agama", "35.22") == "ID.KEMENAG"


@pytest.mark.parametrize("content", ["", "[]", '{"rules": 5}', '{"rules": [{}]}', '{"rules": ["x"]}'])
def test_a_file_of_rules_that_cannot_be_read_stops_the_start(tmp_path: Path, content: str) -> None:
    file = tmp_path / "rules.json"
    file.write_text(content)
    with pytest.raises(SettingsError, match="SALUR_ROUTING_RULES"):
        read_competence(file)
