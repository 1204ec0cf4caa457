"""What offices write travels without the numbers and addresses of people, whatever action carries it."""

from __future__ import annotations

import time
from typing import Any, get_args

import pytest

from schemas.inbound.action import Action
from schemas.registry import EVENTS
from services.routing.wording import quiet
from tests.routing.acts import ABOVE, OWNER, case_of, follow_up, told, verify
from tests.routing.test_product import FIELDS, order

QUOTED = "Pelapor NIK 3522 0144 0490 7788, HP 0813-7766-5544, qorvex@kenarisuci.id"
SAID = "Pelapor NIK [NIK], HP [telepon], [email]"
CODES = {"case_id", "tracking_id", "by", "expected_version", "agencies", "into", "kind", "category", "days", "final"}
ORDERS = {name.split(".")[2]: entry.model for name, entry in EVENTS.items() if issubclass(entry.model, Action)}


@pytest.mark.parametrize("action", ORDERS)
def test_every_field_in_words_of_an_order_is_quieted(action: str) -> None:
    model = ORDERS[action]
    words = {name for name, field in model.model_fields.items() if name not in CODES and str in (field.annotation, *get_args(field.annotation))}
    codes = {"to"} if action in {"transfer", "decide_transfer", "hand_down"} else set()
    given = {name: "35.78" if name in codes else QUOTED for name in words}
    made = model.model_validate({"case_id": "01963c2f-0000-8000-8000-000000000001", "by": {"agency": OWNER, "role": "coordinator"}}
                                | {name: value for name, value in FIELDS.get(action, {}).items() if name not in given} | given)  # fmt: skip
    quieted = quiet(made)
    assert {name: getattr(quieted, name) for name in words} == {name: "35.78" if name in codes else SAID for name in words}


@pytest.mark.parametrize(
    ("action", "field", "more"),
    [
        ("defer", "question", {}),
        ("transfer", "reason", {"to": "35.78"}),
        ("transfer", "reason", {"to": None}),
        ("refer", "reason", {"to": QUOTED}),
        ("reclassify", "reason", {"kind": "aspiration"}),
    ],
)
def test_what_is_said_and_what_is_kept_quote_nobody(world: Any, action: str, field: str, more: dict[str, Any]) -> None:
    decision = world.decide(case_of(world), order(world, action, OWNER, **{field: QUOTED}, **more))
    said = told(decision)
    assert said[field] == SAID
    assert "7766" not in str(said)
    assert "7766" not in str(decision.state.document())


def test_an_answer_and_an_extension_quote_nobody(world: Any) -> None:
    verified = case_of(world, verify(world))
    for action, field, more in (("follow_up", "text", {"final": True}), ("extend", "reason", {"days": 3})):
        assert told(world.decide(verified, order(world, action, OWNER, **{field: QUOTED}, **more)))[field] == SAID
    closed = case_of(world, verify(world), follow_up(world), order(world, "close", OWNER))
    assert told(world.decide(closed, order(world, "reopen", OWNER, reason=QUOTED)))["reason"] == SAID


def test_why_a_case_is_whose_it_is_follows_its_last_change_of_hands(world: Any) -> None:
    moved = case_of(world, order(world, "transfer", OWNER, to="35.78", reason="Jalan kota."))
    assert moved.because == ("Pemerintah Kabupaten Bojonegoro menyerahkannya kepada Pemerintah Kota Surabaya: Jalan kota.",)
    asked = world.decide(moved, order(world, "transfer", "35.78", to=None, reason="Bukan kami.")).state
    assert asked.because == moved.because, "the holder is the same"
    decided = world.decide(asked, order(world, "decide_transfer", ABOVE, to=OWNER, reason="Jalan kabupaten.")).state
    assert decided.because == (
        "Pemerintah Provinsi Jawa Timur sebagai koordinator memutuskan Pemerintah Kabupaten Bojonegoro yang menanganinya: Jalan kabupaten.",
    )


def test_a_long_answer_is_quieted_in_good_time(world: Any) -> None:
    made = order(world, "follow_up", OWNER, text="Nomor 0813-7766-5544, surat 12/2025. " * 540, final=True).data
    began = time.process_time()
    quiet(made)
    assert time.process_time() - began < 0.2, "seconds of CPU for 20,000 characters"
