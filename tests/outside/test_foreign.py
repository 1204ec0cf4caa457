"""Clients that nobody of Salur wrote: CloudEvents by hand in both modes, raw sockets, people who type tracking ids."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from aiokafka import AIOKafkaProducer

from tests.system.stack import Town
from tests.system.watch import Watcher, until

SUBMITTED = "salur.complaint.submitted.v1"
SOURCE = "https://lapor.example/portal"
SECONDS = 30.0
DATA = {"text": "Lampu jalan mati sejak Senin.", "region": "35.22", "submitted_at": "2026-03-01T10:00:00+07:00"}


class Visitor:
    """Somebody outside; whatever they hand in is noted in the stack's ledger first."""

    def __init__(self, town: Town, watcher: Watcher) -> None:
        self.town = town
        self.watcher = watcher
        self.http = httpx.AsyncClient(timeout=20)

    @property
    def door(self) -> str:
        return f"{self.town.url('intake')}/v1/complaints"

    @property
    def address(self) -> tuple[str, int]:
        parts = urlsplit(self.town.url("intake"))
        return str(parts.hostname), int(parts.port or 0)

    async def id(self) -> str:
        """Return an id of one's own that the oracle knows of."""
        id_ = f"foreign-{uuid4().hex}"
        await self.town.ledger.note(op="invoke", what="submit", id=id_, source=SOURCE, door="other", expect="any")
        return id_

    async def event(self, **attributes: Any) -> dict[str, Any]:
        return {"specversion": "1.0", "id": await self.id(), "source": SOURCE, "type": SUBMITTED, "data": DATA, **attributes}

    async def produce(self, value: bytes | None, headers: list[tuple[str, bytes]], key: bytes | None = None, **settings: Any) -> Any:
        producer = AIOKafkaProducer(bootstrap_servers=self.town.stack.kafka_bootstrap, **settings)
        await producer.start()
        try:
            return await producer.send_and_wait("salur.submissions", value, key=key, headers=headers)
        finally:
            await producer.stop()

    async def receipt(self, id_: str, number: int = 1) -> dict[str, Any]:
        """Return the n-th receipt for an id."""
        assert await until(lambda: len(self.watcher.receipts[id_]) >= number, SECONDS), f"no receipt for {id_}"
        return self.watcher.receipts[id_][number - 1]

    async def post(self, event: dict[str, Any]) -> httpx.Response:
        headers = {"content-type": "application/cloudevents+json"}
        return await self.http.post(self.door, content=json.dumps(event), headers=headers)

    async def raw(self, sent: bytes, then: bytes = b"") -> tuple[int, dict[str, str], bytes]:
        """Write bytes to intake's port; return status, headers and body of the final answer."""
        reader, writer = await asyncio.open_connection(*self.address)
        try:
            async with asyncio.timeout(SECONDS):
                writer.write(sent)
                await writer.drain()
                status, headers = await _head(reader)
                if status == 100:
                    writer.write(then)
                    await writer.drain()
                    status, headers = await _head(reader)
                length = 0 if sent.startswith(b"HEAD") else int(headers.get("content-length", "0"))
                return status, headers, await reader.readexactly(length)
        finally:
            writer.close()


async def _head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    pairs = (line.split(":", 1) for line in lines[1:] if ":" in line)
    return int(lines[0].split()[1]), {name.lower(): value.strip() for name, value in pairs}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def visitor(town: Town) -> AsyncIterator[Visitor]:
    watcher = Watcher(town.stack.kafka_bootstrap)
    await watcher.start()
    made = Visitor(town, watcher)
    yield made
    await made.http.aclose()
    await watcher.stop()


