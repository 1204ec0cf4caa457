"""The ways in, as publishers and agencies use them: Kafka and HTTP, each with bounded patience."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
import orjson

from chassis.hashing import key_hash
from chassis.kafka import Outgoing, Producer, PublishError
from deploy.demo.complaints import Door, Sending
from deploy.demo.evidence import Answer
from schemas import topics

TRIES: Final = 40
"""Patience with a machine that is busy: nothing is lost by asking again under the same key."""
PAUSE_SECONDS: Final = 0.25
REQUEST_SECONDS: Final = 15.0
_AGAIN: Final = frozenset({429, 503})


@dataclass(slots=True)
class Doors:
    """Open connections to all of them; `intake` and `routing` are base addresses."""

    intake: str
    routing: str
    bootstrap: str
    _producer: Producer = field(init=False)
    http: httpx.AsyncClient = field(init=False)

    async def open(self) -> None:
        """Connect; raises KafkaError."""
        self._producer = Producer(self.bootstrap, "demo")
        self.http = httpx.AsyncClient(timeout=REQUEST_SECONDS, limits=httpx.Limits(max_connections=16))
        await self._producer.start()

    async def close(self) -> None:
        """Let go."""
        await asyncio.gather(self._producer.stop(), self.http.aclose())

    async def hand_in(self, sending: Sending, body: bytes, headers: Mapping[str, str]) -> Answer | None:
        """Hand in a submission; over Kafka its receipt is said on the topic, and None is returned."""
        if sending.by_kafka:
            await self.say(topics.SUBMISSIONS, sending.id, body, headers)
            return None
        assert sending.door in {Door.HTTP_DATA, Door.HTTP_EVENT}
        return await self.ask(f"{self.intake}/v1/complaints", body, headers)

    async def hand_in_batch(self, events: Sequence[bytes]) -> list[Answer]:
        """Hand in many at once, one answer each; lines that could not be taken are sent again under the same ids."""
        answers = [Answer(0, "none", "no_answer")] * len(events)
        for _ in range(TRIES):
            left = [number for number, answer in enumerate(answers) if answer.code in {"no_answer", "unavailable"}]
            if not left:
                break
            try:
                response = await self.http.post(
                    f"{self.intake}/v1/complaints:batch",
                    content=b"\n".join(events[n] for n in left),
                    headers={"content-type": "application/x-ndjson"},
                )
            except httpx.HTTPError:
                response = None
            if response is None or not response.is_success:
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            for number, line in zip(left, response.content.splitlines(), strict=True):
                told = orjson.loads(line)
                answers[number] = Answer(response.status_code, told["outcome"], told["code"], told["case_id"], told["tracking_id"])
        return answers

    async def say(self, topic: str, key: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Publish one record; raises PublishError when the broker does not take it."""
        raw = key.encode()
        record = Outgoing(topic, raw, key_hash(raw), body, [(name, value.encode()) for name, value in headers.items()])
        for left in reversed(range(TRIES)):
            try:
                await self._producer.publish([record])
            except PublishError:
                if not left:
                    raise
                await asyncio.sleep(PAUSE_SECONDS)
            else:
                return

    async def ask(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Post, again under the same key while the answer is not final; the last answer stands, status 0 when there was none."""
        answer = Answer(0, "none", "no_answer")
        for _ in range(TRIES):
            try:
                response = await self.http.post(url, content=body, headers=dict(headers))
                answer = _read(response)
            except httpx.HTTPError:
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            if response.status_code not in _AGAIN and answer.code != "case_not_yet_known":
                break
            await asyncio.sleep(PAUSE_SECONDS)
        return answer


def _read(response: httpx.Response) -> Answer:
    try:
        told: Any = response.json()
    except ValueError:
        told = {}
    done = response.is_success
    return Answer(
        response.status_code,
        told.get("outcome", "accepted" if done else "rejected"),
        told.get("code", "ok" if done else ""),
        told.get("case_id"),
        told.get("tracking_id"),
    )
