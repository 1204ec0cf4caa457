"""Routing as its neighbours see it: facts of intake and sla come in, offices act by topic and by HTTP, and every sender is answered."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import orjson
import pytest
import pytest_asyncio

from tests.routing.running import OWNER, SAID, Running, eventually, started

ABOVE, STRANGER = "35", "32.73"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    async with started(tmp_path_factory.mktemp("routing")) as made:
        yield made


# -- a case's way -----------------------------------------------------------------------------------------------------


async def test_a_case_goes_its_whole_way_over_both_doors(running: Running) -> None:
    case = await running.accept(reply_to="https://kanal.example/salur")
    assert (await running.heard(case, "routed"))["reply_to"] == "https://kanal.example/salur"
    asked = await running.act("defer", case, data={"question": "di mana?"})
    assert asked.status_code == 200, asked.text
    told = asked.json()
    assert (told["state"], told["version"], told["owner"]) == ("waiting_reporter", 2, OWNER)
    assert told["allowed"] == ["resume", "reclassify", "archive", "acknowledge"]
    await running.say("salur.intake", "salur.complaint.supplement_accepted.v1", case, text="di simpang lima")
    assert (await running.heard(case, "resumed"))["by"] == "reporter"
    assert (await running.order("verify", case, role="liaison"))["code"] == "ok"
    assert (await running.act("hand_down", case, data={"to": "35.22/dinas-sosial"})).status_code == 200
    assert (await running.order("extend", case, days=5, reason="x"))["code"] == "ok"
    assert (await running.act("follow_up", case, role="technical_officer", data={"text": "sudah", "final": True})).json()["state"] == "followed_up"
    await running.say("salur.intake", "salur.complaint.supplement_accepted.v1", case, text="belum")
    assert (await running.heard(case, "replied"))["text"] == "belum"
    assert (await running.order("follow_up", case, text="sekarang sudah", final=True))["code"] == "ok"
    assert (await running.act("close", case, agency=None, role="reporter")).json()["state"] == "closed"
    reopened = (await running.act("reopen", case, agency=None, role="reporter", data={"reason": "rusak lagi"})).json()
    assert (reopened["state"], reopened["allowed"]) == ("verified", [])
    await running.say("salur.intake", "salur.complaint.withdrawal_accepted.v1", case)
    assert (await running.heard(case, "withdrawn"))["by"] == "reporter"
    said = running.said(case, "salur.routing")
    assert [event["sequence"] for event in said] == list(range(1, 13))
    shown = (await running.open.get(f"/v1/cases/{case}", params={"agency": OWNER, "role": "coordinator"})).json()
    assert (shown["state"], shown["version"], shown["allowed"], shown["hops"][0]["agency"]) == ("withdrawn", 12, [], OWNER)


async def test_an_action_that_is_parked_is_not_answered_as_done_when_it_is_sent_again(running: Running) -> None:
    case, key = await running.accept(), str(uuid4())
    event = {"specversion": "1.0", "id": str(uuid4()), "source": "urn:test:agency", "type": "salur.case.verify.v9", "data": {"case_id": case}}
    await running.producer.send_and_wait("salur.actions", orjson.dumps(event), key=case.encode())
    await eventually(lambda: [data for data in running.data("salur.receipts") if data["received_id"] == event["id"]])
    for _ in range(2):
        answer = await running.act("verify", case, key=key)
        assert (answer.status_code, answer.json()["outcome"], answer.json()["code"]) == (202, "parked", "queued_behind")
    parked = [row for row in (await running.open.get("/ops/v1/parked", params={"limit": 1000})).json()["parked"] if row["case_id"] == case]
    assert [(row["reason"], row["offset"] is None) for row in parked] == [("unsupported_version", False), ("queued_behind", True)]
    assert (await running.open.get(f"/ops/v1/parked/{parked[0]['id']}")).json()["type"] == event["type"]
    assert (await running.open.post(f"/ops/v1/parked/{parked[0]['id']}:discard")).status_code == 200
    assert (await running.open.post(f"/ops/v1/parked/{parked[1]['id']}:redrive")).json()["state"] == "redriven"
    done = await running.act("verify", case, key=key)
    assert (done.status_code, done.json()["state"]) == (200, "verified")
    final = await eventually(lambda: [data for data in running.data("salur.receipts") if data["received_id"] == key])
    assert [(data["code"], data["topic"], data["partition"], data["offset"]) for data in final] == [("ok", None, None, None)]


async def test_an_action_whose_first_copy_waits_for_its_case_is_told_to_come_again(running: Running) -> None:
    case, key = str(uuid4()), str(uuid4())
    event = {"specversion": "1.0", "id": key, "source": "urn:salur:open", "type": "salur.case.verify.v1"}
    value = orjson.dumps(event | {"data": {"case_id": case, "by": {"agency": OWNER, "role": "coordinator"}}})
    await running.producer.send_and_wait("salur.actions", value, key=case.encode())
    await asyncio.sleep(2)
    answer = await running.act("verify", case, key=key)
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (409, "case_not_yet_known", "1")


async def test_a_question_that_nobody_answers_ends_the_case(running: Running) -> None:
    case = await running.accept()
    await running.act("defer", case, data={"question": "di mana?"})
    elapsed: dict[str, Any] = {
        "clock": "completion",
        "agency": OWNER,
        "due_at": "2026-03-02T05:00:00Z",
        "policy_version": "1",
        "calendar_version": "1",
    }
    elapsed |= {"consumed_percent": 100, "fired_at": "2026-03-02T05:00:00Z"}
    for basis in (1, 2):
        await running.say("salur.sla", "salur.deadline.elapsed.v1", case, **elapsed, basis=basis)
    archived = await running.heard(case, "archived")
    assert (archived["by"], archived["reason"], archived["state"]) == ("system", "expired", "archived")
    assert len(running.said(case)) == 3


async def test_a_case_that_turns_out_to_be_whistle_blowing_goes_on_where_few_read(running: Running) -> None:
    case = await running.accept()
    for action, data in (("verify", {}), *(("reclassify", {"kind": kind, "reason": "x"}) for kind in ("whistleblowing", "complaint"))):
        assert (await running.act(action, case, data=data)).status_code == 200
    assert (await running.order("follow_up", case, text="rahasia sekali", final=True))["code"] == "ok"
    await running.heard(case, "followed_up")
    openly, hidden = (running.said(case, topic) for topic in SAID[:2])
    assert [event["sequence"] for event in openly] == [1, 2]
    assert [event["sequence"] for event in hidden] == [3, 4, 5]
    assert b"rahasia sekali" not in b"".join(record.value for topic in SAID for record in running.records.get(topic, ()))


# -- what is refused --------------------------------------------------------------------------------------------------


async def test_what_may_not_be_done_is_refused_with_what_may(running: Running) -> None:
    case = await running.accept()
    for sent, status, code in (
        (running.act("resume", case), 409, "illegal_action"),
        (running.act("verify", case, expected_version=7), 409, "stale_version"),
        (running.act("verify", case, agency=STRANGER), 403, "forbidden_role"),
        (running.act("archive", case, role="liaison", data={"reason": "unclear"}), 403, "forbidden_role"),
    ):
        answer = await sent
        told = answer.json()
        assert (answer.status_code, told["code"], told["outcome"], told["version"]) == (status, code, "rejected", 1)
    illegal = (await running.act("resume", case)).json()
    assert illegal["allowed"] == ["verify", "defer", "transfer", "reclassify", "refer", "archive", "acknowledge"]
    assert (await running.act("verify", case, agency=STRANGER)).json()["allowed"] == []
    assert len(running.said(case)) == 1


@pytest.mark.parametrize(
    ("action", "data", "code", "path"),
    [
        ("resume", {}, "illegal_action", ""),
        ("verify", {"expected_version": 7}, "stale_version", "/data/expected_version"),
        ("verify", {"agency": STRANGER}, "forbidden_role", "/data/by"),
        ("archive", {"reason": "bosan"}, "schema_violation", "/data/reason"),
        ("extend", {"days": 5}, "schema_violation", "/data/reason"),
        ("reclassify", {"category": "jalanan", "reason": "x"}, "schema_violation", "/data/category"),
        ("reclassify", {"reason": "x"}, "schema_violation", "/data/kind"),
        ("verify", {"tracking_id": "YBT7-S96S-FTP3"}, "unknown_case", "/data/tracking_id"),
    ],
)
async def test_the_receipt_of_a_refused_action_says_why(running: Running, action: str, data: dict[str, Any], code: str, path: str) -> None:
    case = await running.accept()
    receipt = await running.order(action, case, **data)
    assert (receipt["outcome"], receipt["code"], receipt["errors"][0]["path"]) == ("rejected", code, path)


async def test_one_key_is_one_action(running: Running) -> None:
    case, key = await running.accept(), str(uuid4())
    first = await running.act("acknowledge", case, key=key)
    again = await running.act("acknowledge", case, key=key)
    assert (first.status_code, again.status_code, again.json()) == (200, 200, first.json())
    other = await running.act("acknowledge", case, key=key, role="liaison")
    assert (other.status_code, other.json()["code"], other.json()["errors"][0]["path"]) == (409, "idempotency_conflict", "/headers/idempotency-key")
    assert len(running.said(case)) <= 2
    refused = await running.act("resume", case, key=(late := str(uuid4())))
    await running.act("defer", case, data={"question": "x"})
    assert (refused.status_code, (await running.act("resume", case, key=late)).status_code) == (409, 200)


async def test_a_case_that_is_not_there(running: Running) -> None:
    nobody = str(uuid4())
    early = await running.act("verify", nobody)
    assert (early.status_code, early.json()["code"], early.headers["Retry-After"]) == (409, "case_not_yet_known", "1")
    unknown = [await running.open.get(f"/v1/cases/{path}") for path in (nobody, "35.22")] + [await running.act("verify", "35.22")]
    assert [(answer.status_code, answer.json()["code"]) for answer in unknown] == [(404, "unknown_case")] * 3


@pytest.mark.parametrize(
    ("body", "key", "status", "code", "path"),
    [
        (b"{", "k", 422, "malformed_json", ""),
        (b"[]", "k", 422, "schema_violation", "/action"),
        (b'{"action": "split"}', "k", 422, "schema_violation", "/action"),
        (b'{"action": "verify", "data": []}', "k", 422, "schema_violation", "/data"),
        (b'{"action": "verify"}', "k", 422, "schema_violation", "/data/by"),
        (b'{"action": "verify", "data": {"by": {"agency": "35.22", "role": "coordinator"}}}', "k", 422, "schema_violation", "/data/by"),
        (b'{"action": "verify", "by": {"role": "coordinator"}}', "k", 422, "schema_violation", "/data/by/agency"),
        (b'{"action": "verify", "by": {"agency": "35.22", "role": "raja"}}', "k", 422, "schema_violation", "/data/by/role"),
        (b'{"action": "verify"}', "", 422, "schema_violation", "/headers/idempotency-key"),
        (b" " * (256 * 1024 + 1), "k", 413, "too_large", ""),
    ],
)
async def test_a_body_that_is_no_action(running: Running, body: bytes, key: str, status: int, code: str, path: str) -> None:
    case = str(uuid4())
    headers = {"Idempotency-Key": f"{key}{uuid4()}" if key else ""}
    answer = await running.open.post(f"/v1/cases/{case}/actions", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"], answer.json()["errors"][0]["path"]) == (status, code, path)
    assert b"raja" not in answer.content


# -- signed links -----------------------------------------------------------------------------------------------------


async def test_the_link_of_a_notice_lets_its_office_act_where_nobody_else_may(running: Running) -> None:
    case = await running.accept()
    path, order = f"/v1/cases/{case}", {"action": "verify"}
    key = {"Idempotency-Key": str(uuid4())}
    for headers, status, code in (
        ({}, 401, "unauthorized_source"),
        ({"Authorization": "Bearer bohong"}, 401, "unauthorized_source"),
        (running.token(case, days=-1), 401, "unauthorized_source"),
        (running.token(str(uuid4())), 403, "forbidden_role"),
    ):
        refused = await running.closed.post(f"{path}/actions", json={**order, "by": {"agency": OWNER, "role": "coordinator"}}, headers=key | headers)
        hidden = await running.closed.get(path, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (hidden.status_code, hidden.json()["code"]) == (status, code)
    posed = {**order, "by": {"agency": ABOVE, "role": "coordinator"}}
    other = await running.closed.post(f"{path}/actions", json=posed, headers=key | running.token(case))
    assert (other.status_code, other.json()["code"], other.json()["version"]) == (403, "forbidden_role", 1)
    assert "verify" in other.json()["allowed"]
    shown = (await running.closed.get(path, headers=running.token(case, role="technical_officer"))).json()
    assert shown["allowed"] == ["acknowledge"]
    taken = await running.closed.post(f"{path}/actions", json={**order, "by": {"name": "Siti"}}, headers=key | running.token(case))
    assert (taken.status_code, taken.json()["state"]) == (200, "verified")
    assert (await running.heard(case, "verified"))["by"] == {"agency": OWNER, "role": "coordinator"}
    again = await running.open.post(f"{path}/actions", json={**order, "by": {"name": "Siti"}}, headers=key | running.token(case))
    assert (again.status_code, again.json()["version"]) == (200, 2)


async def test_a_link_gives_no_more_than_its_office_has(running: Running) -> None:
    case = await running.accept()
    headers = {"Idempotency-Key": str(uuid4())} | running.token(case, STRANGER)
    refused = await running.closed.post(f"/v1/cases/{case}/actions", json={"action": "verify"}, headers=headers)
    assert (refused.status_code, refused.json()["allowed"]) == (403, [])
    assert (await running.open.get(f"/v1/cases/{case}", headers={"Authorization": "Bearer bohong"})).status_code == 401


# -- explaining, describing, watching ---------------------------------------------------------------------------------


async def test_whose_a_submission_would_be_is_explained_and_nothing_changes(running: Running) -> None:
    filed = {"text": "Jalan berlubang.", "category": "pekerjaan-umum.jalan-berlubang", "region": "35.22.05"}
    told = (await running.open.post("/v1/routing:explain", json=filed)).json()
    assert (told["owner"], told["rule"]) == ("35.22/dinas-pu-bina-marga", "jalan-dan-tata-ruang")
    assert told["runners_up"][-1]["rule"] == "triage"
    refused = await running.open.post("/v1/routing:explain", json={**filed, "region": "Bojonegoro", "kind": "keluhan"})
    assert (refused.status_code, {problem["path"] for problem in refused.json()["errors"]}) == (422, {"/data/region", "/data/kind"})
    assert (await running.open.post("/v1/routing:explain", content=b"x")).json()["code"] == "malformed_json"


async def test_its_own_examples_run(running: Running) -> None:
    page = (await running.open.get("/openapi.json")).json()
    act = page["paths"]["/v1/cases/{case_id}/actions"]["post"]["requestBody"]["content"]["application/json"]
    for action, example in act["examples"].items():
        case = await running.accept(addressed_to="35.22")
        answer = await running.open.post(f"/v1/cases/{case}/actions", json=example["value"], headers={"Idempotency-Key": str(uuid4())})
        assert answer.status_code in {200, 409}, (action, answer.text)
        assert answer.json().get("code", "illegal_action") == "illegal_action"
    explain = page["paths"]["/v1/routing:explain"]["post"]["requestBody"]["content"]["application/json"]
    assert (await running.open.post("/v1/routing:explain", json=explain["example"])).status_code == 200


async def test_the_gauges_count_who_waits_for_a_coordinator(running: Running) -> None:
    async def gauges() -> dict[str, float]:
        lines = [line for client in (running.open, running.closed) for line in (await client.get("/metrics")).text.splitlines()]
        names = ("salur_triage_open", "salur_cases_without_owner")
        shown = [(line.split()[0], float(line.split()[1])) for line in lines if line.startswith(names)]
        return dict(shown) if sorted(name for name, _ in shown) == sorted(names) else {}  # one replica shows them, the other nothing

    async def until(triage: float) -> None:
        end = time.monotonic() + 30
        while (found := await gauges()) != {"salur_triage_open": triage, "salur_cases_without_owner": 0}:
            assert time.monotonic() < end, found
            await asyncio.sleep(0.2)

    case = await running.accept(addressed_to=None, category="other", region=None)
    assert (await running.heard(case, "routed"))["triage"]
    await until(1)
    assert (await running.act("defer", case, agency="ID", data={"question": "di mana?"})).status_code == 200
    await until(0)
    await running.say("salur.intake", "salur.complaint.supplement_accepted.v1", case, text="di sini")
    await until(1)
    assert (await running.act("archive", case, agency="ID", data={"reason": "not_government"})).status_code == 200
    await until(0)
