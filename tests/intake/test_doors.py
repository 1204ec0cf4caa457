"""The doors over HTTP."""

import asyncio
import contextlib
import re
from typing import Any
from uuid import UUID, uuid4

import httpx
import orjson
import pytest

from tests.intake.conftest import OPEN, TYPE, Running, event_of, eventually

TAKEN = {"outcome", "code", "case_id", "tracking_id", "status_url"}
REFUSED = {"outcome", "code", "errors"}
LARGE = 256 * 1024


async def test_bare_data_with_a_key_is_accepted_and_can_be_looked_up(running: Running) -> None:
    answer = await running.post({"text": "Trotoar rusak."}, str(uuid4()))
    told = answer.json()
    assert (answer.status_code, set(told), told["outcome"], told["code"]) == (202, TAKEN, "accepted", "ok")
    posed = await running.http.post("/v1/complaints", json={"text": "Lampu."}, headers={"Idempotency-Key": str(uuid4()), "Host": "evil.example"})
    assert posed.json()["status_url"] == f"http://127.0.0.1:{running.stack.settings.intake_port}/v1/complaints/{posed.json()['tracking_id']}"
    view = await running.http.get(told["status_url"])
    assert (view.status_code, view.json()["status"]) == (200, "accepted")
    event = await running.said(told["case_id"])
    assert event["data"]["publisher"] == "urn:salur:open"


async def test_the_same_again_is_a_duplicate_and_other_content_a_conflict(running: Running) -> None:
    key = str(uuid4())
    first = await running.post({"text": "Drainase mampet.", "channel": "web"}, key)
    again = await running.post({"channel": "web", "text": "Drainase mampet."}, key)
    assert (again.status_code, again.json()) == (200, {**first.json(), "outcome": "duplicate", "code": "duplicate"})
    other = await running.post({"text": "Lain sama sekali."}, key)
    assert (other.status_code, set(other.json()), other.json()["code"]) == (409, REFUSED, "idempotency_conflict")
    assert [problem["path"] for problem in other.json()["errors"]] == ["/headers/idempotency-key"]
    event = event_of({"text": "Lain sama sekali."}, id_=key, source=OPEN)
    known = await running.http.post("/v1/complaints", json=event, headers={"Content-Type": "application/cloudevents+json"})
    assert (known.status_code, [problem["path"] for problem in known.json()["errors"]]) == (409, ["/id"])


async def test_the_address_of_the_view_is_the_one_that_is_set(running: Running) -> None:
    async with running.another(SALUR_OPEN="1", SALUR_INTAKE_PUBLIC_URL="https://aduan.example/salur/") as http:
        told = (await http.post("/v1/complaints", json={"text": "Lampu."}, headers={"Idempotency-Key": str(uuid4())})).json()
    assert told["status_url"] == f"https://aduan.example/salur/v1/complaints/{told['tracking_id']}"


async def test_both_bindings_of_cloudevents_are_read(running: Running) -> None:
    event = event_of({"text": "Rambu hilang."}, source="urn:test:dua pintu")
    structured = await running.http.post(
        "/v1/complaints", content=orjson.dumps(event), headers={"content-type": "application/cloudevents+json; charset=utf-8"}
    )
    assert structured.status_code == 202
    headers = {"ce-specversion": "1.0", "ce-id": event["id"], "ce-source": "urn:test:dua%20pintu", "ce-type": TYPE}
    binary = await running.http.post("/v1/complaints", json=event["data"], headers=headers)
    assert (binary.status_code, binary.json()["case_id"]) == (200, structured.json()["case_id"])
    unnamed = await running.http.post("/v1/complaints", json=event)
    assert (unnamed.status_code, unnamed.json()["case_id"]) == (200, structured.json()["case_id"])


