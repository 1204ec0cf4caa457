"""Publishers and agencies under load: an open loop of submissions through every door, and offices that act on a part of the cases."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any
from uuid import uuid4

import httpx
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from tests.system.ledger import Ledger
from tests.system.watch import Watcher, until

STEMS = ("Qazwinayu", "Xedrovanti", "358817990", "085588179", "jlmelatiqx")
"""What every reporter of a run is made of (name, name, NIK, phone, address) and nothing else is."""
SOURCE = "urn:test:publisher"
AGENCY_SOURCE = "urn:test:agency"
OPEN = "urn:salur:open"
SUBMITTED = "salur.complaint.submitted.v1"
TRY_SECONDS = 4.0
PATIENCE_SECONDS = 60.0
STRUCTURED = [("content-type", b"application/cloudevents+json")]
REGIONS = ("35.22", "35.15", "31.71", "33.74", "73.71", "35")
TOPICS_OF_LIFE = ("pekerjaan-umum-dan-penataan-ruang", "kesehatan", "tidak ada yang tahu", None)


class Client:
    """Everything that comes from outside goes through here, and into the ledger before it goes."""

    def __init__(self, *, bootstrap: str, intake: str, routing: str, ledger: Ledger, watcher: Watcher) -> None:
        self.ledger = ledger
        self.watcher = watcher
        self.invoked: dict[str, float] = {}
        """Well-formed submission → when it was first sent (monotonic seconds)."""
        self.tasks: set[asyncio.Task[None]] = set()
        self.failures: list[str] = []
        self._run = uuid4().hex[:8]
        self._intake, self._routing = intake, routing
        self._http = httpx.AsyncClient(timeout=TRY_SECONDS, limits=httpx.Limits(max_connections=100))
        self._producer = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True, acks="all", linger_ms=2, request_timeout_ms=10_000)
        watcher.on_routed = self._routed

    async def start(self) -> None:
        await self.ledger.note(op="stems", stems=STEMS)
        await self._producer.start()

    async def stop(self) -> None:
        for task in self.tasks:
            task.cancel()
        await self._http.aclose()
        await self._producer.stop()

    async def load(self, rate: float, stop: asyncio.Event, least: int) -> None:
        """Hand in a submission every 1/rate seconds, however the system fares, until told to stop and `least` were sent."""
        begun, number = time.monotonic(), 0
        while number < least or not stop.is_set():
            self.begin(self.submit(number))
            number += 1
            await asyncio.sleep(max(0.0, begun + number / rate - time.monotonic()))

    def begin(self, deed: Any) -> None:
        task = asyncio.create_task(deed)
        self.tasks.add(task)
        task.add_done_callback(self._done)

    async def submit(self, number: int) -> None:
        """Hand in one submission by the door that its number names; some by two doors at once, some that must be refused."""
        id_ = f"{self._run}-{number}"
        data = _complaint(number)
        expect = "accepted"
        if number % 37 == 5:
            data, expect = {"title": "no text"}, "rejected"
        if expect == "accepted":
            self.invoked[id_] = time.monotonic()
        about = {"what": "submit", "id": id_, "source": SOURCE, "expect": expect}
        event = {"specversion": "1.0", "id": id_, "source": SOURCE, "type": SUBMITTED, "data": data}
        doors = [self._by_kafka, self._by_binary, self._by_http, self._by_bare]
        ways = [doors[number % 4](about, event)]
        if number % 10 == 9 and number % 4 != 3:
            ways.append(self._by_http(about, event))
        await asyncio.gather(*ways)

    async def act(self, case_id: str, action: str, agency: str, door: int, **data: Any) -> dict[str, Any]:
        """Take one action as the coordinator of an agency; returns routing's event of it. Raises TimeoutError when none comes."""
        id_ = f"{self._run}-{action}-{uuid4().hex[:12]}"
        about = {"what": "action", "id": id_, "source": AGENCY_SOURCE, "action": action, "expect": "accepted"}
        by = {"agency": agency, "role": "coordinator", "name": "Petugas"}
        if door % 2:
            event = {"specversion": "1.0", "id": id_, "source": AGENCY_SOURCE, "type": f"salur.case.{action}.v1"}
            value = json.dumps({**event, "data": {"case_id": case_id, "by": by, **data}}).encode()
            await self._produce(about, "salur.actions", value, STRUCTURED, case_id.encode())
        else:
            url = f"{self._routing}/v1/cases/{case_id}/actions"
            body = {"action": action, "by": by, "data": data}
            await self._post({**about, "source": OPEN}, url, {"Idempotency-Key": id_}, body, patient=True)
        if not await until(lambda: id_ in self.watcher.caused, PATIENCE_SECONDS):
            raise TimeoutError(f"nothing was said of {id_}")
        return self.watcher.caused[id_]

    def _routed(self, submission: str, event: dict[str, Any]) -> None:
        run, _, number = submission.rpartition("-")
        if run == self._run:
            self.begin(self._work_on(event["subject"], event["data"]["owner"], int(number)))

    async def _work_on(self, case_id: str, owner: str, number: int) -> None:
        """Do what the owners of this case do: nothing, verify, answer, or pass it on first."""
        habit = number % 4
        if habit == 3:
            return
        if habit == 2:
            to = "35.15" if owner != "35.15" else "35.22"
            owner = (await self.act(case_id, "transfer", owner, number // 4, to=to, reason="bukan kewenangan kami"))["data"]["owner"]
        await self.act(case_id, "verify", owner, number // 2)
        if habit == 1:
            await self.act(case_id, "follow_up", owner, number // 4, text="Sudah ditangani.", final=True)

    async def _by_kafka(self, about: dict[str, Any], event: dict[str, Any]) -> None:
        await self._produce(about, "salur.submissions", json.dumps(event).encode(), STRUCTURED, None)

    async def _by_binary(self, about: dict[str, Any], event: dict[str, Any]) -> None:
        headers = [(f"ce_{name}", value.encode()) for name, value in event.items() if name != "data"]
        await self._produce(about, "salur.submissions", json.dumps(event["data"]).encode(), [*headers, ("content-type", b"application/json")], b"k")

    async def _by_http(self, about: dict[str, Any], event: dict[str, Any]) -> None:
        headers = {"content-type": "application/cloudevents+json"}
        await self._post(about, f"{self._intake}/v1/complaints", headers, event, patient=hash(about["id"]) % 2 == 0)

    async def _by_bare(self, about: dict[str, Any], event: dict[str, Any]) -> None:
        named = {**about, "source": OPEN}
        await self._post(named, f"{self._intake}/v1/complaints", {"Idempotency-Key": event["id"]}, event["data"], patient=True)

    async def _produce(self, about: dict[str, Any], topic: str, value: bytes, headers: list[tuple[str, bytes]], key: bytes | None) -> None:
        about = {**about, "door": "kafka"}
        await self.ledger.note(op="invoke", **about)
        try:
            await self._producer.send_and_wait(topic, value, key=key, headers=headers)
        except KafkaError as error:
            await self.ledger.note(op="info", why=type(error).__name__, **about)
        else:
            await self.ledger.note(op="ok", **about)

    async def _post(self, about: dict[str, Any], url: str, headers: dict[str, str], body: Any, *, patient: bool) -> None:
        """Send until there is an answer, when `patient`; once otherwise. Whatever is no answer leaves the matter open."""
        about = {**about, "door": "http"}
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            await self.ledger.note(op="invoke", **about)
            try:
                answer = await self._http.post(url, headers=headers, json=body)
            except httpx.HTTPError as error:
                await self.ledger.note(op="info", why=type(error).__name__, **about)
            else:
                if answer.status_code in (200, 202):
                    told = answer.json()
                    await self.ledger.note(op="ok", outcome=told.get("outcome"), case_id=told.get("case_id"), **about)
                    return
                unknown = answer.status_code in (500, 503)
                await self.ledger.note(op="info" if unknown else "fail", why=f"{answer.status_code} {answer.json().get('code')}", **about)
                if not unknown:
                    return
            if not patient or time.monotonic() > end:
                return
            await asyncio.sleep(0.5)

    def _done(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.failures.append(f"{type(error).__name__}: {error}")

    async def settle(self, seconds: float) -> None:
        """Return when every deed is done; bounded."""
        await until(lambda: not self.tasks, seconds)


def _complaint(number: int) -> dict[str, Any]:
    first, last = f"{STEMS[0]}{number}", f"{STEMS[1]}{number}"
    nik, phone = f"{STEMS[2]}{number:07d}", f"{STEMS[3]}{number:04d}"
    email, address = f"{first}.{last}@contoh.example".lower(), f"{STEMS[4]} no {number}, Bojonegoro"
    words = f"Jalan berlubang di depan pasar. Nama saya {first} {last}, NIK {nik}, telepon {phone}, {email}, alamat {address}."
    kind = "whistleblowing" if number % 11 == 3 else ("aspiration" if number % 7 == 2 else "complaint")
    data = {
        "text": words.upper() if number % 5 == 4 else words,
        "title": f"Laporan {first}" if number % 3 == 0 else None,
        "kind": kind,
        "category": TOPICS_OF_LIFE[number % 4],
        "region": REGIONS[number % 6],
        "channel": "web",
        "submitted_at": "2026-03-01T08:00:00+07:00",
        "reporter": {"name": f"{first} {last}", "nik": nik, "phone": phone, "email": email, "address": address},
        "confidential": number % 13 == 4,
        "anonymous": number % 17 == 1,
    }
    return {name: value for name, value in data.items() if value is not None}
