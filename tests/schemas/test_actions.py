"""What agency systems may order: every action to the letter, refused at the place that is wrong."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from schemas.envelope import EnvelopeError
from schemas.inbound.case_close_v1 import CaseClose
from schemas.inbound.case_decide_transfer_v1 import CaseDecideTransfer
from schemas.inbound.case_follow_up_v1 import CaseFollowUp
from schemas.inbound.case_transfer_v1 import CaseTransfer
from schemas.publish import schema_of
from schemas.registry import EVENTS, Model, read
from schemas.routing.case_transferred_v1 import CaseTransferred

CASE = "01a199d3-6350-847e-bb6d-40d3af184332"
BY = {"agency": "35.22", "role": "liaison"}


def paths(model: Model, data: Any) -> list[str]:
    with pytest.raises(EnvelopeError) as caught:
        read(model, data)
    assert caught.value.code == "schema_violation"
    return [problem.path for problem in caught.value.problems]


def fits_published(model: Model, data: Any) -> bool:
    return bool(Draft202012Validator(schema_of(EVENTS[model.TYPE])).is_valid(data))


ACTION = {"case_id": CASE, "by": BY}
WRONG_ACTIONS: dict[str, tuple[Model, dict[str, Any], str]] = {
    "of no case": (CaseClose, {"by": BY}, "/data/case_id"),
    "of a case whose id is none": (CaseClose, ACTION | {"case_id": "5"}, "/data/case_id"),
    "of a case named by a number": (CaseClose, ACTION | {"case_id": 5}, "/data/case_id"),
    "of a case whose tracking id is a number": (CaseClose, {"tracking_id": 5, "by": BY}, "/data/tracking_id"),
    "of a case whose tracking id is endless": (CaseClose, {"tracking_id": "7" * 41, "by": BY}, "/data/tracking_id"),
    "by nobody": (CaseClose, {"case_id": CASE}, "/data/by"),
    "by a bare name": (CaseClose, ACTION | {"by": "system"}, "/data/by"),
    "in an unknown role": (CaseClose, ACTION | {"by": {"agency": "35", "role": "bupati"}}, "/data/by/role"),
    "by an office without agency": (CaseClose, ACTION | {"by": {"role": "liaison"}}, "/data/by/agency"),
    "by an office of an agency without code": (CaseClose, ACTION | {"by": {"role": "liaison", "agency": ""}}, "/data/by/agency"),
    "by somebody with an endless name": (CaseClose, ACTION | {"by": BY | {"name": "a" * 201}}, "/data/by/name"),
    "that expects a text": (CaseClose, ACTION | {"expected_version": "5"}, "/data/expected_version"),
    "that expects true": (CaseClose, ACTION | {"expected_version": True}, "/data/expected_version"),
    "that expects a half": (CaseClose, ACTION | {"expected_version": 1.5}, "/data/expected_version"),
    "that expects less than nothing": (CaseClose, ACTION | {"expected_version": -1}, "/data/expected_version"),
    "that transfers and forgets to whom": (CaseTransfer, ACTION | {"reason": "r"}, "/data/to"),
    "that transfers without reason": (CaseTransfer, ACTION | {"to": None}, "/data/reason"),
    "that transfers with an empty reason": (CaseTransfer, ACTION | {"to": None, "reason": ""}, "/data/reason"),
    "that transfers with an endless reason": (CaseTransfer, ACTION | {"to": None, "reason": "a" * 2_001}, "/data/reason"),
    "that decides for nobody": (CaseDecideTransfer, ACTION | {"to": None, "reason": "r"}, "/data/to"),
    "that answers nothing": (CaseFollowUp, ACTION | {"text": "", "final": True}, "/data/text"),
    "that answers endlessly": (CaseFollowUp, ACTION | {"text": "a" * 20_001, "final": True}, "/data/text"),
    "that answers and does not say whether finally": (CaseFollowUp, ACTION | {"text": "a"}, "/data/final"),
    "that answers finally with a number": (CaseFollowUp, ACTION | {"text": "a", "final": 1}, "/data/final"),
}


@pytest.mark.parametrize("name", WRONG_ACTIONS)
def test_no_action_is_taken(name: str) -> None:
    model, data, path = WRONG_ACTIONS[name]
    assert paths(model, data) == [path]


@pytest.mark.parametrize("name", [name for name, (_, data, _path) in WRONG_ACTIONS.items() if data.get("case_id") != "5"])
def test_the_published_schema_refuses_the_same_actions(name: str) -> None:
    model, data, _ = WRONG_ACTIONS[name]
    assert not fits_published(model, data)


def test_a_reporter_closes_without_an_agency() -> None:
    data = {"tracking_id": "7K3M-9QWD-2F5H", "by": {"role": "reporter"}}
    assert fits_published(CaseClose, data)
    assert read(CaseClose, data).by.agency is None


def test_a_problem_in_one_arm_of_a_union_is_placed_in_the_data_not_in_the_model() -> None:
    found = paths(CaseTransferred, {"by": {"agency": 5}, "decided_by": None})
    assert {"/data/by/agency", "/data/by/role", "/data/from"} <= set(found)
    assert not any("Actor" in path for path in found)
