"""Somebody who hands in canaries by every door, and keeps every answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
from aiokafka import AIOKafkaProducer

from tests.system.identity import SUBMISSIONS
from tests.system.stack import Town
from tests.system.watch import Watcher

SOURCE = "urn:test:canaries"
SUBMITTED = "salur.complaint.submitted.v1"
STRUCTURED = [("content-type", b"application/cloudevents+json")]


@dataclass
class Publisher:
    """Hands in canaries by every door, and keeps every answer."""

    town: Town
    watcher: Watcher
    producer: AIOKafkaProducer
    http: httpx.AsyncClient
    answers: dict[str, str] = field(default_factory=dict)
    pages: list[str] = field(default_factory=list)
    """What stands behind the links of mails: an owner's people read there what was written."""
    accepted: list[str] = field(default_factory=list)
    """Ids of submissions that become cases."""
    sent: list[tuple[str, int, int]] = field(default_factory=list)
    """Places of records on the topic that get a receipt within seconds."""

    async def event(self, data: Any, type_: str = SUBMITTED, source: str = SOURCE, **attributes: Any) -> dict[str, Any]:
        id_ = f"canary-{uuid4().hex}"
        await self.town.ledger.note(op="invoke", what="submit", id=id_, source=source, door="other", expect="any")
        return {"specversion": "1.0", "id": id_, "source": source, "type": type_, "data": data, **attributes}

    async def produce(self, event: Mapping[str, Any], *, waits: bool = False) -> None:
        """Put an event on the topic; `waits`: it is of a case that is not known, which is waited for."""
        await self.put(json.dumps(event).encode(), STRUCTURED, waits=waits)

    async def put(self, value: bytes, headers: list[tuple[str, bytes]], *, waits: bool = False) -> None:
        """Put a record on the topic."""
        at = await self.producer.send_and_wait(SUBMISSIONS, value, headers=headers)
        self.sent += [] if waits else [(at.topic, at.partition, at.offset)]

    @property
    def unanswered(self) -> set[tuple[str, int, int]]:
        """Return the places of records that have no receipt yet."""
        told = (receipt for receipts in self.watcher.receipts.values() for receipt in receipts)
        return set(self.sent) - {(receipt["topic"], receipt["partition"], receipt["offset"]) for receipt in told}

    async def binary(self, event: Mapping[str, Any]) -> None:
        headers = [(f"ce_{name}", str(value).encode()) for name, value in event.items() if name != "data"]
        await self.put(json.dumps(event["data"]).encode(), [*headers, ("content-type", b"application/json")])

    async def post(self, event: Mapping[str, Any], *, bare: bool) -> httpx.Response:
        headers = {"Idempotency-Key": event["id"]} if bare else {"content-type": "application/cloudevents+json"}
        answer = await self.http.post(f"{self.town.url('intake')}/v1/complaints", headers=headers, json=event["data"] if bare else event)
        self.answers[f"answer to {event['id']}"] = answer.text + str(answer.headers)
        return answer

    async def act(self, case_id: str, action: str, data: Mapping[str, Any]) -> None:
        """Act on a case as the coordinator of its owner."""
        case = json.loads(await self.get("routing", f"/v1/cases/{case_id}"))
        key, by = uuid4().hex, {"agency": case["owner"], "role": "coordinator"}
        await self.town.ledger.note(op="invoke", what=action, id=key, source="urn:salur:open", door="other", expect="any")
        url = f"{self.town.url('routing')}/v1/cases/{case_id}/actions"
        answer = await self.http.post(url, headers={"Idempotency-Key": key}, json={"action": action, "by": by, "data": data})
        self.answers[f"answer to {action} {key}"] = answer.text
        assert answer.status_code == 200, (action, answer.text)

    async def get(self, service: str, path: str, **headers: str) -> str:
        """Ask for something, and keep what is said."""
        answer = await self.http.get(f"{self.town.url(service)}{path}", headers=headers)
        self.answers[f"{service} {path}"] = answer.text
        return answer.text