@pytest.mark.parametrize(
    ("body", "headers", "status", "code", "path"),
    [
        (b'{"text": "x"}', {}, 422, "schema_violation", "/headers/idempotency-key"),
        (b'{"text": "x"}', {"Idempotency-Key": ""}, 422, "schema_violation", "/headers/idempotency-key"),
        (b'{"text": "x"}', {"Idempotency-Key": "k" * 501}, 422, "schema_violation", "/headers/idempotency-key"),
        (b"{", {"Idempotency-Key": "bad"}, 422, "malformed_json", ""),
        (b"", {"Idempotency-Key": "bad"}, 422, "malformed_json", ""),
        (b"[]", {"Idempotency-Key": "bad"}, 422, "schema_violation", "/data"),
        (b'{"text": 5}', {"Idempotency-Key": "bad"}, 422, "schema_violation", "/data/text"),
        (b'{"text": "x", "submitted_at": "2999-01-01T00:00:00Z"}', {"Idempotency-Key": "bad"}, 422, "time_in_future", "/data/submitted_at"),
        (b"[]", {"content-type": "application/cloudevents-batch+json"}, 422, "not_cloudevent", ""),
        (b"{}", {"ce-specversion": "1.0", "ce-id": "a", "ce-source": "b", "ce-type": "c"}, 422, "unknown_type", "/type"),
        (
            b'{"text": "x"}',
            {"ce-specversion": "1.0", "ce-id": "a", "ce-source": "b", "ce-type": "salur.complaint.submitted.v2"},
            422,
            "unsupported_version",
            "/type",
        ),
    ],
)
async def test_a_refusal_names_its_code_and_place(running: Running, body: bytes, headers: dict[str, str], status: int, code: str, path: str) -> None:
    answer = await running.http.post("/v1/complaints", content=body, headers=headers)
    told = answer.json()
    assert (answer.status_code, set(told), told["outcome"], told["code"]) == (status, REFUSED, "rejected", code)
    assert path in [error["path"] for error in told["errors"]]


async def test_a_body_of_256_kib_is_taken_and_one_byte_more_is_not(running: Running) -> None:
    def body(size: int) -> bytes:
        frame = orjson.dumps({"text": "x", "more": ""})
        return frame[:-2] + b"m" * (size - len(frame)) + frame[-2:]

    fits = await running.http.post("/v1/complaints", content=body(LARGE), headers={"Idempotency-Key": str(uuid4())})
    assert fits.status_code == 202
    large = await running.http.post("/v1/complaints", content=body(LARGE + 1), headers={"Idempotency-Key": str(uuid4())})
    assert (large.status_code, large.json()["code"]) == (413, "too_large")


