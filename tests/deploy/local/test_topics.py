"""Topics that are there already are brought to what is declared, and no further."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from chassis.kafka import KafkaError, PartitionsError, TopicSettings, create_topics
from deploy.local.supervisor import Stack

ROOT = Path(__file__).parents[3]
WEEK, DAY = str(7 * 86_400_000), str(86_400_000)


@pytest.fixture
async def admin(stack: Stack) -> AsyncIterator[AIOKafkaAdminClient]:
    client = AIOKafkaAdminClient(bootstrap_servers=stack.kafka_bootstrap)
    await client.start()
    yield client
    await client.close()


async def settings(admin: AIOKafkaAdminClient, topic: str) -> dict[str, str]:
    (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    return {entry[0]: entry[1] for entry in answer.resources[0][4]}


async def partitions(admin: AIOKafkaAdminClient, topic: str) -> int:
    return len((await admin.describe_topics([topic]))[0]["partitions"])


async def test_what_differs_is_changed_and_told_and_nothing_else(stack: Stack, admin: AIOKafkaAdminClient) -> None:
    was = {"retention.ms": DAY, "cleanup.policy": "delete", "segment.ms": DAY}
    assert await create_topics(stack.kafka_bootstrap, [TopicSettings("old", 2, 1, was), TopicSettings("plain", 1, 1, {})]) == []
    declared = {"retention.ms": WEEK, "cleanup.policy": "delete", "compression.type": "uncompressed"}
    topics = [TopicSettings("old", 2, 1, declared), TopicSettings("new", 1, 1, declared), TopicSettings("plain", 1, 1, {})]
    changed = await create_topics(stack.kafka_bootstrap, topics)
    assert changed == [f"old: retention.ms was {DAY}, is {WEEK}", "old: compression.type was producer, is uncompressed"]
    found = await settings(admin, "old")
    assert {name: found[name] for name in declared} == declared
    assert found["segment.ms"] == DAY, "what is not declared stays as an operator left it"
    assert await create_topics(stack.kafka_bootstrap, topics) == []


async def test_partitions_are_not_added_and_nothing_is_changed_beside(stack: Stack, admin: AIOKafkaAdminClient) -> None:
    await create_topics(stack.kafka_bootstrap, [TopicSettings("narrow", 2, 1, {"retention.ms": DAY})])
    wide = [TopicSettings("narrow", 5, 1, {"retention.ms": WEEK}), TopicSettings("beside", 5, 1, {})]
    with pytest.raises(PartitionsError, match=r"^narrow has 2 partitions and is to have 5: .* Set SALUR_PARTITIONS=2; "):
        await create_topics(stack.kafka_bootstrap, wide)
    assert (await partitions(admin, "narrow"), (await settings(admin, "narrow"))["retention.ms"]) == (2, DAY)
    assert "beside" not in await admin.list_topics()
    assert await create_topics(stack.kafka_bootstrap, wide, firm=False) == [f"narrow: retention.ms was {DAY}, is {WEEK}"]
    assert await create_topics(stack.kafka_bootstrap, [TopicSettings("narrow", 1, 1, {})]) == [], "more than declared do no harm"
    assert (await partitions(admin, "narrow"), await partitions(admin, "beside")) == (2, 5)


async def test_a_setting_that_the_broker_refuses_is_told(stack: Stack) -> None:
    await create_topics(stack.kafka_bootstrap, [TopicSettings("picky", 1, 1, {})])
    with pytest.raises(KafkaError, match="picky"):
        await create_topics(stack.kafka_bootstrap, [TopicSettings("picky", 1, 1, {"cleanup.policy": "burn"})])


async def prepare(stack: Stack, folder: Path, **environment: str) -> tuple[int, str, str]:
    given = {"SALUR_POSTGRES_OWNER_URL": stack.postgres_owner_url, "SALUR_KAFKA_BOOTSTRAP": stack.kafka_bootstrap, "SALUR_SECRETS": str(folder)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deploy.prepare"),
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **given, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


async def test_preparing_again_says_what_it_changed(stack: Stack, admin: AIOKafkaAdminClient, tmp_path: Path) -> None:
    assert (await prepare(stack, tmp_path, SALUR_PARTITIONS="2"))[0] == 0
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, "salur.submissions", {"retention.ms": DAY})])
    code, out, _ = await prepare(stack, tmp_path, SALUR_PARTITIONS="2")
    assert (code, out.splitlines()[-1][:6]) == (0, "ready:")
    assert {*out.splitlines()[:-1]} == {
        f"changed salur.submissions: retention.ms was {DAY}, is {WEEK}",
        "changed salur.submissions: compression.type was producer, is uncompressed",
        "changed salur.submissions: message.timestamp.type was CreateTime, is LogAppendTime",
    }
    code, out, err = await prepare(stack, tmp_path, SALUR_PARTITIONS="3")
    assert (code, out, "Set SALUR_PARTITIONS=2" in err, len(err.splitlines())) == (2, "", True, 1)
    code, out, err = await prepare(stack, tmp_path)
    assert (code, out[:6], err) == (0, "ready:", ""), "where nobody asked for a number the topics keep theirs"
