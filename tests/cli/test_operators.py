"""What operators ask: a case's way, what is parked, whether the history is whole, whose a case would be, how it all stands."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from deploy.local.supervisor import Stack
from tests.cli.conftest import Done, Salur, lines

pytestmark = pytest.mark.long

CANARY = "KENARI"
SERVICES = ("intake", "routing", "sla", "notify")


async def eventually(ask: Callable[[], Awaitable[Done]], true: Callable[[Done], Any], seconds: float = 30) -> Done:
    end = time.monotonic() + seconds
    while not true(done := await ask()):
        assert time.monotonic() < end, done
        await asyncio.sleep(0.3)
    return done


async def submit(salur: Salur, **data: Any) -> dict[str, Any]:
    """Hand in a complaint and wait until it has an owner, a clock and a notice."""
    done = await salur("publish", "-", "--json", given=lines({"text": f"{CANARY} {uuid4()}", "region": "35.22", **data}))
    receipt = done.documents[0]

    def whole(done: Done) -> bool:
        said = {event["type"] for event in done.documents[0]["events"]} if done.code == 0 else set()
        return {"salur.case.routed.v1", "salur.deadline.set.v1", "salur.notice.delivered.v1"} <= said

    await eventually(lambda: salur("trace", receipt["case_id"], "--json"), whole)
    return receipt


async def test_a_trace_tells_the_whole_way_by_either_name(salur: Salur, stack: Stack) -> None:
    receipt = await submit(salur, title="Lubang di jalan")
    document = (await salur("trace", receipt["case_id"], "--json")).documents[0]
    owner = next(event["data"]["owner"] for event in document["events"] if event["type"] == "salur.case.routed.v1")
    async with httpx.AsyncClient(base_url=stack.addresses["routing"]) as http:
        order = {"action": "verify", "by": {"agency": owner, "role": "coordinator"}}
        key = uuid4().hex
        answer = await http.post(f"/v1/cases/{receipt['case_id']}/actions", json=order, headers={"Idempotency-Key": key})
        assert answer.status_code == 200, answer.text
    met = await eventually(lambda: salur("trace", receipt["tracking_id"]), lambda done: "verification clock of" in done.out and " met, " in done.out)
    assert met.out.startswith(f"{receipt['tracking_id']}  Lubang di jalan\ncase {receipt['case_id']}\nnow  verified (Terverifikasi), owner {owner}\n")
    story = met.out
    order_of = [
        "came in over Kafka",
        "accepted: complaint",
        f"{owner} owns it",
        "runs: due",
        "will tell",
        "came in over HTTP",
        "verified by the coordinator",
    ]
    assert [story.index(words) for words in order_of] == sorted(story.index(words) for words in order_of)
    document = (await salur("trace", receipt["tracking_id"].lower().replace("-", " "), "--json")).documents[0]
    assert {event["service"] for event in document["events"]} == set(SERVICES)
    first = document["received"][0]
    assert (first["outcome"], first["topic"], first["offset"]) == ("accepted", "salur.submissions", receipt["offset"])
    assert [row["received_id"] for row in document["received"] if row["service"] == "routing"] == [key]
    for service in SERVICES:
        said = [event["sequence"] for event in document["events"] if event["service"] == service]
        assert said == list(range(1, len(said) + 1))
    assert CANARY not in met.out + str(document)


@pytest.mark.parametrize("data", [{"kind": "whistleblowing"}, {"confidential": True}], ids=["whistleblowing", "confidential"])
async def test_nothing_that_was_written_is_shown_of_a_private_case(salur: Salur, data: dict[str, Any]) -> None:
    receipt = await submit(salur, title=f"{CANARY} judul", addressed_to=CANARY, category=CANARY, **data)
    told = await salur("trace", receipt["tracking_id"])
    document = await salur("trace", receipt["case_id"], "--json")
    assert told.code == document.code == 0
    assert CANARY not in told.out + told.err + document.out


async def test_a_service_that_is_away_is_said_and_the_others_parts_are_told(salur: Salur, stack: Stack) -> None:
    receipt = await submit(salur)
    await stack.process("sla").stop()
    try:
        told = await salur("trace", receipt["tracking_id"])
        chain = await salur("verify-chain")
        parked = await salur("parked", "list")
        one = await salur("parked", "list", "--service", "routing")
    finally:
        stack.process("sla").start()
        await stack.process("sla").wait_ready(60)
    assert (told.code, "owns it" in told.out, "runs: due" in told.out, "sla is away" in told.err) == (3, True, False, True)
    assert (chain.code, "routing:" in chain.out, "sla is away" in chain.err) == (3, True, True)
    assert (parked.code, one.code) == (3, 0)


async def test_wrong_names_and_unknown_cases_are_told_apart(salur: Salur, alone: Salur) -> None:
    nothing = await salur("trace", str(uuid4()), "--json")
    assert (nothing.code, nothing.documents) == (1, [{"error": {"code": "no", "message": "No service knows this case."}}])
    assert (await salur("trace", str(uuid4()))).out == ""
    assert (await salur("trace", "0000-0000-0000")).code == 1
    wrong = await salur("trace", CANARY)
    assert (wrong.code, CANARY in wrong.err) == (2, False)
    assert (await salur("trace", str(uuid4()), "--zone", "Mars/Olympus")).code == 2
    for command in (
        ("trace", str(uuid4())),
        ("trace", "0000-0000-0000"),
        ("verify-chain",),
        ("parked", "list"),
        ("routing", "explain", "--region", "35"),
    ):
        away = await alone(*command)
        assert (away.code, "salur status" in away.err) == (3, True), command
    assert (await alone("status", "--json")).code == 3


async def test_what_is_parked_is_listed_shown_taken_up_and_given_up(salur: Salur) -> None:
    assert (await salur("parked", "list")).out == "Nothing is parked.\n"
    event = {"specversion": "1.0", "source": "urn:test", "type": "salur.complaint.submitted.v9", "data": {"text": CANARY}}
    published = await salur("publish", "-", "--json", given=lines({**event, "id": uuid4().hex}, {**event, "id": uuid4().hex}))
    assert (published.code, {row["code"] for row in published.documents}) == (1, {"unsupported_version"})
    (listed,) = (await salur("parked", "list", "--json")).documents
    first, second = [row["id"] for row in listed["parked"]]
    assert listed["counts"]["intake"] == {"unsupported_version": 2}
    table = await salur("parked", "list")
    assert (first in table.out, "unsupported_version" in table.out, "2 inputs are parked" in table.err) == (True, True, True)
    shown = await salur("parked", "show", first, "--service", "intake")
    assert ("salur.complaint.submitted" in shown.out or "received id" in shown.out, CANARY in shown.out) == (True, False)
    still = await salur("parked", "redrive", first, second, "--json")
    assert (still.code, [row["state"] for row in still.documents]) == (1, ["parked", "parked"])
    every = await salur("parked", "redrive", "--all")
    assert (every.code, "2 inputs stay parked" in every.err) == (1, True)
    one = await salur("parked", "list", "--limit", "1", "--json")
    assert [row["id"] for row in one.documents[0]["parked"]] == [first]
    nobody = await salur("parked", "discard", first)
    assert (nobody.code, nobody.out, "--yes" in nobody.err) == (2, "", True)
    other = await salur("parked", "redrive", "--all", "--reason", "internal_error")
    assert (other.code, "Nothing is parked" in other.err) == (0, True)
    gone = await salur("parked", "discard", first, "--yes")
    assert (gone.code, gone.out) == (0, f"{first}  discarded\n")
    again = await salur("parked", "discard", first, second, "--json", "--yes")
    assert (again.code, [row["state"] for row in again.documents]) == (0, ["discarded", "discarded"])
    assert (await salur("parked", "list")).out == "Nothing is parked.\n"
    unknown = await salur("parked", "show", str(uuid4()), "--json")
    assert (unknown.code, unknown.documents[0]["error"]["code"]) == (1, "no")
    assert (await salur("parked", "redrive", "--all")).code == 0
    for wrong in (("show", CANARY), ("redrive",), ("redrive", "--all", first), ("list", "--limit", "0"), ("list", "--service", "mars")):
        assert (await salur("parked", *wrong)).code == 2, wrong


TAMPERINGS = {
    "header": "UPDATE {0}.event SET header = convert_to(replace(convert_from(header, 'UTF8'), '\"time\":\"20', '\"time\":\"19'), 'UTF8') "
    "WHERE case_id = $1 AND sequence = 1",
    "data": "UPDATE {0}.event SET body = body || ' '::bytea WHERE case_id = $1 AND sequence = 1",
    "first": "DELETE FROM {0}.event WHERE case_id = $1 AND sequence = 1",
    "tail": "DELETE FROM {0}.event WHERE case_id = $1 AND sequence = 2",
    "all": "DELETE FROM {0}.event WHERE case_id = $1",
    "head": "UPDATE {0}.head SET chain = '\\x00' WHERE case_id = $1",
    "headless": "DELETE FROM {0}.head WHERE case_id = $1",
    "swapped": "UPDATE {0}.event SET sequence = -sequence WHERE case_id = $1; UPDATE {0}.event SET sequence = 3 + sequence WHERE case_id = $1",
}
WHERE = {"tail": 2, "head": 2}
"""At which sequence it shows; at the first otherwise."""


@pytest.mark.parametrize("what", list(TAMPERINGS))
async def test_every_tampering_is_found(salur: Salur, owner: asyncpg.Connection, what: str) -> None:
    receipt = await submit(salur)
    case = receipt["case_id"]
    rows = await owner.fetch("SELECT * FROM notify.event WHERE case_id = $1", case)
    head = await owner.fetchrow("SELECT * FROM notify.head WHERE case_id = $1", case)
    assert head["sequence"] == len(rows) == 2
    for statement in TAMPERINGS[what].format("notify").split("; "):
        await owner.execute(statement, case)
    try:
        one = await salur("verify-chain", "--case", receipt["tracking_id"], "--json")
        every = await salur("verify-chain")
    finally:
        await owner.execute("DELETE FROM notify.event WHERE case_id = $1", case)
        await owner.execute("DELETE FROM notify.head WHERE case_id = $1", case)
        await owner.executemany("INSERT INTO notify.event SELECT ($1::notify.event).*", [(row,) for row in rows])
        await owner.execute("INSERT INTO notify.head SELECT ($1::notify.head).*", head)
    broken = {row["service"]: row["broken"] for row in one.documents}
    assert one.code == every.code == 1
    assert [service for service in SERVICES if broken[service]] == ["notify"]
    assert (broken["notify"]["case_id"], broken["notify"]["sequence"]) == (case, WHERE.get(what, 1))
    assert f"notify: BROKEN at case {case}, sequence {WHERE.get(what, 1)}" in every.err
    whole = await salur("verify-chain")
    assert (whole.code, whole.err) == (0, "")


async def test_what_was_erased_by_right_still_verifies_and_its_way_is_still_told(salur: Salur, owner: asyncpg.Connection) -> None:
    receipt = await submit(salur, title="Lubang")
    await owner.execute("UPDATE intake.event SET body = NULL WHERE case_id = $1", receipt["case_id"])
    done = await salur("verify-chain", "--case", receipt["case_id"], "--json")
    assert (done.code, {row["service"]: row["erased"] for row in done.documents}["intake"]) == (0, 1)
    assert "its data was erased" in (await salur("trace", receipt["case_id"])).out


async def test_an_owner_is_explained_by_options_and_by_file(salur: Salur) -> None:
    one = await salur("routing", "explain", "--kind", "whistleblowing", "--json")
    assert (one.code, one.documents[0]["owner"], one.documents[0]["rule"]) == (0, "ID", "whistleblowing")
    told = await salur("routing", "explain", "--region", "35.22", "--category", "infrastruktur")
    assert (told.code, "(rule " in told.out, "directory " in told.out) == (0, True, True)
    file = await salur("routing", "explain", "-", "--json", given=lines({"text": "a", "region": "35"}, {"text": CANARY, "region": CANARY}))
    assert (file.code, [row["line"] for row in file.documents], CANARY in file.out) == (1, [1, 2], False)
    assert file.documents[1]["errors"][0]["path"] == "/data/region"
    assert (await salur("routing", "explain")).code == 2
    assert (await salur("routing", "explain", "--region", CANARY)).code == 1


async def test_the_status_shows_every_process_and_one_clock(salur: Salur) -> None:
    done = await salur("status", "--json")
    told = done.documents[0]
    assert done.code == 0
    assert {*SERVICES, "kafka", "postgres", "mailbox"} <= {process["name"] for process in told["processes"]}
    assert told["clock"]["speed"] == 1
    shown = (await salur("status")).out
    assert all(f"{process['name']} " in shown and process["address"] in shown for process in told["processes"])


async def test_operators_doors_are_shut_to_pages_and_to_other_names(stack: Stack) -> None:
    async with httpx.AsyncClient(base_url=stack.addresses["intake"]) as http:
        assert (await http.get("/ops/v1/parked")).status_code == 200
        assert (await http.get("/ops/v1/parked", headers={"Host": "salur.example"})).status_code == 403
        assert (await http.get("/ops/v1/parked", headers={"Origin": "http://evil.example"})).status_code == 403
        refused = await http.get(f"/ops/v1/parked/{CANARY}")
        assert (refused.status_code, CANARY in refused.text) == (422, False)