async def test_a_body_without_a_length_is_read_no_further_than_it_may_go(running: Running) -> None:
    sent = 0

    async def endless() -> Any:
        nonlocal sent
        while sent < 200 * LARGE:
            sent += 65_536
            yield b"x" * 65_536

    answer = None
    with contextlib.suppress(httpx.WriteError, httpx.ReadError):
        answer = await running.http.post("/v1/complaints", content=endless(), headers={"Idempotency-Key": "endless"})
    assert answer is None or (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert sent < 200 * LARGE


async def test_an_announced_length_beyond_the_limit_is_refused_before_anything_is_sent(running: Running) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", running.stack.settings.intake_port)
    writer.write(b"POST /v1/complaints HTTP/1.1\r\nHost: x\r\nIdempotency-Key: k\r\nContent-Length: 999999999999\r\n\r\n")
    status = await asyncio.wait_for(reader.readline(), 5)
    writer.close()
    assert b" 413 " in status


async def test_a_hundred_callers_at_once_get_a_case_each(running: Running) -> None:
    answers = await asyncio.gather(*(running.post({"text": f"Laporan {n}"}, str(uuid4())) for n in range(100)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["tracking_id"] for answer in answers}) == 100


async def test_a_hundred_callers_with_one_key_get_one_case(running: Running) -> None:
    key = str(uuid4())
    answers = await asyncio.gather(*(running.post({"text": "Sama."}, key) for _ in range(100)))
    assert sorted(answer.status_code for answer in answers) == [200] * 99 + [202]
    assert len({answer.json()["case_id"] for answer in answers}) == 1


@pytest.mark.parametrize("given", ["{0}", "{1}", "{2}"])
async def test_a_tracking_id_is_found_as_people_type_it(running: Running, given: str) -> None:
    tracking_id = (await running.post({"text": "Lampu."}, str(uuid4()))).json()["tracking_id"]
    typed = given.format(tracking_id, tracking_id.lower(), tracking_id.replace("-", " "))
    assert (await running.http.get(f"/v1/complaints/{typed}")).json()["tracking_id"] == tracking_id


async def test_an_id_that_is_not_one_or_belongs_to_no_case_or_to_a_whistle_blower_is_not_there(running: Running) -> None:
    secret = (await running.post({"text": "Pungutan.", "kind": "whistleblowing"}, str(uuid4()))).json()
    assert secret["outcome"] == "accepted"
    for given in ("YBT7-S96S-FTP3", "YBT7-S96S-FTP4", "x", secret["tracking_id"]):
        answer = await running.http.get(f"/v1/complaints/{given}")
        assert (answer.status_code, set(answer.json()), answer.json()["code"]) == (404, REFUSED, "unknown_case")


async def test_the_view_shows_owner_status_history_and_deadlines_once_each(running: Running) -> None:
    taken = (await running.post({"text": "Pasar becek.", "kind": "aspiration"}, str(uuid4()))).json()
    case = {"case_id": taken["case_id"], "tracking_id": taken["tracking_id"]}
    clock = {**case, "clock": "verification", "agency": "35.22", "due_at": "2099-01-01T16:59:59Z", "policy_version": "1", "calendar_version": "1"}
    state = {**case, "owner": "35.22"}
    routed = {
        **state, "state": "verification", "by": "system", "level": "regency", "triage": False, "rule": "r", "rules_version": "1", "because": [],
        "kind": "aspiration", "category": "other", "region": None, "channel": "web", "accepted_at": "2098-12-30T01:00:00Z",
        "anonymous": False, "confidential": False, "publisher": "urn:salur:open",
    }  # fmt: skip
    verified = {**state, "state": "verified", "by": {"agency": "35.22", "role": "liaison"}}
    said = [
        ("sla", "deadline.met", 2, clock, "2098-12-30T01:20:00Z"),
        ("routing", "case.verified", 2, verified, "2098-12-30T01:20:00Z"),
        ("routing", "case.routed", 1, routed, "2098-12-30T01:01:00Z"),
        ("sla", "deadline.set", 1, clock, "2098-12-30T01:01:00Z"),
    ]
    for speaker, what, sequence, data, time in said * 2:
        await running.tell(speaker, what, sequence, data, time)
    view = await running.view(taken["tracking_id"], lambda view: len(view["history"]) >= 5)
    assert set(view) == {"tracking_id", "status", "owner", "kind", "category", "history", "deadlines", "as_of"}
    assert (view["status"], view["owner"], view["kind"], view["as_of"]) == ("verified", "35.22", "aspiration", "2098-12-30T01:20:00Z")
    assert [(entry["what"], entry["who"]) for entry in view["history"]] == [
        ("complaint.accepted", "system"),
        ("case.routed", "system"),
        ("deadline.set", "system"),
        ("case.verified", "35.22/liaison"),
        ("deadline.met", "system"),
    ]
    assert view["deadlines"] == [{"clock": "verification", "agency": "35.22", "due_at": "2099-01-01T16:59:59Z", "state": "met"}]


async def test_without_open_doors_nobody_is_known_yet(running: Running) -> None:
    async with running.another(SALUR_INTAKE_RATE="0.5") as http:
        answer = await http.post("/v1/complaints", json={"text": "x"}, headers={"Idempotency-Key": "k"})
        assert (answer.status_code, set(answer.json()), answer.json()["code"]) == (401, REFUSED, "unauthorized_source")
        assert 'salur_intake_requests_total{method="POST",outcome="unauthorised"} 1.0' in (await http.get("/metrics")).text
        assert (await http.get("/v1/reference/regions")).status_code == 200
        more = [await http.post("/v1/complaints:batch", content=b"") for _ in range(10)]
        assert {answer.status_code for answer in more} == {401, 429}
        assert (more[-1].json()["code"], int(more[-1].headers["Retry-After"]) in range(1, 3)) == ("rate_limited", True)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/v1/nowhere", 404), ("POST", "/v1/complaints/", 404), ("DELETE", "/v1/complaints", 405), ("GET", "/v1/complaints:batch", 405)],
)
async def test_what_no_route_answers_has_the_same_shape(running: Running, method: str, path: str, status: int) -> None:
    answer = await running.http.request(method, path)
    assert (answer.status_code, set(answer.json()), answer.json()["code"]) == (status, REFUSED, "schema_violation")
    assert status != 405 or "POST" in answer.headers["Allow"]


