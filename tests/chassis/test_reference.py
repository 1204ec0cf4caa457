"""Reference data from a compacted topic: what cannot be read is kept there for ever, and must not stop anybody for ever."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer

from chassis.kafka import TopicSettings, create_topics
from chassis.reference import Mirror
from deploy.local.supervisor import Stack
from schemas.reference.agency_v1 import AgencyRecord

pytestmark = pytest.mark.asyncio(loop_scope="session")
KNOWN = {"code": "35", "name": "Jawa Timur", "level": "province", "parent": "ID", "zone": "Asia/Jakarta", "version": "1"}


def told(data: Any = KNOWN, **more: Any) -> bytes:
    return json.dumps({"type": AgencyRecord.TYPE, "time": "2026-03-02T01:00:00Z", "data": data, **more}).encode()


ODD = {
    "no JSON": (b"agency/35", b"\xff{"),
    "no object": (b"agency/35", b"[]"),
    "an empty object": (b"agency/35", b"{}"),
    "no key": (None, b"{"),
    "a key that is no text": (b"\xff\xfe", told()),
    "a time that is none": (b"agency/35", told(time=7)),
    "data that lack a field": (b"agency/35", told({"code": "35"})),
    "data of another shape": (b"agency/35", told(["35"])),
    "a type of tomorrow": (b"agency/35", told({"code": "35", "name": {}}, type="salur.reference.agency.v2")),
}


async def test_what_cannot_be_read_is_skipped_at_the_start_and_later(stores: Stack) -> None:
    topic = f"reference-{uuid4().hex[:8]}"
    await create_topics(stores.kafka_bootstrap, [TopicSettings(topic, 1, 1, {"cleanup.policy": "compact"})])
    mirror = Mirror(stores.kafka_bootstrap, topic, {AgencyRecord.TYPE: AgencyRecord})
    async with AIOKafkaProducer(bootstrap_servers=stores.kafka_bootstrap) as producer:
        await producer.send_and_wait(topic, told(), b"agency/35")
        for key, value in ODD.values():
            await producer.send_and_wait(topic, value, key or b"none")
        await asyncio.wait_for(mirror.start(), 30)
        assert mirror.values == {"agency/35": KNOWN}

        following = asyncio.create_task(mirror.run())
        for key, value in ODD.values():
            await producer.send_and_wait(topic, value, key or b"none")
        await producer.send_and_wait(topic, told({**KNOWN, "name": "Jawa Timur baru"}, time="2026-03-03T01:00:00Z"), b"agency/35")
        async with asyncio.timeout(20):
            while not following.done() and mirror.values["agency/35"]["name"] != "Jawa Timur baru":
                await asyncio.sleep(0.05)
    assert mirror.values == {"agency/35": {**KNOWN, "name": "Jawa Timur baru"}}
    following.cancel()
    with suppress(asyncio.CancelledError):
        await following
    await mirror.stop()
