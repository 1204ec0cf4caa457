"""The command as a stranger uses it: a process, started beside one whole stack."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from cli.main import main
from deploy.local.settings import LocalSettings
from deploy.local.supervisor import Stack
from tests.forked import Forked
from tests.shared import Plain

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
    with TemporaryDirectory() as folder:
        in_, out, err = (Path(folder) / name for name in ("in", "out", "err"))
        in_.write_bytes(given)
        process = Forked(main, PROGRAM, *arguments, environment=clean | environment, given=in_, out=out, err=err)
        try:
            code = await asyncio.wait_for(process.wait(), 120)
        finally:
            process.kill()
        assert "Traceback" not in err.read_text(), err.read_text()
        return Done(code, out.read_text(), err.read_text())


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
async def stack(plain: Plain) -> AsyncIterator[Stack]:
    """The services with their stores, as `make up` starts them."""
    async with plain.lend("cli") as stack:
        yield stack


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
