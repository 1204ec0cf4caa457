"""What a publisher's client decides: how its records are packed and when it says that they were made."""

from __future__ import annotations

import gzip
import sys

import orjson
import pytest
from aiokafka import AIOKafkaProducer

from tests.poison.conftest import Salur
from tests.poison.record import SUBMISSIONS, Writer

CODECS = AIOKafkaProducer._COMPRESSORS


def snappy(data: bytes, *_: object) -> bytes:
    """Pack like Snappy, without its library and without making anything smaller: every block is a literal."""
    data, out, length = bytes(data), b"", len(data)
    while length > 127:
        out, length = out + bytes([length & 127 | 128]), length >> 7
    out += bytes([length])
    for first in range(0, len(data), 65_536):
        part = data[first : first + 65_536]
        out += b"\xf4" + (len(part) - 1).to_bytes(2, "little") + part
    return out


@pytest.mark.parametrize("codec", ["snappy", "gzip"])
async def test_records_are_read_however_they_were_packed(salur: Salur, codec: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own client lacks the libraries for Snappy, LZ4 and Zstandard: a record it cannot unpack would stand in the way for ever."""
    for module in [module for name, module in sys.modules.items() if name.startswith("aiokafka.record") and hasattr(module, "snappy_encode")]:
        monkeypatch.setattr(module, "snappy_encode", snappy)
    monkeypatch.setattr("aiokafka.codec.has_snappy", lambda: True)
    monkeypatch.setattr(AIOKafkaProducer, "_COMPRESSORS", {**CODECS, "snappy": (lambda: True, CODECS["snappy"][1])})
    producer = AIOKafkaProducer(bootstrap_servers=salur.stack.kafka_bootstrap, compression_type=codec, linger_ms=20)
    await producer.start()
    write = Writer()
    try:
        sent = [await producer.send(SUBMISSIONS, write.data("packed", {"text": f"Jalan rusak {n}."}).value, key=b"packed") for n in range(30)]
        places = [(place.topic, place.partition, place.offset) for place in [await future for future in sent]]
    finally:
        await producer.stop()
    assert [[receipt["code"] for receipt in receipts] for receipts in await salur.answered(places)] == [["ok"]] * 30


async def test_a_publishers_clock_makes_no_record_old(salur: Salur) -> None:
    write = Writer()
    for when in (0, 4_102_444_800_000):
        place = await salur.producer.send_and_wait(SUBMISSIONS, write.data("of another time", {}).value, timestamp_ms=when)
        assert place.timestamp_type == 1, "stamped by the broker"
        ((receipt,),) = await salur.answered([(place.topic, place.partition, place.offset)])
        assert receipt["code"] == "ok"


async def test_a_packed_value_is_not_unpacked(salur: Salur) -> None:
    value = gzip.compress(orjson.dumps({"specversion": "1.0"}))
    for encoding in (b"gzip", b"identity"):
        sent = await salur.producer.send_and_wait(SUBMISSIONS, value, headers=[("content-encoding", encoding)])
        ((receipt,),) = await salur.answered([(sent.topic, sent.partition, sent.offset)])
        assert receipt["code"] == "malformed_json"