async def test_the_document_of_the_doors_describes_what_they_take_and_answer(running: Running) -> None:
    document = (await running.http.get("/openapi.json")).json()
    submit = document["paths"]["/v1/complaints"]["post"]
    body = submit["requestBody"]["content"]
    assert body["application/json"]["schema"]["required"] == ["text"]
    events = body["application/cloudevents+json"]["schema"]["oneOf"]
    assert events[0]["properties"]["data"]["properties"]["kind"]["enum"][0] == "complaint"
    assert [event["title"].split(".")[2] for event in events] == ["submitted", "supplemented", "withdrawn", "rated"]
    assert {"202", "200", "404", "409", "413", "422", "401", "429", "503"} <= set(submit["responses"])
    paths = ("/v1/complaints:batch", "/v1/complaints/{tracking_id}", "/v1/complaints/{tracking_id}/content", "/v1/reference/{name}")
    assert set(paths) <= set(document["paths"])
    for path in ("/v1/complaints", *paths):
        named = set(re.findall(r'"\$ref":"([^"]+)"', orjson.dumps(document["paths"][path]).decode()))
        assert named <= {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}, path


async def test_the_examples_of_the_document_are_taken_as_they_stand(running: Running) -> None:
    document = (await running.http.get("/openapi.json")).json()
    body = document["paths"]["/v1/complaints"]["post"]["requestBody"]["content"]
    assert (await running.post(body["application/json"]["example"], str(uuid4()))).status_code == 202
    ref, taken = str(uuid4()), None
    for example in body["application/cloudevents+json"]["examples"].values():
        event = {**example["value"], "id": str(uuid4())}
        known = {"external_ref": ref} if taken is None else {"tracking_id": taken["tracking_id"], "external_ref": ref}
        answer = await running.http.post("/v1/complaints", json={**event, "data": {**event["data"], **known}})
        assert answer.status_code == 202, event["type"]
        taken = taken or answer.json()
    batch = document["paths"]["/v1/complaints:batch"]["post"]["requestBody"]["content"]["application/x-ndjson"]["example"]
    fresh = batch.replace("LPR-1001", ref + "b").replace('"lpr-100', f'"{uuid4()}-')
    answer = await running.http.post("/v1/complaints:batch", content=fresh)
    assert [orjson.loads(line)["outcome"] for line in answer.text.splitlines()] == ["accepted", "accepted"]


async def test_every_series_is_there_from_the_start_and_requests_are_counted(running: Running) -> None:
    async def value(outcome: str) -> float:
        text = (await running.http.get("/metrics")).text
        (line,) = [line for line in text.splitlines() if line.startswith(f'salur_intake_requests_total{{method="POST",outcome="{outcome}"}}')]
        return float(line.split()[-1])

    outcomes = ("accepted", "duplicate", "conflict", "invalid", "unauthorised", "limited", "error")
    before = {outcome: await value(outcome) for outcome in outcomes}
    key = str(uuid4())
    for data in ({"text": "a"}, {"text": "a"}, {"text": "b"}, {}):
        await running.post(data, key)
    await running.post({"text": "a"})
    after = {outcome: await value(outcome) for outcome in outcomes}
    assert {outcome: after[outcome] - before[outcome] for outcome in outcomes} == {
        "accepted": 1, "duplicate": 1, "conflict": 1, "invalid": 2, "unauthorised": 0, "limited": 0, "error": 0,
    }  # fmt: skip


async def test_a_case_from_the_door_is_one_row_with_one_vault_entry(running: Running) -> None:
    told = (await running.post({"text": "Satu."}, str(uuid4()))).json()
    rows = "SELECT (SELECT count(*) FROM intake.submission WHERE case_id = $1) + (SELECT count(*) FROM intake.vault WHERE case_id = $1)"
    assert await running.count(rows, UUID(told["case_id"])) == 2
    await eventually(lambda: [e for e in running.documents("salur.intake") if e["subject"] == told["case_id"]])
