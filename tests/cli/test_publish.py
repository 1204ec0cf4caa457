"""`salur publish`: what is handed in is answered line by line, over both doors, as often as it is tried."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from uuid import uuid4

import orjson
import pytest
from aiokafka import AIOKafkaConsumer

from deploy.local.supervisor import Stack
from tests.cli.conftest import PROGRAM, Done, Salur, lines

pytestmark = pytest.mark.long

TYPE = "salur.complaint.submitted.v1"


def some(number: int) -> list[dict[str, object]]:
    mark = uuid4().hex
    return [{"text": f"Lampu jalan mati di gang {n} {mark}", "region": "35.22"} for n in range(number)]


def outcomes(done: Done) -> list[tuple[int, str]]:
    return sorted((row["line"], row["outcome"]) for row in done.documents)


@pytest.mark.parametrize("doors", [((), ("--http",)), (("--http",), ())], ids=["kafka-then-http", "http-then-kafka"])
async def test_the_same_file_again_over_any_door_is_all_duplicates(salur: Salur, tmp_path: Path, doors: tuple[tuple[str, ...], ...]) -> None:
    file = tmp_path / "given.ndjson"
    given = some(3)
    file.write_bytes(lines(*given, given[0]))
    first = await salur("publish", str(file), "--json", *doors[0])
    assert (first.code, outcomes(first)) == (0, [(n, "accepted") for n in range(1, 5)]), first
    assert len({row["tracking_id"] for row in first.documents}) == 4
    again = await salur("publish", str(file), "--json", *doors[1])
    assert (again.code, outcomes(again)) == (0, [(n, "duplicate") for n in range(1, 5)])
    told = {row["line"]: row["tracking_id"] for row in first.documents}
    assert {row["line"]: row["tracking_id"] for row in again.documents} == told


@pytest.mark.parametrize("door", [(), ("--http",)], ids=["kafka", "http"])
async def test_each_line_has_its_receipt_and_a_rejected_one_ends_with_1(salur: Salur, door: tuple[str, ...]) -> None:
    id_ = uuid4().hex
    event = {"specversion": "1.0", "id": id_, "source": "urn:test", "type": TYPE, "data": {"text": "Air keruh"}}
    other = {**event, "data": {"text": "Lain sama sekali"}}
    given = lines(event, {"text": ""}) + b"{nonsense\n\n" + lines(other, event) + b"[]\n" + b"x" * 1_100_000 + b"\n"
    done = await salur("publish", "-", "--json", *door, given=given)
    assert done.code == 1
    told = {row["line"]: row for row in done.documents}
    assert {line: (row["outcome"], row["code"]) for line, row in told.items()} == {
        1: ("accepted", "ok"),
        2: ("rejected", "schema_violation"),
        3: ("rejected", "malformed_json"),
        5: ("rejected", "idempotency_conflict"),
        6: ("duplicate", "duplicate"),
        7: ("rejected", "not_cloudevent"),
        8: ("rejected", "too_large"),
    }
    assert told[2]["errors"][0]["path"] == "/data/text"
    assert told[6]["tracking_id"] == told[1]["tracking_id"]
    assert "7 lines" in done.err
    human = await salur("publish", "-", *door, given=lines(event, {"text": ""}))
    assert sorted(human.out.splitlines()) == [
        f"line 1: duplicate {told[1]['tracking_id']}",
        "line 2: rejected schema_violation: /data/text must not be empty",
    ]


async def test_a_table_is_published_row_by_row(salur: Salur, tmp_path: Path) -> None:
    file = tmp_path / "given.csv"
    key = uuid4().hex
    file.write_text(f'id,text,reporter.name,confidential\n{key},"Jalan rusak,\nparah",Siti,ya\n,{key} lain,,\n')
    done = await salur("publish", str(file), "--json")
    assert (done.code, outcomes(done)) == (0, [(2, "accepted"), (4, "accepted")])
    assert {row["line"]: row["received_id"] for row in done.documents}[2] == key


async def test_records_go_to_the_topic_of_their_type_with_the_source_that_was_said(salur: Salur, stack: Stack) -> None:
    case_id = str(uuid4())
    action = {"specversion": "1.0", "id": uuid4().hex, "type": "salur.case.verify.v1", "data": {"case_id": case_id, "by": {"role": "liaison"}}}
    done = await salur("publish", "-", "--json", "--source", "urn:agency", given=lines(action))
    assert (done.code, done.documents[0]["code"], done.documents[0]["received_source"]) == (1, "schema_violation", "urn:agency")
    consumer = AIOKafkaConsumer("salur.actions", bootstrap_servers=stack.kafka_bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    found = [record for records in (await consumer.getmany(timeout_ms=5000)).values() for record in records]
    await consumer.stop()
    assert [record.key.decode() for record in found if orjson.loads(record.value)["id"] == action["id"]] == [case_id]


async def test_a_file_larger_than_the_window_is_answered_to_its_last_line(salur: Salur, tmp_path: Path) -> None:
    file = tmp_path / "many.ndjson"
    file.write_bytes(lines(*some(6_000)))
    done = await salur("publish", str(file), "--quiet")
    assert (done.code, done.out) == (0, "")
    assert "6,000 accepted" in done.err


async def test_a_line_is_answered_before_the_next_one_is_there(stack: Stack) -> None:
    process = await asyncio.create_subprocess_exec(
        *(PROGRAM, "publish", "-", "--json"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={"PATH": "/usr/bin", "SALUR_DATA": str(stack.settings.data)},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    for document in some(2):
        process.stdin.write(lines(document))
        await process.stdin.drain()
        receipt = orjson.loads(await asyncio.wait_for(process.stdout.readline(), 30))
        assert receipt["outcome"] == "accepted"
    process.stdin.close()
    assert await asyncio.wait_for(process.wait(), 30) == 0


async def test_what_is_not_answered_in_time_is_said_and_may_be_published_again(salur: Salur, stack: Stack) -> None:
    given = lines(*some(2))
    await stack.process("intake").stop()
    try:
        silent = await salur("publish", "-", "--timeout", "2", "--json", given=given)
        refused = await salur("publish", "-", "--http", given=given)
    finally:
        stack.process("intake").start()
        await stack.process("intake").wait_ready(60)
    assert (silent.code, [row["outcome"] for row in silent.documents]) == (3, ["unanswered", "unanswered"])
    assert "publish the same file again" in silent.err
    assert (refused.code, "intake is away" in refused.err) == (3, True)
    again = await salur("publish", "-", "--json", given=given)
    assert (again.code, {row["outcome"] for row in again.documents}) == (0, {"duplicate"})


async def test_where_nothing_is_up_it_says_so_soon(alone: Salur, tmp_path: Path) -> None:
    given = lines({"text": "a"})
    for door in ((), ("--http",)):
        began = time.monotonic()
        done = await alone("publish", "-", *door, given=given)
        assert (done.code, time.monotonic() - began < 30) == (3, True)
        assert "salur status" in done.err
    assert (await alone("publish", str(tmp_path / "missing"))).code == 2
    assert (await alone("publish")).code == 2
    wrong = await alone("publish", "-", given=given, SALUR_KAFKA_PORT="nine")
    assert (wrong.code, "SALUR_KAFKA_PORT" in wrong.err) == (2, True)
