"""`make up`, `make down` and `make reset` as a person at a terminal meets them."""

import asyncio
import socket
import sys
from collections.abc import Awaitable, Callable

import pytest

from deploy.local.process import Identity
from deploy.local.settings import LocalSettings
from deploy.local.state import StackState, lock

pytestmark = pytest.mark.long

Run = Callable[..., Awaitable[tuple[int, str]]]


@pytest.fixture
def run(environment: dict[str, str]) -> Run:
    async def command(*arguments: str, typed: bytes = b"") -> tuple[int, str]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "deploy.local", *arguments),
            env=environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate(typed)
        return process.returncode or 0, said.decode()

    return command


async def test_up_twice_then_down_leaves_the_data_and_no_process(settings: LocalSettings, run: Run) -> None:
    code, said = await run("up")
    assert code == 0, said
    state = StackState.read(settings.data)
    assert state is not None
    assert {"kafka", "postgres", "mailbox"} <= {process.name for process in state.processes}
    assert all(process.ready for process in state.processes)
    assert f"127.0.0.1:{settings.kafka_port}" in said
    code, said = await run("up")
    assert (code, "up already" in said, f"127.0.0.1:{settings.kafka_port}" in said) == (0, True, True)
    code, said = await run("reset", "--yes")
    assert (code, "is up" in said) == (2, True)
    assert (await run("down"))[0] == 0
    assert not [process for process in state.processes if Identity(process.pid or 0, process.born or 0).alive]
    assert (settings.data / "postgres" / "PG_VERSION").exists()
    assert await run("down") == (0, "Nothing is up.\n")


async def test_a_taken_port_ends_the_start_with_one_sentence(settings: LocalSettings, run: Run) -> None:
    with socket.create_server(("127.0.0.1", settings.kafka_port)):
        code, said = await run("up")
    assert code == 3
    assert said == f"Port {settings.kafka_port} (Kafka) is taken by another program; SALUR_KAFKA_PORT names another port.\n"


async def test_a_setting_that_cannot_be_read_is_named(run: Run, environment: dict[str, str]) -> None:
    environment["SALUR_KAFKA_PORT"] = "nine"
    code, said = await run("up")
    assert code == 2
    assert said.startswith("SALUR_KAFKA_PORT: ")


async def test_reset_empties_the_data_only_when_told_so(settings: LocalSettings, run: Run) -> None:
    kept = settings.data / "mailbox" / "mails.ndjson"
    kept.parent.mkdir(parents=True)
    kept.touch()
    assert (await run("reset", typed=b"n\n"))[0] == 1
    assert kept.exists()
    with lock(settings.data):
        assert (await run("reset", "--yes"))[0] == 2
    assert (await run("reset", typed=b"y\n"))[0] == 0
    assert not kept.exists()
