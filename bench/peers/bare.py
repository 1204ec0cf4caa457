"""The ceiling: the bare loop. Reads in batches, one statement a batch, publishes in batches, then commits the offsets.

No validation, no decision, no history, no retry: as fast as the parts allow.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence
from typing import Any, Final

import orjson
import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from bench.peers.place import IN, KAFKA, NAME, OUT, database

BATCH: Final = 500
_KEEP: Final = """
WITH d AS (SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::bigint[], $5::bytea[]) AS t (event_id, case_id, serial, weight, data)),
taken AS (INSERT INTO inbox (event_id) SELECT event_id FROM d ON CONFLICT DO NOTHING RETURNING event_id),
counted AS (
    INSERT INTO ledger AS l (case_id, serial, total)
    SELECT case_id, max(serial), sum(weight) FROM d JOIN taken USING (event_id) GROUP BY case_id
    ON CONFLICT (case_id) DO UPDATE SET serial = EXCLUDED.serial, total = l.total + EXCLUDED.total
)
INSERT INTO event (case_id, serial, data) SELECT case_id, serial, data FROM d JOIN taken USING (event_id)"""


def _row(value: bytes) -> tuple[Any, ...]:
    event = orjson.loads(value)
    report = event["data"]
    said = orjson.dumps({**event, "id": event["id"] + ":noted", "causationid": event["id"]})
    return event["id"], report["case_id"], report["serial"], report["weight"], said


async def _publish(producer: AIOKafkaProducer, partition: int, records: Sequence[Any], said: Sequence[bytes]) -> list[Any]:
    """Publish to the partition of the same number: the topics have as many, and the keys are the same."""
    batch, waiting = producer.create_batch(), []
    for record, value in zip(records, said, strict=True):
        if batch.append(key=record.key, value=value, timestamp=None) is None:
            waiting.append(await producer.send_batch(batch, OUT, partition=partition))
            batch = producer.create_batch()
            batch.append(key=record.key, value=value, timestamp=None)
    waiting.append(await producer.send_batch(batch, OUT, partition=partition))
    return waiting


async def main() -> None:
    """Run until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    connection = await database()
    consumer = AIOKafkaConsumer(
        IN, bootstrap_servers=KAFKA, group_id=NAME, enable_auto_commit=False, auto_offset_reset="earliest", fetch_max_wait_ms=50
    )
    producer = AIOKafkaProducer(bootstrap_servers=KAFKA, enable_idempotence=True, acks="all", max_batch_size=512 * 1024)
    await producer.start()
    await consumer.start()
    while not stop.is_set():
        batches = await consumer.getmany(timeout_ms=50, max_records=BATCH)
        if not batches:
            continue
        rows = {place: [_row(record.value) for record in records] for place, records in batches.items()}
        await connection.execute(_KEEP, *zip(*(row for found in rows.values() for row in found), strict=True))
        waiting = []
        for place, records in batches.items():
            waiting += await _publish(producer, place.partition, records, [row[-1] for row in rows[place]])
        await asyncio.gather(*waiting)
        await consumer.commit({TopicPartition(place.topic, place.partition): records[-1].offset + 1 for place, records in batches.items()})
    await consumer.stop()
    await producer.stop()
    await connection.close()


if __name__ == "__main__":
    uvloop.run(main())
