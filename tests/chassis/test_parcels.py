"""Parcels: what they hold is given back whole, in order per key, also from an outbox that older versions have filled."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID, uuid4

import orjson
from hypothesis import given
from hypothesis import strategies as st

import chassis
from chassis.hashing import key_hash
from chassis.kafka import Outgoing
from chassis.leases import SHARDS
from chassis.parcels import Parcels, references, unpack
from chassis.relay import read_back
from tests.chassis.conftest import Bench

MIGRATIONS = Path(chassis.__file__).parent / "migrations"
RECORDS = st.lists(st.tuples(st.sampled_from(["a", "b"]), st.binary(max_size=40), st.none() | st.binary(max_size=80)), max_size=60)


def record(topic: str, key: bytes, value: bytes | None) -> Outgoing:
    return Outgoing(topic, key, key_hash(key), value, [])


@given(RECORDS)
def test_records_come_out_as_they_went_in_in_order_per_key(given_: list[tuple[str, bytes, bytes | None]]) -> None:
    parcels = Parcels()
    for each in given_:
        parcels.add(record(*each))
    out = [(parcel.topic, key, value) for parcel in parcels for key, value in unpack(parcel.content)]
    assert sorted(out, key=repr) == sorted(given_, key=repr)
    for topic, key in {each[:2] for each in given_}:
        assert [value for t, k, value in out if (t, k) == (topic, key)] == [value for t, k, value in given_ if (t, k) == (topic, key)]
    assert all(parcel.shard == key_hash(key) % SHARDS for parcel in parcels for key, _ in unpack(parcel.content))


@given(st.lists(st.tuples(st.uuids(), st.integers(1, 2**31 - 1)), max_size=60))
def test_references_come_out_in_order_per_case(given_: list[tuple[UUID, int]]) -> None:
    parcels = Parcels()
    for case_id, sequence in given_:
        parcels.add_event(case_id, sequence, record("t", str(case_id).encode(), b""))
    out = [reference for parcel in parcels for reference in references(parcel.content)]
    assert sorted(out) == sorted(given_)
    assert all([s for c, s in out if c == case_id] == [s for c, s in given_ if c == case_id] for case_id, _ in given_)


async def test_an_outbox_that_an_older_version_filled_is_published_whole(bench: Bench) -> None:
    case_id, schema = uuid4(), f"{bench.name}_old"
    first, *later = sorted(MIGRATIONS.glob("*.sql"))
    await bench.owner.execute(f'CREATE SCHEMA "{schema}"; SET search_path TO "{schema}"')
    await bench.owner.execute(first.read_text())
    await bench.owner.execute(
        "INSERT INTO event (case_id, sequence, header, proof, body) VALUES ($1, 1, $2, '', $3)", case_id, b'{"id":"e"}', bytes(16) + b"{}"
    )
    for row in (
        (7, "said", case_id, 1, None, None),
        (2**31 - 1, "receipts", None, None, b"k", b'{"id":"r","data":{}}'),
        (3, "gone", None, None, b"k", None),
    ):
        await bench.owner.execute("INSERT INTO outbox (hash, topic, case_id, sequence, key, value) VALUES ($1, $2, $3, $4, $5, $6)", *row)
    for file in later:
        await bench.owner.execute(file.read_text())
    rows = await bench.owner.fetch("SELECT position, shard, number FROM outbox ORDER BY position")
    assert [(row["shard"], row["number"]) for row in rows] == [(7, 1), (7, 1), (3, 1)]
    found = await read_back(bench.owner, [row["position"] for row in rows])
    said, receipt, tombstone = [records[0] for _, records in sorted(found.items())]
    assert (said.topic, said.key, json.loads(said.value or b"")) == ("said", str(case_id).encode(), {"id": "e", "data": {}})
    assert (receipt.topic, receipt.key, orjson.loads(receipt.value or b"")["id"]) == ("receipts", b"k", "r")
    assert (tombstone.topic, tombstone.key, tombstone.value) == ("gone", b"k", None)
    assert all(each.hash == key_hash(each.key) for each in (said, receipt, tombstone))
