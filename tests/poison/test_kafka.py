"""Whatever lies on the inbound topics gets exactly one receipt, the right one, and is in nobody's way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from schemas.receipt.receipt_v1 import Receipt
from tests.poison import corpus
from tests.poison.actions import Cases, act
from tests.poison.conftest import Place, Salur
from tests.poison.record import ACTIONS, MARK, SUBMISSIONS, Poison, Writer

NEIGHBOURS = 3
"""A good record follows each so many bad ones."""


@dataclass
class Told:
    """Every record of the corpus with its place and its receipts, and the good ones that stood among them."""

    poison: list[Poison]
    places: list[Place]
    receipts: list[list[dict[str, Any]]]
    good: list[Place]
    slowest: float
    """Seconds from the sending of a good record to its receipt, the longest."""

    def of(self, poison: Poison) -> dict[str, Any]:
        return self.receipts[self.poison.index(poison)][0]


async def send(salur: Salur, records: list[Poison]) -> tuple[list[Place], dict[Place, float]]:
    """Publish to one partition, and return the places, and when the records were sent, in batches of a few."""
    places: list[Place] = []
    sent: dict[Place, float] = {}
    for first in range(0, len(records), 25):
        now = time.monotonic()
        found = await salur.publish(records[first : first + 25])
        places += found
        sent |= dict.fromkeys(found, now)
    return places, sent


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def told(salur: Salur, cases: Cases) -> Told:
    write = Writer()
    poison = [*corpus.submissions(write), *corpus.orders(write, cases), *corpus.homeless(write, cases)]
    mixed: list[Poison] = []
    for number, record in enumerate(poison):
        mixed.append(record)
        if number % NEIGHBOURS == 0:
            mixed.append(write.data("good", {"text": "Lampu padam."}))
    good = {number for number, record in enumerate(mixed) if record.name == "good"}
    places, sent = await send(salur, mixed)
    waiting = sum(record.code == "unknown_case" for record in mixed)
    await salur.answered([places[number] for number in range(len(mixed)) if mixed[number].code != "unknown_case"])
    assert await held(salur) == waiting
    for name in ("intake", "routing"):
        await salur.owner.execute(f"UPDATE {name}.held SET until = now()")  # a minute is over
    receipts = await salur.answered(places)
    await asyncio.sleep(1)  # for a second receipt that nobody should get
    receipts = await salur.answered(places)
    bad = [number for number in range(len(mixed)) if number not in good]
    return Told(
        [mixed[number] for number in bad],
        [places[number] for number in bad],
        [receipts[number] for number in bad],
        [places[number] for number in good],
        max(salur.came.get(places[number], sent[places[number]] + 60) - sent[places[number]] for number in good),
    )


async def held(salur: Salur) -> int:
    return int(await salur.owner.fetchval("SELECT (SELECT count(*) FROM intake.held) + (SELECT count(*) FROM routing.held)"))


def test_there_are_enough_of_them_and_each_has_a_name_of_its_own(told: Told) -> None:
    names = [f"{poison.topic} {poison.name}" for poison in told.poison]
    assert len(names) >= 200
    assert len(set(names)) == len(names), sorted(name for name in set(names) if names.count(name) > 1)


def test_every_record_gets_exactly_one_receipt(told: Told) -> None:
    assert {poison.name: len(receipts) for poison, receipts in zip(told.poison, told.receipts, strict=True) if len(receipts) != 1} == {}


def test_every_receipt_says_the_right_thing(told: Told) -> None:
    wrong = {}
    for poison, receipts in zip(told.poison, told.receipts, strict=True):
        said = receipts[0]
        Receipt.model_validate(said)
        found = (said["outcome"], said["code"], said["received_id"], said["received_source"])
        if found != (poison.outcome, poison.code, poison.id, poison.source):
            wrong[poison.name] = (found, (poison.outcome, poison.code, poison.id, poison.source))
    assert wrong == {}


def test_every_error_names_its_place(told: Told) -> None:
    wrong = {}
    for poison, receipts in zip(told.poison, told.receipts, strict=True):
        found = {error["path"] for error in receipts[0]["errors"]}
        if found != poison.paths:
            wrong[poison.name] = (found, set(poison.paths))
    assert wrong == {}


def test_what_is_taken_has_a_case_and_what_is_not_has_none(told: Told) -> None:
    wrong = [
        poison.name
        for poison, receipts in zip(told.poison, told.receipts, strict=True)
        if poison.topic == SUBMISSIONS and (receipts[0]["case_id"] is None) == (poison.outcome in ("accepted", "duplicate"))
    ]
    assert wrong == []


async def test_good_records_between_them_are_taken_and_hardly_wait(told: Told, salur: Salur) -> None:
    assert {receipts[0]["outcome"] for receipts in await salur.answered(told.good)} == {"accepted"}
    write = Writer()
    clean = [write.data("clean", {"text": "Lampu padam."}) for _ in range(len(told.poison) + len(told.good))]
    places, sent = await send(salur, clean)
    await salur.answered(places)
    slowest = max(salur.came[place] - sent[place] for place in places)
    assert told.slowest < 2 * slowest + 2, "seconds from sending to receipt, among poison and without"


async def test_nothing_of_the_input_is_in_a_receipt_a_log_a_metric_or_a_list(told: Told, salur: Salur) -> None:
    for record in salur.records["salur.receipts"]:
        said = orjson.loads(record.value)["data"]
        assert MARK not in str(said | {"received_id": "", "received_source": ""})
    assert MARK not in salur.logs()
    for client in (salur.intake, salur.routing):
        assert MARK not in (await client.get("/metrics")).text
        assert MARK not in (await client.get("/ops/v1/parked?limit=1000")).text
    for service in ("intake", "routing"):
        rows = await salur.owner.fetch(f"SELECT reason, detail, tracking, topic, sealed FROM {service}.kept")
        assert rows
        assert MARK not in str([tuple(row) for row in rows]), "neither in plain nor in bytes"


async def test_nobody_was_hurt(told: Told, salur: Salur) -> None:
    assert [salur.stack.process(name).deaths for name in ("intake", "routing")] == [0, 0]
    lines = map(orjson.loads, filter(None, salur.logs().splitlines()))
    ours = [line for line in lines if line["logger"].startswith(("chassis", "services"))]
    assert [line for line in ours if line["level"] == "error"] == []
    parked = [poison for poison in told.poison if poison.outcome == "parked"]
    listed = [(await client.get("/ops/v1/parked?limit=1000")).json()["parked"] for client in (salur.intake, salur.routing)]
    assert sorted(row["reason"] for rows in listed for row in rows) == ["unsupported_version"] * len(parked)


async def test_a_rejected_id_is_not_used_up(told: Told, salur: Salur, cases: Cases) -> None:
    write = Writer()
    again: list[Poison] = []
    for poison in told.poison:
        if poison.outcome not in ("rejected", "parked") or poison.code == "idempotency_conflict" or not (poison.id and poison.source):
            continue
        document = {"id": poison.id, "source": poison.source}
        if poison.topic == ACTIONS:
            mended = act(write, f"{poison.name}, mended", "acknowledge", cases.working, {})
            again.append(Poison(mended.name, orjson.dumps(orjson.loads(mended.value or b"") | document), id=poison.id, topic=ACTIONS))
        elif not any(poison.id == other.id and poison.source == other.source for other in (*again, *(p for p in told.poison if p.code == "ok"))):
            again.append(write.event(f"{poison.name}, mended", {**document, "data": {"text": "Sudah benar."}}))
    assert len(again) > 150
    receipts = await salur.answered(await salur.publish(again, key=b"again"))
    assert {p.name: [r["code"] for r in said] for p, said in zip(again, receipts, strict=True) if [r["code"] for r in said] != ["ok"]} == {}


async def test_what_is_delivered_again_gets_no_second_receipt(told: Told, salur: Salur, until: Callable[..., Any]) -> None:
    before = {place: len(receipts) for place, receipts in salur.receipts.items()}
    said = {topic: len(records) for topic, records in salur.records.items() if topic != "salur.receipts"}
    await asyncio.gather(*(salur.stack.process(name).stop() for name in ("intake", "routing")))
    for group, topic in (("salur-intake", SUBMISSIONS), ("salur-routing", ACTIONS)):
        await rewind(salur, group, topic)
    await asyncio.gather(*(salur.stack.process(name).restart() for name in ("intake", "routing")))
    write = Writer()
    marker = [write.data("after all", {"text": "Yang terakhir."}), write.event("after all", {}, topic=ACTIONS)]
    await salur.answered(await salur.publish(marker))
    assert {place: len(receipts) for place, receipts in salur.receipts.items() if place in before} == before
    await until(lambda: len(salur.records["salur.intake"]) == said["salur.intake"] + 1)


async def rewind(salur: Salur, group: str, topic: str) -> None:
    """Set a group back to the beginning of a topic, once its static member's session is over."""
    limit = time.monotonic() + 30
    consumer = AIOKafkaConsumer(bootstrap_servers=salur.stack.kafka_bootstrap, group_id=group, enable_auto_commit=False)
    await consumer.start()
    places = [TopicPartition(topic, number) for number in range(salur.stack.settings.partitions)]
    consumer.assign(places)
    try:
        while True:
            try:
                await consumer.commit(dict.fromkeys(places, 0))
            except KafkaError:
                assert time.monotonic() < limit
                await asyncio.sleep(0.3)
            else:
                return
    finally:
        await consumer.stop()
