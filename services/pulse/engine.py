"""The Faust application that carries pulse, in the profile in which nothing is acknowledged that was not done (docs/adr/0012).

Agents iterate `noack_take` only and acknowledge by hand; whatever else they raise ends the process. Faust assigns, reads, and rebuilds
the tables; what pulse writes it writes itself, and waits for it.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Final

import faust
from faust.transport.drivers import aiokafka as driver
from faust.types.transports import ConsumerT, TransportT

from chassis.kafka.consumer import SESSION_TIMEOUT_MS
from services.pulse.reading import Bare, BundlingConsumer, Sieve
from services.pulse.rows import Rows
from services.pulse.settings import PulseSettings
from services.pulse.topics import ROWS, VIEWS

log = logging.getLogger(__name__)

GROUP: Final = "salur-pulse"
BUNDLES: Final = 200
"""Fetches an agent takes at once at most."""
COMMIT_SECONDS: Final = 1.0

Batch = list[Any]
Work = Callable[[Batch], Awaitable[None]]


class SafeProducer(driver.Producer):
    """Faust's producer, idempotent: pulse sends nothing through it, and what Faust may send is not lost."""

    def _settings_extra(self) -> Mapping[str, Any]:
        return {"acks": "all", "enable_idempotence": True}


class Transport(driver.Transport):
    """The driver with our consumer and producer."""

    Consumer = BundlingConsumer
    Producer = SafeProducer


class Engine(faust.App):
    """The application: two agents, two tables."""

    def __init__(self, settings: PulseSettings, sieve: Sieve, member: str) -> None:
        super().__init__(
            GROUP,
            broker=[f"kafka://{host.strip()}" for host in settings.kafka_bootstrap.split(",")],
            broker_client_id=member,
            consumer_group_instance_id=member,
            processing_guarantee="at_least_once",
            consumer_auto_offset_reset="earliest",
            broker_session_timeout=SESSION_TIMEOUT_MS / 1000,
            broker_heartbeat_interval=SESSION_TIMEOUT_MS / 5000,
            broker_commit_interval=COMMIT_SECONDS,
            stream_wait_empty=False,  # a bundle may wait for the watermark, which stands still while partitions are given away
            topic_allow_declare=False,
            topic_disable_leader=True,
            table_standby_replicas=0,
            web_enabled=False,
            autodiscover=False,
            store="memory://",
            datadir=tempfile.gettempdir(),  # named, and not used: there are no tables on disk
        )
        self._sieve = sieve
        self.settle: Callable[[], Awaitable[None]] | None = None
        """Awaited before partitions go, in a rebalance or because the process ends, so that work on its way is acknowledged."""
        self.leaving = False
        self.whole = asyncio.Event()
        """Set while partitions are assigned and the tables hold all of theirs; not from the begin of a rebalance until they are rebuilt."""
        self.rows = self._table("rows", ROWS)
        self.views = self._table("views", VIEWS)

    def work(self, name: str, topics: tuple[str, ...], work: Work, wait_seconds: float) -> None:
        """Let an agent do `work` with each batch of a set of topics."""

        async def take(stream: Any) -> None:
            batches: AsyncIterator[Batch] = stream.noack_take(BUNDLES, within=wait_seconds)
            try:
                async for batch in batches:
                    await work(batch)
            except Exception:
                # Faust would start the agent again and acknowledge what it had in its hands.
                log.exception("an agent failed; the process ends", extra={"agent": name})
                sys.stdout.flush()
                os._exit(1)

        self.agent(self.topic(*topics, schema=Bare()), name=name, concurrency=1)(take)

    @property
    def going(self) -> bool:
        """Tell whether our partitions may be given away at any moment: nothing new is to be begun."""
        return self.leaving or self.rebalancing

    async def stop(self) -> None:
        """Stop once what is on its way is acknowledged: an agent that is cut off before would have its batch counted twice."""
        self.leaving = True
        await self._settled()
        await super().stop()

    async def _settled(self) -> None:
        if self.settle is not None:
            await self.settle()

    async def commit_acknowledged(self) -> None:
        """Commit what was acknowledged by now: Faust does nothing when a commit is on its way that began before."""
        if not await self.consumer.commit():
            await self.consumer.commit()

    def on_rebalance_start(self) -> None:
        """Hear that partitions are given anew."""
        self.whole.clear()
        super().on_rebalance_start()

    def on_rebalance_end(self) -> None:
        """Hear that they were, and that the tables are rebuilt."""
        super().on_rebalance_end()
        self.whole.set()

    def _table(self, name: str, changelog: str) -> Rows:
        topic = self.topic(changelog, schema=Bare(), acks=False, allow_empty=True, maxsize=131_072)
        table = Rows(self, name=name, key_type=bytes, value_type=bytes, changelog_topic=topic, beacon=self.tables.beacon)
        self.tables.add(table)
        return table

    @property
    def reader(self) -> BundlingConsumer:
        """Return the consumer, as what it is."""
        assert isinstance(self.consumer, BundlingConsumer)
        return self.consumer

    def _new_consumer(self) -> ConsumerT:
        consumer = super()._new_consumer()
        assert isinstance(consumer, BundlingConsumer)
        consumer.sieve, consumer.settled = self._sieve, self._settled
        return consumer

    def _new_transport(self) -> TransportT:
        return Transport(self.conf.broker_consumer, self)

    def _create_directories(self) -> None:
        """Make none."""
