"""The usual Faust agent: typed records, one transaction an event, the result sent to a topic; at least once.

The settings are Faust's safe ones for this: at-least-once, acks from all, no leader topic, no web server.
"""

from __future__ import annotations

import sys

import faust

from bench.peers.effect import keep
from bench.peers.place import FOLDER, IN, KAFKA, NAME, OUT, database


class Report(faust.Record, serializer="json"):
    """What was reported."""

    case_id: str
    tracking_id: str
    serial: int
    weight: int
    kind: str
    category: str
    category_given: str | None
    region: str
    addressed_to: str | None
    channel: str
    submitted_at: str
    accepted_at: str
    anonymous: bool
    confidential: bool
    publisher: str
    external_ref: str | None
    title: str
    text: str
    language: str
    location: dict[str, float]
    reply_to: str | None


class Envelope(faust.Record, serializer="json"):
    """The CloudEvent around it."""

    id: str
    source: str
    type: str
    time: str
    subject: str
    data: Report


app = faust.App(
    NAME,
    broker=f"kafka://{KAFKA}",
    processing_guarantee="at_least_once",
    producer_acks=-1,
    topic_allow_declare=False,
    topic_disable_leader=True,
    table_standby_replicas=0,
    web_enabled=False,
    datadir=FOLDER,
)
reports = app.topic(IN, key_type=bytes, key_serializer="raw", value_type=Envelope)
said = app.topic(OUT, key_type=bytes, key_serializer="raw", value_serializer="json")


@app.agent(reports)
async def note(stream: faust.StreamT[Envelope]) -> None:
    """Keep each report's effect, then say what came of it."""
    connection = await database()
    async for event in stream:
        noted = await keep(connection, event.id, event.data.asdict())
        if noted is not None:
            await said.send(key=event.subject.encode(), value=noted)


if __name__ == "__main__":
    sys.argv[1:] = ["-L", "uvloop", "worker", "--without-web", "-l", "warn"]
    app.main()
