"""The ways in, as publishers and agencies use them: Kafka and HTTP, each with bounded patience."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import orjson
from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector

from chassis.kafka import KafkaError, Sender
from deploy.demo.complaints import Door, Sending
from deploy.demo.evidence import Answer
from schemas import topics

TRIES: Final = 40
"""Patience with a machine that is busy: nothing is lost by asking again under the same key."""
PAUSE_SECONDS: Final = 0.25
REQUEST_SECONDS: Final = 15.0
CONNECTIONS: Final = 8
"""To each service; used again and again."""
REST_SECONDS: Final = 3.0
"""So long a connection rests before it is let go: less than the servers' own five."""
UNANSWERED: Final = (ClientError, TimeoutError)
"""What asking raises when no answer comes."""
_AGAIN: Final = frozenset({429, 503})


@dataclass(slots=True)
class Doors:
    """Open connections to all of them; `intake` and `routing` are base addresses."""

    intake: str
    routing: str
    bootstrap: str
    _sender: Sender = field(init=False)
    http: ClientSession = field(init=False)

    async def open(self) -> None:
        """Connect; raises KafkaError."""
        self._sender = Sender(self.bootstrap, "demo")
        self.http = ClientSession(
            connector=TCPConnector(limit=0, limit_per_host=CONNECTIONS, keepalive_timeout=REST_SECONDS),
            cookie_jar=DummyCookieJar(),
            timeout=ClientTimeout(total=REQUEST_SECONDS),
        )
        await self._sender.start()

    async def close(self) -> None:
        """Let go."""
        await asyncio.gather(self._sender.stop(), self.http.close())

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
            lines = b"\n".join(events[number] for number in left)
            try:
                status, told = await self._post(f"{self.intake}/v1/complaints:batch", lines, {"content-type": "application/x-ndjson"})
            except UNANSWERED:
                status, told = 0, b""
            if status != HTTPStatus.OK:
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            for number, line in zip(left, map(orjson.loads, told.splitlines()), strict=True):
                answers[number] = Answer(status, line["outcome"], line["code"], line["case_id"], line["tracking_id"])
        return answers

    async def say(self, topic: str, key: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Publish one record; raises KafkaError when the broker does not take it."""
        fields = [(name, value.encode()) for name, value in headers.items()]
        for left in reversed(range(TRIES)):
            try:
                await (await self._sender.send(topic, key.encode(), body, fields))
            except KafkaError:
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
                answer = _read(*await self._post(url, body, headers))
            except UNANSWERED:
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            if answer.status not in _AGAIN and answer.code != "case_not_yet_known":
                break
            await asyncio.sleep(PAUSE_SECONDS)
        return answer

    async def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        async with self.http.post(url, data=body, headers=headers) as response:
            return response.status, await response.read()


def _read(status: int, body: bytes) -> Answer:
    try:
        told: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        told = {}
    done = HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES
    return Answer(
        status,
        told.get("outcome", "accepted" if done else "rejected"),
        told.get("code", "ok" if done else ""),
        told.get("case_id"),
        told.get("tracking_id"),
    )