@pytest.mark.parametrize("content_type", ["application/cloudevents+json", 'Application/CloudEvents+JSON; Charset="UTF-8"', None])
@pytest.mark.parametrize("settings", [{"acks": 1}, {"acks": "all", "compression_type": "gzip"}], ids=["acks=1", "gzip"])
async def test_a_structured_event_is_taken_however_its_producer_is_set(visitor: Visitor, content_type: str | None, settings: dict[str, Any]):
    event = await visitor.event()
    headers = [] if content_type is None else [("content-type", content_type.encode())]
    at = await visitor.produce(json.dumps(event).encode(), headers, None, **settings)
    receipt = await visitor.receipt(event["id"])
    assert (receipt["outcome"], receipt["code"], receipt["received_source"]) == ("accepted", "ok", SOURCE)
    assert (receipt["topic"], receipt["partition"], receipt["offset"]) == (at.topic, at.partition, at.offset)
    assert receipt["case_id"]
    assert receipt["tracking_id"]


@pytest.mark.parametrize("content_type", ["application/json", "Application/JSON; Charset=UTF-8", None])
@pytest.mark.parametrize("upper", [False, True], ids=["ce_", "CE_"])
async def test_a_binary_event_is_taken(visitor: Visitor, content_type: str | None, upper: bool):
    event = await visitor.event()
    named = {f"ce_{name}": value for name, value in event.items() if name != "data"} | {"ce_time": "2026-03-01T03:00:00.123456789Z"}
    headers = [(name.upper() if upper else name, value.encode()) for name, value in named.items()]
    if content_type is not None:
        headers.append(("Content-Type" if upper else "content-type", content_type.encode()))
    await visitor.produce(json.dumps(event["data"]).encode(), headers, b"\xff\x00any key", acks=1)
    assert (await visitor.receipt(event["id"]))["outcome"] == "accepted"


async def test_the_content_type_decides_which_mode_a_record_is_in_whatever_its_letters(visitor: Visitor):
    event = await visitor.event()
    headers = [("content-type", b"Application/CloudEvents+JSON; Charset=UTF-8"), ("ce_id", b"of-a-bridge"), ("ce_type", b"other")]
    await visitor.produce(json.dumps(event).encode(), headers)
    assert (await visitor.receipt(event["id"]))["outcome"] == "accepted"


async def test_a_binary_event_over_http_is_taken(visitor: Visitor):
    event = await visitor.event()
    headers = {"content-type": "application/json"} | {f"CE-{name.title()}": value for name, value in event.items() if name != "data"}
    answer = await visitor.http.post(visitor.door, content=json.dumps(DATA), headers=headers)
    assert answer.status_code == 202
    assert answer.json().keys() == {"outcome", "code", "case_id", "tracking_id", "status_url"}


async def test_one_pair_over_both_doors_is_one_case(visitor: Visitor):
    event = await visitor.event()
    first = (await visitor.post(event)).json()
    reordered = dict(reversed(list({**event, "time": "2026-03-01T03:00:00Z", "traceparent": "00-" + "1" * 32 + "-" + "2" * 16 + "-01"}.items())))
    await visitor.produce(json.dumps(reordered, indent=2).encode(), [])
    receipt = await visitor.receipt(event["id"])
    assert (first["outcome"], receipt["outcome"], receipt["code"]) == ("accepted", "duplicate", "duplicate")
    assert (receipt["case_id"], receipt["tracking_id"]) == (first["case_id"], first["tracking_id"])
    headers = [(f"ce_{name}", value.encode()) for name, value in event.items() if name != "data"]
    await visitor.produce(json.dumps({**DATA, "unknown": 1}).encode(), headers)
    conflict = await visitor.receipt(event["id"], 2)
    assert (conflict["outcome"], conflict["code"]) == ("rejected", "idempotency_conflict")
    again = await visitor.post(event)
    assert (again.status_code, again.json()["outcome"], again.json()["case_id"]) == (200, "duplicate", first["case_id"])
    assert (await visitor.post({**event, "data": {**DATA, "text": "Lain."}})).status_code == 409


