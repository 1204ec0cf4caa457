"""FastStream on aiokafka: a validated handler, one transaction an event, the result published by its decorator; at least once."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import uvloop
from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker, KafkaMessage, KafkaResponse
from pydantic import BaseModel

from bench.events import Reported
from bench.peers.effect import keep
from bench.peers.place import IN, KAFKA, NAME, OUT, database


class Envelope(BaseModel):
    """The CloudEvent of a report."""

    id: str
    source: str
    type: str
    time: str
    subject: str
    data: Reported


broker = KafkaBroker(KAFKA, acks="all", enable_idempotence=True, log_level=logging.DEBUG)
app = FastStream(broker)
_store: dict[str, Any] = {}


@app.on_startup
async def connect() -> None:
    """Connect before the first event."""
    _store["connection"] = await database()


async def decode(message: KafkaMessage, _original: Callable[[KafkaMessage], Awaitable[Any]]) -> Any:
    """Read the body as JSON: the content type of a CloudEvent is none that FastStream knows."""
    return orjson.loads(message.body)


@broker.publisher(OUT)
@broker.subscriber(IN, group_id=NAME, auto_offset_reset="earliest", ack_policy=AckPolicy.NACK_ON_ERROR, decoder=decode)
async def note(event: Envelope) -> KafkaResponse | None:
    """Keep the report's effect, then say what came of it."""
    noted = await keep(_store["connection"], event.id, event.data.model_dump(mode="json"))
    return None if noted is None else KafkaResponse(noted, key=event.subject.encode())


if __name__ == "__main__":
    uvloop.run(app.run())
