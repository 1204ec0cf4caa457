"""The command as a stranger uses it: a process, started beside one whole stack."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from deploy.local.settings import LocalSettings
from deploy.local.supervisor import Stack

ROOT = Path(__file__).parent.parent.parent
PROGRAM = str(Path(sys.executable).with_name("salur"))


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def documents(self) -> list[dict[str, Any]]:
        """Its output as lines of JSON."""
        return [json.loads(line) for line in self.out.splitlines()]


Salur = Callable[..., Awaitable[Done]]


async def run(*arguments: str, given: bytes = b"", **environment: str) -> Done:
    """Run the command with nothing of this process's settings."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SALUR_")}
    process = await asyncio.create_subprocess_exec(
        *(PROGRAM, *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=ROOT,
        env=clean | environment,
    )
    out, err = await asyncio.wait_for(process.communicate(given), 120)
    assert "Traceback" not in err.decode(), err.decode()
    return Done(process.returncode or 0, out.decode(), err.decode())


@pytest.fixture
def alone(tmp_path: Path) -> Salur:
    """Run the command where nothing is up."""
    settings = LocalSettings.with_free_ports(data=tmp_path / "data")
    names = ("data", "intake_port", "routing_port", "sla_port", "notify_port", "kafka_port")
    environment = {f"SALUR_{name.upper()}": str(getattr(settings, name)) for name in names}

    async def command(*arguments: str, given: bytes = b"", **more: str) -> Done:
        return await run(*arguments, given=given, **environment | more)

    return command


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """The four services with their stores; `make up` in a folder of its own."""
    settings = LocalSettings.with_free_ports(data=tmp_path_factory.mktemp("command"), cache=ROOT / ".salur" / "cache")
    stack = Stack(settings)
    await stack.start()
    yield stack
    await stack.stop()


@pytest.fixture
def salur(stack: Stack) -> Salur:
    """Run the command beside the stack; it is told nothing but the data folder."""

    async def command(*arguments: str, given: bytes = b"", **more: str) -> Done:
        return await run(*arguments, given=given, SALUR_DATA=str(stack.settings.data), **more)

    return command


@pytest_asyncio.fixture(loop_scope="session")
async def owner(stack: Stack) -> AsyncIterator[asyncpg.Connection]:
    """The database as its owner: who may do what no service may."""
    connection = await asyncpg.connect(stack.postgres_owner_url)
    yield connection
    await connection.close()


def lines(*documents: Any) -> bytes:
    """Return documents as lines of JSON."""
    return "".join(f"{json.dumps(document)}\n" for document in documents).encode()
