"""The real Kafka and the real PostgreSQL, started, killed and started again on old data."""

import os
import signal
import stat
from collections.abc import Awaitable, Callable, Sequence

import asyncpg
import pytest

from chassis.hashing import key_hash
from chassis.kafka import Consumer, Outgoing, Producer, TopicSettings, create_topics
from deploy.local.errors import AlreadyUpError
from deploy.local.managed import Managed
from deploy.local.postgres import superuser_url
from deploy.local.process import processes_in
from deploy.local.supervisor import Stack

pytestmark = pytest.mark.long

Eventually = Callable[..., Awaitable[None]]


async def say(stack: Stack, value: bytes) -> None:
    producer = Producer(stack.kafka_bootstrap, "test")
    await producer.start()
    await producer.publish([Outgoing("letters", b"key", key_hash(b"key"), value, [])])
    await producer.stop()


async def read_all(stack: Stack, group: str, expected: int) -> list[bytes | None]:
    async def settle() -> None:
        pass

    consumer = Consumer(stack.kafka_bootstrap, group=group, member="test-1", topics=["letters"], gather_ms=50)
    await consumer.start(settle)
    found: list[bytes | None] = []
    for _ in range(100):
        records: Sequence = await consumer.poll(max_records=10, timeout_ms=100)
        found += [record.value for record in records]
        if len(found) >= expected:
            break
    await consumer.stop()
    return found


async def killed(managed: Managed, eventually: Eventually) -> None:
    before = managed.pid
    managed.kill()
    await eventually(lambda: managed.pid not in (before, None) and managed.ready, 30)


async def test_the_owner_owns_the_database_makes_roles_and_is_no_superuser(stack: Stack) -> None:
    connection = await asyncpg.connect(stack.postgres_owner_url)
    role = await connection.fetchrow("SELECT rolname, rolcreaterole, rolsuper FROM pg_roles WHERE rolname = current_user")
    owner = await connection.fetchval("SELECT datdba::regrole::text FROM pg_database WHERE datname = current_database()")
    durable = await connection.fetchval("SELECT current_setting('fsync') || current_setting('synchronous_commit')")
    await connection.close()
    assert tuple(role) == ("salur_owner", True, False)
    assert owner == "salur_owner"
    assert durable == "onon"


async def test_nobody_enters_the_database_without_the_password_that_only_its_owner_can_read(stack: Stack) -> None:
    url = superuser_url(stack.settings)
    password = url.split(":")[2].split("@")[0]
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(url.replace(password, "guess"))
    folder = stack.settings.secrets_folder
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


async def test_a_second_stack_on_the_same_data_is_refused(stack: Stack) -> None:
    with pytest.raises(AlreadyUpError):
        await Stack(stack.settings, parts=("kafka", "postgres")).start()


async def test_what_kafka_acknowledged_is_there_after_it_was_killed(stack: Stack, eventually: Eventually) -> None:
    await create_topics(stack.kafka_bootstrap, [TopicSettings("letters", 1, 1, {})])
    await say(stack, b"before the kill")
    await killed(stack.process("kafka"), eventually)
    assert await read_all(stack, "after-kill", 1) == [b"before the kill"]


async def test_what_postgres_committed_is_there_after_it_was_killed(stack: Stack, eventually: Eventually) -> None:
    connection = await asyncpg.connect(stack.postgres_owner_url)
    await connection.execute("CREATE TABLE letters (text text)")
    await connection.execute("INSERT INTO letters VALUES ('before the kill')")
    await killed(stack.process("postgres"), eventually)
    connection.terminate()
    connection = await asyncpg.connect(stack.postgres_owner_url)
    assert await connection.fetchval("SELECT text FROM letters") == "before the kill"
    await connection.close()


async def test_a_backend_that_outlives_its_killed_server_does_not_keep_the_next_one_down(stack: Stack, eventually: Eventually) -> None:
    connection = await asyncpg.connect(stack.postgres_owner_url)
    backend = connection.get_server_pid()
    cluster = stack.settings.data / "postgres"
    stopped = next(process for process in processes_in(cluster, "postgres") if process.pid == backend)
    os.kill(backend, signal.SIGSTOP)  # it cannot notice the death of its parent
    await killed(stack.process("postgres"), eventually)
    assert not stopped.alive
    connection.terminate()


async def test_a_second_start_finds_the_data_of_the_first_and_leaves_no_process(stack: Stack) -> None:
    await stack.stop()
    assert processes_in(stack.settings.data / "postgres", "postgres") == []
    await stack.start()
    connection = await asyncpg.connect(stack.postgres_owner_url)
    assert await connection.fetchval("SELECT text FROM letters") == "before the kill"
    await connection.close()
    assert await read_all(stack, "second-start", 1) == [b"before the kill"]
