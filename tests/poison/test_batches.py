"""Batches that a broker stores and a driver's parser stumbles over: each record gets its own receipt, and nobody waits for it."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Sequence
from dataclasses import dataclass

import orjson
import pytest
from aiokafka import AIOKafkaProducer

from tests.poison.conftest import Place, Salur
from tests.poison.record import ACTIONS, MARK, SOURCE, SUBMISSIONS, TYPE, Writer
from tests.poison.wire import FINE, GZIP, SNAPPY, batch, beyond, field, put, record, snappy, varint

pytestmark = pytest.mark.long

PARTITION = 1
ALIEN = (b"\xff\xfe" + MARK.encode(), MARK.encode())
"""A header whose name is no text."""
SECONDS = 10.0


@dataclass
class Odd:
    """A batch by its bytes, and the code that each of its records must be told."""

    data: bytes
    codes: Sequence[str] = ("ok",)


def values(number: int = 1) -> list[bytes]:
    write = Writer()
    return [write.data("odd", {"text": f"Lampu padam. {MARK}"}).value or b"" for _ in range(number)]


def placed(*places: int, **how: object) -> Odd:
    return Odd(batch(*[record(value, place) for value, place in zip(values(len(places)), places, strict=True)], **how), ("ok",) * len(places))


def odd() -> dict[str, Odd]:
    (value,) = values()
    three = values(3)
    binary = [
        (f"ce_{name}".encode(), said.encode()) for name, said in {"specversion": "1.0", "id": Writer().id(), "source": SOURCE, "type": TYPE}.items()
    ]
    body = orjson.dumps({"text": MARK})
    alien = record(values()[0], headers=[ALIEN])
    among = batch(record(three[0]), record(three[1], 1, headers=[ALIEN]), record(three[2], 2))
    return {
        "a header's name is no text": Odd(batch(alien)),
        "it is half a surrogate": Odd(batch(record(values()[0], headers=[(b"\xed\xa0\x80", b"")]))),
        "it is among others of its batch": Odd(among, ("ok",) * 3),
        "it is packed": Odd(batch(record(values()[0], headers=[ALIEN]), codec=GZIP, pack=gzip.compress)),
        "it is packed as we cannot": Odd(batch(record(values()[0], headers=[ALIEN]), codec=SNAPPY, pack=snappy)),
        "it stands beside an event's own": Odd(batch(record(body, headers=[*binary, ALIEN]))),
        "it stands before nothing": Odd(batch(record(None, headers=[ALIEN])), ("malformed_json",)),
        "it stands before no JSON": Odd(batch(record(MARK.encode(), headers=[ALIEN])), ("malformed_json",)),
        "a header without a value": Odd(batch(record(values()[0], headers=[(b"x", None), (b"", None)]))),
        "a hundred thousand headers": Odd(batch(record(values()[0], headers=[(b"", b"")] * 100_000))),
        "attributes nobody knows": Odd(batch(record(values()[0], attributes=b"\xff"))),
        "attributes that look like more": Odd(batch(record(values()[0], attributes=b"\x80"))),
        "a key's length with too many bits": Odd(batch(record(None, fields=beyond(1) + b"k" + field(value)))),
        "a value's length with too many bits": Odd(batch(record(None, fields=field(None) + beyond(2) + b"{}")), ("not_cloudevent",)),
        "a number of headers with too many bits": Odd(batch(record(values()[0], count=beyond(0)))),
        "a record's length with too many bits": Odd(batch(record(b"{}", length=beyond)), ("not_cloudevent",)),
        "less than no key": Odd(batch(record(None, fields=varint(-5) + field(values()[0])))),
        "a time before all times": Odd(batch(record(values()[0], later=varint(-(2**62))))),
        "a time of ten bytes": Odd(batch(record(values()[0], later=b"\xff" * 9 + b"\x7f"))),
        "a place too far": placed(5),
        "a place very far": placed(2**31 - 1),
        "a place before all": placed(-1),
        "three in one place": placed(0, 0, 0),
        "backwards": placed(2, 1, 0),
        "the first is right": placed(0, 7, 1),
        "packed with something behind": Odd(batch(record(values()[0]), codec=GZIP, pack=lambda data: gzip.compress(data) + MARK.encode())),
        "packed in two pieces": Odd(batch(record(values()[0]), codec=GZIP, pack=lambda data: gzip.compress(data[:9]) + gzip.compress(data[9:]))),
        "unknown bits of a batch": Odd(batch(record(values()[0]), attributes=0x4040)),
    }


ODD = list(odd())
REFUSED = {
    "no name of a header": batch(record(b"v", headers=[(None, b"")])),
    "less than no name": batch(record(b"v", count=varint(1), tail=varint(-2) + field(b""))),
    "less than no headers": batch(record(b"v", count=varint(-1))),
    "more headers than there are": batch(record(b"v", count=varint(5))),
    "something behind the headers": batch(record(b"v", tail=b"x")),
    "a length of six bytes": batch(record(None, fields=b"\x82\x80\x80\x80\x80\x00k" + field(b"v"))),
    "an empty record": batch(b"\0"),
    "fewer records than it says": batch(record(b"v"), number=2),
    "more records than it says": batch(record(b"v"), record(b"v", 1), number=1),
    "no record": batch(),
    "another last place": batch(record(b"v"), last=7),
    "an unknown codec": batch(record(b"v"), codec=5),
    "said to be packed": batch(record(b"v"), codec=GZIP),
    "packed and cut off": batch(record(b"v"), codec=GZIP, pack=lambda data: gzip.compress(data)[:-9]),
    "packed with more in it": batch(record(b"v"), codec=GZIP, pack=lambda data: gzip.compress(data + b"xxxx")),
    "a wrong sum": batch(record(b"v"), crc=1),
    "an old format": batch(record(b"v"), magic=1),
    "a format to come": batch(record(b"v"), magic=3),
    "a batch of the broker's own": batch(record(b"\0\0\0\0\0\0", key=b"\0\0\0\0"), attributes=0x20),
    "a transaction without a name": batch(record(b"v"), attributes=0x10),
    "two batches": batch(record(b"v")) + batch(record(b"v")),
    "half a batch": batch(record(b"v"))[:-3],
}


async def good(salur: Salur, number: int = 5) -> list[Place]:
    write = Writer()
    sent = [await salur.producer.send(SUBMISSIONS, write.data("good", {"text": "Lampu padam."}).value, partition=PARTITION) for _ in range(number)]
    return [(place.topic, place.partition, place.offset) for place in await asyncio.gather(*sent)]


@pytest.mark.parametrize("name", ODD)
async def test_each_record_of_an_odd_batch_gets_its_receipt_and_its_neighbours_theirs(salur: Salur, name: str) -> None:
    batch_ = odd()[name]
    before = await good(salur)
    code, first = await put(salur.producer, SUBMISSIONS, PARTITION, batch_.data)
    assert code == FINE, "the broker takes it"
    after = await good(salur)
    places = [(SUBMISSIONS, PARTITION, first + n) for n in range(len(batch_.codes))]
    assert after[0][2] == places[-1][2] + 1, "no place is left out"
    receipts = await salur.answered([*before, *places, *after], SECONDS)
    codes = [[receipt["code"] for receipt in said] for said in receipts]
    assert codes == [["ok"]] * len(before) + [[code] for code in batch_.codes] + [["ok"]] * len(after)


async def test_an_action_beside_an_odd_header_is_judged_like_any_other(salur: Salur) -> None:
    case = await salur.case()
    write = Writer()
    order = write.event("verify", {"type": "salur.case.verify.v1", "data": {"case_id": case.case_id, "by": case.by()}})
    code, first = await put(salur.producer, ACTIONS, PARTITION, batch(record(order.value, headers=[ALIEN])))
    ((receipt,),) = await salur.answered([(ACTIONS, PARTITION, first)], SECONDS)
    assert (code, receipt["outcome"], receipt["code"]) == (FINE, "accepted", "ok")


async def test_every_odd_batch_at_once_holds_nobody_up(salur: Salur) -> None:
    batches = [batch_ for batch_ in odd().values() for _ in range(3)]
    places: list[Place] = []
    expected: list[list[str]] = []
    for batch_ in batches:
        _, first = await put(salur.producer, SUBMISSIONS, PARTITION, batch_.data)
        places += [(SUBMISSIONS, PARTITION, first + n) for n in range(len(batch_.codes))]
        expected += [[code] for code in batch_.codes]
    places += await good(salur)
    found = [[receipt["code"] for receipt in said] for said in await salur.answered(places, 30)]
    again = [codes if codes != ["duplicate"] else ["ok"] for codes in found[: len(expected)]]  # the same bytes three times
    assert again == expected
    assert found[len(expected) :] == [["ok"]] * 5
    assert MARK not in salur.logs()
    assert [salur.stack.process(name).deaths for name in ("intake", "routing")] == [0, 0]


@pytest.mark.parametrize("name", REFUSED)
async def test_what_no_reader_could_read_a_broker_does_not_take(salur: Salur, name: str) -> None:
    code, _ = await put(salur.producer, SUBMISSIONS, PARTITION, REFUSED[name])
    assert code != FINE


async def test_what_is_written_in_a_transaction_counts_at_once_and_its_ends_hold_nobody_up(salur: Salur) -> None:
    write = Writer()
    producer = AIOKafkaProducer(bootstrap_servers=salur.stack.kafka_bootstrap, transactional_id=f"poison-{write.prefix}")
    await producer.start()
    places: list[Place] = []
    try:
        for end in (producer.abort_transaction, producer.commit_transaction):
            await producer.begin_transaction()
            sent = await producer.send_and_wait(SUBMISSIONS, write.data("in a transaction", {"text": "Lampu padam."}).value, partition=PARTITION)
            places.append((sent.topic, sent.partition, sent.offset))
            assert [[receipt["code"] for receipt in said] for said in await salur.answered(places, SECONDS)] == [["ok"]] * len(places)
            await end()
    finally:
        await producer.stop()
    assert [[receipt["code"] for receipt in said] for said in await salur.answered(await good(salur), SECONDS)] == [["ok"]] * 5
