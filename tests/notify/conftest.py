"""A notify of its own for each test: schema, addresses, a server that takes its mail, and the means to look at all of it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest_asyncio
from aiokafka import AIOKafkaProducer
from prometheus_client import CollectorRegistry

from chassis.carry import Carrier
from chassis.clock import read_clock
from chassis.item import Item, Origin, Work
from chassis.kafka import TopicSettings
from chassis.link import Links
from chassis.metrics import Metrics
from chassis.postgres import Pool, connect
from chassis.seal import Seal
from deploy.local.settings import LocalSettings
from deploy.local.supervisor import Stack
from deploy.prepare import CHASSIS, PrepareSettings, prepare
from schemas.base import Data, Event
from schemas.reference.agency_v1 import AgencyRecord
from schemas.topics import NOTIFY, PULSE, REFERENCE, RESTRICTED, ROUTING, SLA, TOPICS
from services.notify import store
from services.notify.addresses import read_mailboxes, sealed
from services.notify.app import SERVICE
from services.notify.channels.attempt import Attempt
from services.notify.channels.mail import MailChannel
from services.notify.channels.webhook import WebhookChannel
from services.notify.delivery import Delivery
from services.notify.letter import Desk
from services.notify.metrics import NoticeMetrics
from services.notify.names import shipped_names
from services.notify.saying import Saying
from services.notify.settings import DATA, NotifySettings
from services.notify.ways import MailWay, Way, WebhookWay
from tests.notify import facts
from tests.notify.office import Office
from tests.notify.receiver import BODY, KEYS, Receiver, Send, channel_settings
from tests.notify.smtp import Post
from tests.notify.town import Town
from tests.shared import Plain

SEAL = Seal(bytes(32))


@dataclass
class House:
    """One notify without Kafka around it."""

    schema: str
    pool: Pool
    carrier: Carrier
    post: Post
    clock: Any
    saying: Saying
    metrics: NoticeMetrics = field(default_factory=lambda: NoticeMetrics(CollectorRegistry()))

    async def hear(self, *told: Data, sequence: int | None = None) -> None:
        """Decide on events as if they had come from a topic, routing's in sequence from `sequence` on."""
        now = self.clock.now()
        events = [facts.event(data, now, sequence=None if sequence is None else sequence + place) for place, data in enumerate(told)]
        await self.carrier.carry(Work([heard(event) for event in events]))

    def settings(self, **settings: Any) -> NotifySettings:
        given = {"smtp_port": self.post.port, "smtp_seconds": 2, "notify_lease_seconds": 10, "notify_webhook_seconds": 2}
        waits = {"notify_retry_seconds": 0.1, "notify_retry_longest_seconds": 0.4}
        return NotifySettings(**{**given, **waits, "notify_allow_loopback": True, "notify_webhook_secret": facts.SECRET} | settings)

    def delivery(self, **settings: Any) -> Delivery:
        """What sends mails."""
        given = self.settings(**settings)
        desk = Desk(
            DATA / "templates",
            names=shipped_names(),
            sender=given.notify_from,
            public_url=given.public_url,
            links=Links(bytes(32)),
            link_days=given.notify_link_days,
        )
        return self._delivery(given, MailWay(given, pool=self.pool, channel=MailChannel(given), desk=desk, offices=facts.offices))

    def webhooks(self, **settings: Any) -> Delivery:
        """What sends webhooks."""
        given = self.settings(**settings)
        return self._delivery(given, WebhookWay(given, pool=self.pool, channel=WebhookChannel(given), seal=SEAL))

    def _delivery(self, given: NotifySettings, way: Way) -> Delivery:
        return Delivery(given, way, pool=self.pool, now=self.clock.now, metrics=self.metrics, ended=self.saying.wake)

    async def rows(self, sql: str = "SELECT * FROM notice ORDER BY at, notice_id", *values: Any) -> list[asyncpg.Record]:
        async with self.pool.acquire() as connection:
            return list(await connection.fetch(sql, *values))

    async def states(self) -> list[str]:
        return sorted(row["state"] for row in await self.rows())

    async def said(self, case_id: UUID = facts.CASE) -> list[str]:
        """Return the types said of a case, in order."""
        rows = await self.rows(
            "SELECT convert_from(header, 'UTF8')::json ->> 'type' AS type, sequence FROM event WHERE case_id = $1 ORDER BY sequence", case_id
        )
        assert [row["sequence"] for row in rows] == list(range(1, len(rows) + 1))
        return [row["type"].split(".")[2] for row in rows]

    def counted(self, outcome: str, channel: str = "mail") -> float:
        return self.metrics.notifications.labels(channel, outcome)._value.get()