@pytest.mark.parametrize("value", [None, b"", b"\xff\xfe", b"[1]", b'"x"', b"{", b'{"specversion": "1.0"}', b"null"])
async def test_what_is_no_event_is_answered_by_its_place(visitor: Visitor, value: bytes | None):
    at = await visitor.produce(value, [], b"k" if value is None else None)
    place = (at.topic, at.partition, at.offset)

    def answers() -> list[dict[str, Any]]:
        return [told for told in visitor.watcher.receipts["None"] if (told["topic"], told["partition"], told["offset"]) == place]

    assert await until(answers, SECONDS)
    (told,) = answers()
    assert (told["outcome"], told["received_id"], told["case_id"]) == ("rejected", None, None)
    assert told["code"] in ("malformed_json", "not_cloudevent")


async def test_a_body_in_chunks_is_read(visitor: Visitor):
    id_ = await visitor.id()
    body = json.dumps(DATA).encode()
    chunks = b"".join(b"%x;ext=1\r\n%b\r\n" % (len(part), part) for part in (body[:1], body[1:7], body[7:])) + b"0\r\n\r\n"
    head = f"POST /v1/complaints HTTP/1.1\r\nHost: x\r\nIdempotency-Key: {id_}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    status, _, told = await visitor.raw(head + chunks)
    assert (status, json.loads(told)["outcome"]) == (202, "accepted")


async def test_a_client_that_waits_to_be_asked_is_asked(visitor: Visitor):
    id_, body = await visitor.id(), json.dumps(DATA).encode()
    head = f"POST /v1/complaints HTTP/1.1\r\nHost: x\r\nIdempotency-Key: {id_}\r\nExpect: 100-continue\r\nContent-Length: {len(body)}\r\n\r\n"
    status, _, told = await visitor.raw(head.encode(), then=body)
    assert (status, json.loads(told)["outcome"]) == (202, "accepted")


async def test_a_body_that_is_announced_too_large_is_refused_unread(visitor: Visitor):
    head = "POST /v1/complaints HTTP/1.1\r\nHost: x\r\nIdempotency-Key: k\r\nContent-Length: 999999999\r\n\r\n"
    status, _, told = await visitor.raw(head.encode())
    assert (status, json.loads(told)["code"]) == (413, "too_large")


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "DELETE", "BREW"])
async def test_a_method_that_is_not_there_is_405_and_does_nothing(visitor: Visitor, method: str):
    status, headers, _ = await visitor.raw(f"{method} /v1/complaints HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n".encode())
    assert status == 405
    assert "POST" in headers["allow"]


@pytest.mark.parametrize("garbage", [b"\x16\x03\x01\x02\x00\x01\r\n\r\n", b"POST /v1/complaints\r\n\r\n", b"GET / HTTP/9.9\r\nHost: x\r\n\r\n"])
async def test_what_is_no_http_is_400_and_the_service_lives(visitor: Visitor, garbage: bytes):
    status, _, _ = await visitor.raw(garbage)
    assert status in (400, 404, 505)
    assert (await visitor.http.get(f"{visitor.town.url('intake')}/livez")).status_code == 200


async def test_a_tracking_id_is_found_however_a_person_types_it(visitor: Visitor):
    tracking = (await visitor.post(await visitor.event())).json()["tracking_id"]

    async def status(typed: str) -> int:
        return (await visitor.http.get(f"{visitor.door}/{typed}")).status_code

    for typed in (tracking, tracking.lower(), tracking.replace("-", ""), tracking.lower().replace("-", "%20")):
        assert await status(typed) == 200, typed
    other = "0" if tracking[0] != "0" else "1"
    assert await status(other + tracking[1:]) == 404


async def test_every_event_that_follows_names_the_case_and_reads_as_a_structured_event(visitor: Visitor):
    event = await visitor.event()
    case_id = (await visitor.post(event)).json()["case_id"]
    wanted = {"salur.complaint.accepted.v1", "salur.case.routed.v1", "salur.deadline.set.v1", "salur.notice.queued.v1", "salur.notice.delivered.v1"}
    assert await until(lambda: wanted <= visitor.watcher.seen[case_id].keys(), SECONDS)
