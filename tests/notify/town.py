"""A whole Salur for tests of the page: complaints go in, the links of its mails come out."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
from aiokafka import AIOKafkaConsumer

from chassis.link import Link, links_of
from deploy.local.plan import Service
from deploy.local.settings import LocalSettings
from deploy.local.supervisor import Stack
from tests.waiting import until

OWNER = "35.22"
SERVICES = ("intake", "routing", "sla", "notify")
TEXT = "Jalan di depan Pasar Kota berlubang <b>dalam</b> & berbahaya.\nMohon ditambal."


@dataclass
class Town:
    """A whole Salur with its mailbox, and the links that its mails bring."""

    stack: Stack
    http: httpx.AsyncClient

    def url(self, service: str) -> str:
        return self.stack.process(service, 1).part.address

    @asynccontextmanager
    async def closed(self) -> AsyncIterator[dict[str, str]]:
        """Run a second replica of each service where authentication is on; yield where they answer."""
        own = self.stack.settings
        shared = {"kafka_bootstrap": self.stack.kafka_bootstrap, "postgres_owner_url": self.stack.postgres_owner_url}
        settings = LocalSettings.with_free_ports(
            data=own.data / "closed", secrets=own.secrets_folder, smtp_port=own.mailbox_smtp_port, partitions=own.partitions, **shared
        )
        ports = {name: getattr(settings, f"{name}_port") for name in SERVICES}
        closed = {name: {"SALUR_OPEN": "0", "SALUR_REPLICA": "2", f"SALUR_{name.upper()}_PORT": str(port - 100)} for name, port in ports.items()}
        services = tuple(Service(name, (sys.executable, "-m", f"services.{name}"), port, closed[name]) for name, port in ports.items())
        stack = Stack(settings, parts={"services"}, services=services)
        await stack.start()
        try:
            yield {name: stack.process(name).part.address for name in SERVICES}
        finally:
            await stack.stop()

    async def file(self, **more: Any) -> tuple[str, str]:
        """Hand in a complaint for the regency of Bojonegoro; return its ids once its owner has the mail."""
        data = {"title": "Jalan berlubang", "text": TEXT, "region": "35.22", "addressed_to": OWNER, **more}
        answer = await self.http.post(f"{self.url('intake')}/v1/complaints", json=data, headers={"Idempotency-Key": str(uuid4())})
        told = answer.json()
        await until(lambda: self.has_mail(told["tracking_id"]), 60)
        return told["case_id"], told["tracking_id"]

    async def mails(self, tracking_id: str) -> list[dict[str, Any]]:
        mails = (await self.http.get(f"{self.url('mailbox')}/messages.json")).json()
        return [mail for mail in mails if mail["subject"].startswith(f"[{tracking_id}]")]

    async def has_mail(self, tracking_id: str) -> bool:
        return bool(await self.mails(tracking_id))

    async def link(self, tracking_id: str) -> str:
        (mail, *_) = await self.mails(tracking_id)
        (address,) = re.findall(r"http://\S+", mail["text"])
        assert address.startswith(f"{self.url('notify')}/a/")
        assert f'href="{address}"' in mail["html"]
        return str(address)

    def forge(self, case_id: str, agency: str, until: datetime | None = None) -> str:
        """Return the address of a link that this Salur itself would sign."""
        links = links_of(self.stack.settings.secrets_folder)
        link = Link(UUID(case_id), agency, "coordinator", until or datetime.now(UTC) + timedelta(days=1))
        return f"{self.url('notify')}/a/{links.sign(link)}"

    async def send(self, url: str, action: str, **fields: str) -> httpx.Response:
        return await self.http.post(url, data={"action": action, "key": str(uuid4()), **fields})

    async def shows(self, url: str, *words: str) -> bool:
        """Tell whether a page shows all of this: what each service tells of a case comes in its own time."""
        page = (await self.http.get(url)).text
        return all(each in page for each in words)

    async def state(self, case_id: str) -> str:
        return str((await self.http.get(f"{self.url('routing')}/v1/cases/{case_id}")).json()["state"])

    async def said(self, case_id: str, type_: str) -> list[dict[str, Any]]:
        """Return the data of notify's events of one type and case."""
        consumer = AIOKafkaConsumer("salur.notify", bootstrap_servers=self.stack.kafka_bootstrap, auto_offset_reset="earliest")
        await consumer.start()
        try:
            ends = await consumer.end_offsets(list(consumer.assignment()))
            records: list[Any] = []
            while any([await consumer.position(place) < end for place, end in ends.items()]):
                for found in (await consumer.getmany(timeout_ms=200)).values():
                    records += [json.loads(record.value) for record in found]
        finally:
            await consumer.stop()
        return [record["data"] for record in records if record["type"] == type_ and record["subject"] == case_id]
