"""Submissions over Kafka: each record gets its receipt, and a case becomes one however often and by whichever door it is sent."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from schemas.ids import read_tracking_id
from schemas.receipt.receipt_v1 import Receipt
from tests.intake.conftest import OPEN, SUBMISSIONS, TYPE, Running, event_of, eventually

FIELDS = {"outcome", "code", "errors", "received_id", "received_source", "case_id", "tracking_id", "topic", "partition", "offset", "at"}


async def test_a_submission_becomes_a_case_that_is_answered_and_told(running: Running) -> None:
    id_ = str(uuid4())
    place = await running.publish(orjson.dumps(event_of({"text": "Lampu jalan padam.", "region": "35.22.05.2001"}, id_=id_)))
    receipt = await running.receipt(id_)
    assert set(receipt) == FIELDS
    Receipt.model_validate(receipt)
    assert (receipt["outcome"], receipt["code"], receipt["errors"], receipt["received_source"]) == ("accepted", "ok", [], "urn:test")
    assert (receipt["topic"], receipt["partition"], receipt["offset"]) == (place.topic, place.partition, place.offset)
    assert read_tracking_id(receipt["tracking_id"]) == receipt["tracking_id"]
    event = await running.said(receipt["case_id"])
    assert (event["type"], event["sequence"], event["tracking"], event["causationid"]) == (
        "salur.complaint.accepted.v1", 1, receipt["tracking_id"], id_,
    )  # fmt: skip
    assert (event["data"]["region"], event["data"]["publisher"]) == ("35.22.05", OPEN)


async def test_binary_mode_is_read_and_answered_under_the_received_id(running: Running) -> None:
    id_ = str(uuid4())
    headers = {"ce_specversion": "1.0", "ce_id": id_, "ce_source": "urn:test", "ce_type": TYPE, "content-type": "application/json"}
    await running.publish(b'{"text": "Pohon tumbang."}', headers=headers)
    receipt = await running.receipt(id_)
    assert receipt["outcome"] == "accepted"
    (record,) = [r for r in running.records["salur.receipts"] if orjson.loads(r.value)["data"]["received_id"] == id_]
    assert record.key == id_.encode()
    assert dict(record.headers)["salur_type"] == b"salur.receipt.v1"


def future() -> str:
    return (datetime.now(UTC) + timedelta(hours=25)).isoformat()


BAD = {
    "not json": (b'{"rahasia": ', "rejected", "malformed_json", ""),
    "invalid utf-8": (b'{"id": "\xff"}', "rejected", "malformed_json", ""),
    "lone surrogate": (b'{"id": "\\ud800"}', "rejected", "malformed_json", ""),
    "not a number": (b'{"id": NaN}', "rejected", "malformed_json", ""),
    "no value": (None, "rejected", "malformed_json", ""),
    "a list": (b"[1]", "rejected", "not_cloudevent", ""),
    "no id": ({"id": ""}, "rejected", "not_cloudevent", "/id"),
    "other specversion": ({"specversion": "0.3"}, "rejected", "not_cloudevent", "/specversion"),
    "unknown type": ({"type": "id.go.lapor.aduan.v1"}, "rejected", "unknown_type", "/type"),
    "newer major": ({"type": "salur.complaint.submitted.v2"}, "parked", "unsupported_version", "/type"),
    "no text": ({"data": {}}, "rejected", "schema_violation", "/data/text"),
    "bad region": ({"data": {"text": "x", "region": "3522 rahasia"}}, "rejected", "schema_violation", "/data/region"),
    "old": ({"data": {"text": "x", "submitted_at": "1999-12-31T23:59:59Z"}}, "rejected", "schema_violation", "/data/submitted_at"),
    "ahead": ({"data": {"text": "x", "submitted_at": future}}, "rejected", "time_in_future", "/data/submitted_at"),
    "too large": ({"data": {"text": "x", "more": "rahasia" * 40_000}}, "rejected", "too_large", ""),
}


@pytest.mark.parametrize("name", BAD)
async def test_a_bad_record_is_answered_with_its_code_and_its_place_and_never_quoted(running: Running, name: str) -> None:
    given, outcome, code, path = BAD[name]
    if isinstance(given, dict):
        given = orjson.dumps({**event_of({"text": "rahasia"}), **given}, default=lambda made: made())
    place = await running.publish(given)
    (receipt,) = await eventually(lambda: running.receipts_at([place]))
    assert set(receipt) == FIELDS
    assert (receipt["outcome"], receipt["code"], [error["path"] for error in receipt["errors"]]) == (outcome, code, [path])
    assert (receipt["case_id"], receipt["tracking_id"]) == (None, None)
    assert b"rahasia" not in orjson.dumps(receipt)


async def test_a_rejected_id_is_not_used_up(running: Running) -> None:
    id_ = await running.submit({"title": "tanpa teks"})
    await eventually(lambda: len(running.receipts(id_)) == 1)
    await running.submit({"text": "Dengan teks."}, id_=id_)
    await eventually(lambda: len(running.receipts(id_)) == 2)
    assert [receipt["code"] for receipt in running.receipts(id_)] == ["schema_violation", "ok"]


async def test_five_hundred_copies_of_one_record_are_one_case(running: Running) -> None:
    id_ = str(uuid4())
    value = orjson.dumps(event_of({"text": "Air PDAM mati sejak kemarin."}, id_=id_))
    sending = [await running.producer.send(SUBMISSIONS, value, key=str(n).encode()) for n in range(500)]
    places = await asyncio.gather(*sending)
    await eventually(lambda: len(running.receipts(id_)) == 500, 60)
    receipts = running.receipts(id_)
    assert sorted(receipt["outcome"] for receipt in receipts) == ["accepted"] + ["duplicate"] * 499
    assert len({(receipt["case_id"], receipt["tracking_id"]) for receipt in receipts}) == 1
    assert len(running.receipts_at(places)) == 500
    assert await running.count("SELECT count(*) FROM intake.submission WHERE case_id = $1", UUID(receipts[0]["case_id"])) == 1
    event = await running.said(receipts[0]["case_id"])
    assert [event["id"]] == [said["id"] for said in running.documents("salur.intake") if said["subject"] == receipts[0]["case_id"]]


async def test_the_same_content_in_another_form_is_a_duplicate_and_other_content_a_conflict(running: Running) -> None:
    id_ = await running.submit({"text": "Sampah menumpuk.", "channel": "sms"})
    first = await running.receipt(id_)
    await running.submit({"channel": "sms", "text": "Sampah menumpuk."}, id_=id_, time="2026-01-02T03:04:05Z", traceparent="00-1-2-01")
    headers = {"ce_specversion": "1.0", "ce_id": id_, "ce_source": "urn:test", "ce_type": TYPE}
    await running.publish(b'{"channel":"sms","text":"Sampah menumpuk."}', headers=headers)
    await running.submit({"text": "Sampah menumpuk!", "channel": "sms"}, id_=id_)
    await eventually(lambda: len(running.receipts(id_)) == 4)
    told = [(r["outcome"], r["code"], r["case_id"]) for r in running.receipts(id_)]
    case_id = first["case_id"]
    again = ("duplicate", "duplicate", case_id)
    assert told == [("accepted", "ok", case_id), again, again, ("rejected", "idempotency_conflict", None)]


async def test_several_copies_within_one_batch_are_told_apart(running: Running) -> None:
    id_ = str(uuid4())
    values = [orjson.dumps(event_of({"text": text}, id_=id_)) for text in ("a", "a", "b", "a")]
    batch = running.producer.create_batch()
    for value in values:
        batch.append(key=b"k", value=value, timestamp=None)
    await (await running.producer.send_batch(batch, SUBMISSIONS, partition=0))
    await eventually(lambda: len(running.receipts(id_)) == 4)
    told = sorted((receipt["offset"], receipt["outcome"]) for receipt in running.receipts(id_))
    assert [outcome for _, outcome in told] == ["accepted", "duplicate", "rejected", "duplicate"]


async def test_one_id_of_two_publishers_is_two_cases(running: Running) -> None:
    id_ = await running.submit({"text": "Jembatan putus."}, source="urn:test:a")
    await running.submit({"text": "Jembatan putus."}, id_=id_, source="urn:test:b")
    await eventually(lambda: len(running.receipts(id_)) == 2)
    assert [receipt["outcome"] for receipt in running.receipts(id_)] == ["accepted", "accepted"]
    assert len({receipt["case_id"] for receipt in running.receipts(id_)}) == 2


async def test_the_same_pair_over_kafka_and_then_http_is_a_duplicate_and_the_other_way_round(running: Running) -> None:
    data = {"text": "Halte rusak."}
    by_topic = await running.submit(data, source=OPEN)
    receipt = await running.receipt(by_topic)
    answer = await running.post(data, by_topic)
    assert (answer.status_code, answer.json()["outcome"], answer.json()["case_id"]) == (200, "duplicate", receipt["case_id"])
    assert (await running.post({"text": "Lain."}, by_topic)).status_code == 409
    by_http = str(uuid4())
    taken = (await running.post(data, by_http)).json()
    await running.submit(data, id_=by_http, source=OPEN)
    again = await running.receipt(by_http)
    assert (again["outcome"], again["case_id"], again["tracking_id"]) == ("duplicate", taken["case_id"], taken["tracking_id"])


async def offsets(running: Running, to: int | None = None) -> dict[Any, int]:
    """Return where the group stands; with `to`, set it there first (the group must be empty)."""
    consumer = AIOKafkaConsumer(bootstrap_servers=running.stack.kafka_bootstrap, group_id="salur-intake", enable_auto_commit=False)
    await consumer.start()
    try:
        places = [TopicPartition(SUBMISSIONS, number) for number in range(running.stack.settings.partitions)]
        consumer.assign(places)
        if to is not None:
            await consumer.commit(dict.fromkeys(places, to))
        return {place: await consumer.committed(place) or 0 for place in places}
    finally:
        await consumer.stop()


async def test_records_that_kafka_delivers_again_change_nothing_and_get_no_second_receipt(running: Running) -> None:
    await running.receipt(await running.submit({"text": "Yang terakhir sebelum berhenti."}))
    before = {topic: len(records) for topic, records in running.records.items()}
    cases = await running.count("SELECT count(*) FROM intake.submission")
    intake = running.stack.process("intake")
    await intake.stop()
    ends = await offsets(running)
    assert sum(ends.values()) > 0
    limit = asyncio.get_running_loop().time() + 30
    while True:  # the group is empty once its static member's session has timed out
        try:
            rewound = await offsets(running, to=0)
        except KafkaError:  # the broker refuses while the member is still believed alive
            assert asyncio.get_running_loop().time() < limit
            await asyncio.sleep(0.5)
        else:
            break
    assert set(rewound.values()) == {0}
    await intake.restart()
    while await offsets(running) != ends:
        assert asyncio.get_running_loop().time() < limit + 30
        await asyncio.sleep(0.3)
    marker = await running.receipt(await running.submit({"text": "Sesudahnya."}))
    await running.said(marker["case_id"])
    assert {topic: len(records) for topic, records in running.records.items()} == {
        **before, "salur.receipts": before["salur.receipts"] + 1, "salur.intake": before["salur.intake"] + 1,
    }  # fmt: skip
    assert await running.count("SELECT count(*) FROM intake.submission") == cases + 1