def heard(event: Event[Any]) -> Item:
    """An event as it comes from a topic."""
    item = Item(Origin.OWN, event, event.data.case_id, event.time)
    item.key = UUID(event.id)
    return item


@pytest_asyncio.fixture(loop_scope="session")
async def post() -> AsyncIterator[Post]:
    server = Post()
    await server.start()
    yield server
    server.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def house(stores: Stack, post: Post, tmp_path: Path) -> AsyncIterator[House]:
    schema = f"notify{uuid4().hex[:8]}"
    settings = PrepareSettings(postgres_owner_url=stores.postgres_owner_url, kafka_bootstrap=stores.kafka_bootstrap, secrets=tmp_path, partitions=1)
    await prepare(settings, {schema: [CHASSIS, facts.ROOT / "services" / "notify" / "migrations"]}, [])
    pool = await connect((tmp_path / f"postgres-{schema}.url").read_text(), name=schema, schema=schema, size=4)
    await store.load_addresses(pool, sealed(read_mailboxes(DATA / "mailboxes.csv"), SEAL))
    clock = await read_clock(pool)
    carrier = Carrier(SERVICE, pool=pool, clock=clock, seal=SEAL, metrics=Metrics("notify"), reference=facts.offices, committed=lambda _draft: None)
    yield House(schema, pool, carrier, post, clock, Saying(carrier))
    pool.terminate()


@pytest_asyncio.fixture(loop_scope="session")
async def send() -> AsyncIterator[Send]:
    """Sends one webhook to a URL; the channel's settings may be given."""
    channels = []

    async def act(url: str, **given: Any) -> Attempt:
        channels.append(WebhookChannel(channel_settings(**given)))
        return await channels[-1].send(url, "0198-id", BODY, KEYS)

    yield act
    for channel in channels:
        await channel.close()


@pytest_asyncio.fixture(loop_scope="session")
async def receiver() -> AsyncIterator[Receiver]:
    made = await Receiver().start()
    yield made
    await made.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def office(stores: Stack, post: Post, tmp_path: Path) -> AsyncIterator[Office]:
    settings = PrepareSettings(postgres_owner_url=stores.postgres_owner_url, kafka_bootstrap=stores.kafka_bootstrap, secrets=tmp_path, partitions=3)
    owner = await asyncpg.connect(stores.postgres_owner_url)
    await owner.execute("DROP SCHEMA IF EXISTS notify CASCADE")
    topics = [TopicSettings(name, 3, 1, TOPICS[name].config()) for name in (ROUTING, SLA, RESTRICTED, PULSE, NOTIFY, REFERENCE)]
    await prepare(settings, {"notify": [CHASSIS, facts.ROOT / "services" / "notify" / "migrations"]}, topics)
    producer = AIOKafkaProducer(bootstrap_servers=stores.kafka_bootstrap)
    await producer.start()
    made = Office(stores, tmp_path, producer, owner, post, LocalSettings.with_free_ports(replicas=2).notify_port)
    for code, agency in facts.AGENCIES.items():
        record = AgencyRecord.model_validate(
            {"code": code, "name": agency.name, "level": "unit", "parent": agency.parent, "zone": agency.zone, "version": "1"}
        )
        document = {"specversion": "1.0", "id": code, "source": "urn:salur:routing", "type": record.TYPE, "data": json.loads(record.to_json())}
        await producer.send_and_wait(REFERENCE, json.dumps(document).encode(), key=f"agency/{code}".encode())
    yield made
    for process in made.processes:
        if process.returncode is None:
            process.kill()
            await process.wait()
    await producer.stop()
    await owner.close()


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def town(plain: Plain) -> AsyncIterator[Town]:
    async with plain.lend("notify") as stack, httpx.AsyncClient(timeout=30) as http:
        yield Town(stack, http)
