"""What the tracking view tells of a case."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest

from chassis.decode import Decoder
from chassis.item import Item, Raw
from schemas.envelope import Stamp
from schemas.registry import EVENTS
from schemas.words import Kind
from services.intake.app import TRACKING
from services.intake.domain import Submission
from services.intake.tracking import Step, deadlines, own_step, step_of, tell

EXAMPLES = sorted((Path(__file__).parents[2] / "schemas" / "examples").glob("*/*.json"))
HEARD = [
    path for path in EXAMPLES if EVENTS[path.parent.name].topic in ("salur.routing", "salur.sla") and "intake" in EVENTS[path.parent.name].readers
]

T0 = datetime(2026, 11, 2, 1, tzinfo=UTC)
CASE = Submission(UUID(int=1), "YBT7-S96S-FTP3", Kind.COMPLAINT, "agama", False, False, "urn:x", None, T0)


def after(minutes: int) -> datetime:
    return T0 + timedelta(minutes=minutes)


def clock(sequence: int, what: str, due: int = 60, agency: str = "35.22") -> Step:
    return Step("sla", sequence, after(sequence), f"deadline.{what}", "system", clock="verification", agency=agency, due_at=after(due))


WAY = [
    Step("routing", 1, after(1), "case.routed", "system", state="verification", owner="35.22"),
    Step("routing", 2, after(4), "case.transferred", "35.22/coordinator", state="verification", owner="35"),
    Step("routing", 3, after(6), "case.verified", "35/liaison", state="verified", owner="35"),
]


def test_a_case_that_nobody_spoke_of_yet_is_accepted() -> None:
    assert tell(CASE, []) == {
        "tracking_id": "YBT7-S96S-FTP3",
        "status": "accepted",
        "owner": None,
        "kind": "complaint",
        "category": "agama",
        "history": [{"at": T0, "what": "complaint.accepted", "who": "system"}],
        "deadlines": [],
        "as_of": T0,
    }


def test_the_view_is_the_same_in_whichever_order_the_steps_arrived() -> None:
    steps = [*WAY, clock(1, "set"), clock(2, "met")]
    views = [tell(CASE, order) for order in permutations(steps)]
    assert all(view == views[0] for view in views)
    assert (views[0]["status"], views[0]["owner"], views[0]["as_of"]) == ("verified", "35", after(6))
    assert [entry["what"] for entry in views[0]["history"]] == [
        "complaint.accepted", "case.routed", "deadline.set", "deadline.met", "case.transferred", "case.verified",
    ]  # fmt: skip
    assert views[0]["history"][4]["who"] == "35.22/coordinator"


def test_a_clock_is_what_its_latest_event_made_of_it() -> None:
    assert [d["state"] for d in deadlines([clock(1, "set")])] == ["running"]
    for what in ("paused", "met", "breached", "elapsed", "cancelled"):
        assert deadlines([clock(1, "set"), clock(2, what)])[0]["state"] == what
    assert deadlines([clock(1, "set"), clock(2, "paused"), clock(3, "resumed", 90)]) == [
        {"clock": "verification", "agency": "35.22", "due_at": after(90), "state": "running"}
    ]
    assert deadlines([clock(1, "set"), clock(2, "paused"), clock(3, "moved", 90)])[0]["state"] == "paused"


def test_a_clock_that_was_breached_ends_as_that_unless_it_got_more_time_or_was_stopped() -> None:
    for what in ("met", "cancelled", "warned"):
        assert deadlines([clock(1, "set"), clock(2, "breached"), clock(3, what)])[0]["state"] == "breached"
    for what, due, state in (("moved", 90, "running"), ("moved", 1, "breached"), ("paused", 90, "paused"), ("resumed", 90, "running")):
        assert deadlines([clock(1, "set"), clock(2, "breached"), clock(3, what, due)])[0]["state"] == state, what
    assert [d["state"] for d in deadlines([clock(1, "set"), clock(2, "breached"), clock(3, "met"), clock(4, "set")])] == ["breached", "running"]


def test_a_clock_that_goes_on_in_other_hands_is_one_clock() -> None:
    handed = clock(2, "warned")._replace(agency="35.22/dishub")
    assert [(d["agency"], d["state"]) for d in deadlines([clock(1, "set"), handed, handed._replace(sequence=3, what="deadline.met")])] == [
        ("35.22/dishub", "met")
    ]


def test_what_the_reporter_said_later_stands_in_the_history_without_its_words() -> None:
    header = b'{"type":"salur.complaint.supplement_accepted.v1","time":"2026-11-02T01:05:00.123456Z"}'
    view = tell(CASE, [*WAY, own_step(2, header)])
    said = after(5) + timedelta(microseconds=123456)
    assert view["history"][3] == {"at": said, "what": "complaint.supplement_accepted", "who": "reporter"}
    assert (view["status"], view["owner"], view["as_of"]) == ("verified", "35", after(6))


def test_a_clock_that_is_set_again_is_another_one_and_each_agency_has_its_own() -> None:
    told = deadlines([clock(1, "set"), clock(2, "cancelled"), clock(3, "set", agency="35"), clock(4, "cancelled", agency="35"), clock(5, "set", 99)])
    assert [(d["agency"], d["state"]) for d in told] == [("35.22", "cancelled"), ("35", "cancelled"), ("35.22", "running")]


def heard(event: dict[str, Any], topic: str) -> Item | object:
    attributes = {name: value for name, value in event.items() if name != "data"}
    headers = Stamp(event["source"], event["type"]).headers(attributes)
    return Decoder(TRACKING.service())(Raw(topic, 0, 0, 0, None, orjson.dumps(event), headers), T0)


@pytest.mark.parametrize("path", HEARD, ids=lambda path: f"{path.parent.name}/{path.stem}")
@pytest.mark.parametrize("restricted", [False, True])
def test_of_all_that_routing_and_sla_say_the_view_reads_what_it_shows(path: Path, restricted: bool) -> None:
    event = orjson.loads(path.read_bytes())
    item = heard(event, "salur.restricted" if restricted else EVENTS[event["type"]].topic)
    assert isinstance(item, Item)
    said, step = event["data"], step_of(item.event)
    by = said.get("by", "system")
    due = said.get("due_at")
    assert step == Step(
        speaker=event["source"].removeprefix("urn:salur:"),
        sequence=event["sequence"],
        at=datetime.fromisoformat(event["time"]),
        what=event["type"].removeprefix("salur.").removesuffix(".v1"),
        who=by if isinstance(by, str) else f"{by['agency']}/{by['role']}",
        state=said.get("state"),
        owner=said.get("owner"),
        clock=said.get("clock"),
        agency=said.get("agency"),
        due_at=datetime.fromisoformat(due) if due else None,
    )


@pytest.mark.parametrize("lost", ["state", "owner", "by"])
def test_a_step_without_what_the_view_shows_is_not_read(lost: str) -> None:
    event = orjson.loads(next(path for path in HEARD if path.parent.name == "salur.case.routed.v1").read_bytes())
    assert isinstance(heard(event, "salur.routing"), Item)
    del event["data"][lost]
    assert not isinstance(heard(event, "salur.routing"), Item)
