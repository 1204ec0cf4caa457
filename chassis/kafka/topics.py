"""Making Kafka ready: waiting for a broker, making topics, and bringing those that are there to the settings that are declared."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Array, Boolean, Int8, Int16, Int32, Schema, String

_TOPIC: Final = 2
_SET: Final = 0
"""Kafka's numbers for a topic's settings, and for giving one of them another value."""


@dataclass(frozen=True, slots=True)
class TopicSettings:
    """How a topic is made: partitions, copies, and the broker's own settings."""

    name: str
    partitions: int
    replication: int
    config: Mapping[str, str]


class PartitionsError(Exception):
    """A topic is to have more partitions than it has, which would put the events of one case in two of them and out of order."""


class _AlteredV0(Response):  # type: ignore[misc] # aiokafka is untyped
    API_KEY = 44
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("responses", Array(("code", Int16), ("message", String("utf-8")), ("type", Int8), ("name", String("utf-8")))),
    )


class _AlterV0(RequestStruct):  # type: ignore[misc] # aiokafka is untyped
    API_KEY = 44
    API_VERSION = 0
    RESPONSE_TYPE = _AlteredV0
    SCHEMA = Schema(
        (
            "resources",
            Array(
                ("type", Int8),
                ("name", String("utf-8")),
                ("configs", Array(("name", String("utf-8")), ("operation", Int8), ("value", String("utf-8")))),
            ),
        ),
        ("validate_only", Boolean),
    )


class _Alter(Request[_AlterV0]):  # type: ignore[misc] # aiokafka is untyped
    """IncrementalAlterConfigs, which the driver lacks: its own AlterConfigs sets back whatever it does not name."""

    API_KEY = 44

    def __init__(self, resources: list[Any]) -> None:
        self._resources = resources

    def build(self, request_struct_class: type[_AlterV0]) -> _AlterV0:
        return request_struct_class(self._resources, False)


async def wait_until_ready(bootstrap: str, timeout_seconds: float) -> None:
    """Return once a broker answers an admin request; raises TimeoutError."""
    end = time.monotonic() + timeout_seconds
    while True:
        try:
            await asyncio.wait_for(_describe(bootstrap), max(0.5, end - time.monotonic()))
        except (KafkaError, OSError, TimeoutError):
            if time.monotonic() >= end:
                raise TimeoutError(f"no Kafka broker answered at {bootstrap} within {timeout_seconds:g} seconds") from None
            await asyncio.sleep(0.1)
        else:
            return


async def _describe(bootstrap: str) -> None:
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=5_000)
    try:
        await admin.start()
        await admin.describe_cluster()
    finally:
        logging.getLogger("aiokafka").setLevel(logging.WARNING)
        await admin.close()


async def create_topics(bootstrap: str, topics: Sequence[TopicSettings], *, firm: bool = True) -> list[str]:
    """Create the topics that are not there yet, give those that are there the settings that differ, and wait until each partition has a leader.

    Returns a line for each setting that was changed; settings that are not declared stay as they are. Raises KafkaError,
    TimeoutError, or before anything is changed PartitionsError, when one has fewer partitions than declared; not unless `firm`:
    then it keeps what it has.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=20_000)
    await admin.start()
    try:
        there = set(await admin.list_topics())
        old = [topic for topic in topics if topic.name in there]
        if firm:
            _refuse_growth(old, await admin.describe_topics([topic.name for topic in old]) if old else [])
        await _create(admin, [topic for topic in topics if topic.name not in there])
        changed = await _alter(admin, [topic for topic in old if topic.config])
        await _wait_for_leaders(admin, {topic.name for topic in topics})
    finally:
        await admin.close()
    return changed


def _refuse_growth(topics: Iterable[TopicSettings], described: Iterable[Mapping[str, Any]]) -> None:
    have = {topic["topic"]: len(topic["partitions"]) for topic in described}
    for topic in topics:
        if have[topic.name] < topic.partitions:
            raise PartitionsError(
                f"{topic.name} has {have[topic.name]} partitions and is to have {topic.partitions}: none are added to a topic that is there, for the "
                f"events of a case would then lie in two of them and out of order. Set SALUR_PARTITIONS={have[topic.name]}; more need new topics."
            )


async def _create(admin: AIOKafkaAdminClient, topics: Sequence[TopicSettings]) -> None:
    if topics:
        new = [NewTopic(topic.name, topic.partitions, topic.replication, topic_configs=dict(topic.config)) for topic in topics]
        for name, code, *_ in (await admin.create_topics(new)).topic_errors:
            if code and for_code(code) is not TopicAlreadyExistsError:
                raise for_code(code)(name)


async def _alter(admin: AIOKafkaAdminClient, topics: Sequence[TopicSettings]) -> list[str]:
    """Set what differs from what is declared, and return a line for each."""
    if not topics:
        return []
    have = await _settings(admin, topics)
    resources, changed = [], []
    for topic in topics:
        differing = {name: value for name, value in topic.config.items() if have[topic.name].get(name) != value}
        if differing:
            resources.append((_TOPIC, topic.name, [(name, _SET, value) for name, value in differing.items()]))
            changed += [f"{topic.name}: {name} was {have[topic.name].get(name)}, is {value}" for name, value in differing.items()]
    if resources:
        answer = await admin._send_request(_Alter(resources))  # noqa: SLF001 - the driver has no public door for a request of ours
        for code, message, _, name in answer.responses:
            if code:
                raise for_code(code)(f"{name}: {message}")
    return changed


async def _settings(admin: AIOKafkaAdminClient, topics: Sequence[TopicSettings]) -> dict[str, dict[str, str]]:
    """Return for each topic what its declared settings are now."""
    asked = [ConfigResource(ConfigResourceType.TOPIC, topic.name, dict(topic.config)) for topic in topics]
    have: dict[str, dict[str, str]] = {}
    for answer in await admin.describe_configs(asked):
        for code, message, _, name, entries in answer.resources:
            if code:
                raise for_code(code)(f"{name}: {message}")
            have[name] = {entry[0]: entry[1] for entry in entries}
    return have


async def _wait_for_leaders(admin: AIOKafkaAdminClient, names: set[str]) -> None:
    for _ in range(200):
        described = await admin.describe_topics(sorted(names))
        if all(topic["partitions"] and all(p["leader"] >= 0 for p in topic["partitions"]) for topic in described):
            return
        await asyncio.sleep(0.05)
    raise TimeoutError("a topic has no leader after ten seconds")
