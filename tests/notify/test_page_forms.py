"""The forms of the page: every action with its own fields, and what becomes of what was filled in."""

from __future__ import annotations

import re

import pytest

from schemas.inbound.action import Action
from schemas.registry import EVENTS
from services.notify.offices import Agency, Offices
from services.notify.page.form_view import Typed
from services.notify.page.forms import FORMS, MAX_ANSWER, find_agency, read
from services.notify.page.sources import Part
from tests.notify.facts import CASE
from tests.notify.test_page import OFFICES, PEN, ROUTED, fields_of, looked, shown


def test_the_page_knows_every_action_that_a_person_takes_with_exactly_its_own_fields() -> None:
    common = set(Action.model_fields)
    orders = {entry.type.split(".")[2]: entry.model for entry in EVENTS.values() if issubclass(entry.model, Action)}
    assert set(FORMS) == set(orders)
    for action, model in orders.items():
        assert {each.name for each in FORMS[action]} == set(model.model_fields) - common


FILLED = {
    "decide_transfer": ({"to": "35.78", "reason": "x"}, {"to": "35.78", "reason": "x"}),
    "transfer": ({"to": "", "reason": " a\r\nb "}, {"to": None, "reason": "a\nb"}),
    "hand_down": ({"to": "Dinas Sosial, Pemerintah Kabupaten Bojonegoro (35.22/dinas-sosial)"}, {"to": "35.22/dinas-sosial"}),
    "follow_up": ({"text": "Sudah\x00 ditambal.", "final": "yes"}, {"text": "Sudah ditambal.", "final": True}),
    "extend": ({"days": "5", "reason": "x"}, {"days": 5, "reason": "x"}),
    "reclassify": ({"kind": "aspiration", "category": "", "reason": "x"}, {"kind": "aspiration", "reason": "x"}),
    "refer": ({"to": "Ombudsman", "reason": "x"}, {"to": "Ombudsman", "reason": "x"}),
    "archive": ({"reason": "unclear"}, {"reason": "unclear"}),
    "defer": ({"question": "Di mana?"}, {"question": "Di mana?"}),
    "reopen": ({"reason": "x"}, {"reason": "x"}),
}


@pytest.mark.parametrize("action", FORMS)
def test_a_form_that_is_filled_in_becomes_the_data_of_its_order(action: str) -> None:
    given, data = FILLED.get(action, ({}, {}))
    filled = read(action, given, OFFICES)
    assert (filled.data, filled.errors) == (data, {})
    model = EVENTS[f"salur.case.{action}.v1"].model
    model.model_validate({**filled.data, "case_id": CASE, "by": {"agency": "35.22", "role": "coordinator"}})


@pytest.mark.parametrize(
    ("action", "given", "field", "error"),
    [
        ("transfer", {"to": "Dinas yang tidak ada", "reason": "x"}, "to", "agency"),
        ("transfer", {"to": "35.78", "reason": " \n "}, "reason", "required"),
        ("defer", {"question": "x" * 2001}, "question", "too_long"),
        ("follow_up", {"text": "x" * 20_001, "final": "no"}, "text", "too_long"),
        ("follow_up", {"text": "x"}, "final", "choice"),
        ("follow_up", {"text": "x", "final": "true"}, "final", "choice"),
        ("extend", {"days": "0", "reason": "x"}, "days", "days"),
        ("extend", {"days": "61", "reason": "x"}, "days", "days"),
        ("extend", {"days": "٣", "reason": "x"}, "days", "days"),
        ("archive", {"reason": "because"}, "reason", "choice"),
        ("reclassify", {"reason": "x"}, "kind", "nothing"),
        ("hand_down", {}, "to", "required"),
    ],
)
def test_a_form_that_cannot_be_taken_is_shown_again_with_what_is_wrong_beside_the_field(
    action: str, given: dict[str, str], field: str, error: str
) -> None:
    filled = read(action, given, OFFICES)
    assert {name: why for name, (why, _) in filled.errors.items()} == {field: error}
    seen = looked(case=Part({**ROUTED, "allowed": [action]}))
    html = fields_of(shown(seen=seen, typed=Typed(action, given, filled.errors)), action)
    sentence = PEN.words["id"]["errors"][error].partition("%s")[0]
    assert re.search(rf'id="{action}-{field}-wrong">{re.escape(sentence)}|class="wrong" id="{action}-{field}-wrong">{re.escape(sentence)}', html)


def test_an_agency_is_found_by_label_code_or_its_only_name() -> None:
    twins = Offices({**OFFICES.agencies, "35.78/dinas-sosial": Agency("Dinas Sosial", "35.78", "Asia/Jakarta")}, frozenset())
    for text in ("35.78", "pemerintah kota surabaya", "Pemerintah Kota Surabaya (35.78)"):
        assert find_agency(text, twins) == "35.78"
    assert find_agency("Dinas Sosial", twins) is None
    assert find_agency("Dinas Sosial (35.78/dinas-sosial)", twins) == "35.78/dinas-sosial"


def test_an_answer_of_the_greatest_length_can_be_typed() -> None:
    assert read("follow_up", {"text": "😀" * MAX_ANSWER, "final": "no"}, OFFICES).errors == {}
