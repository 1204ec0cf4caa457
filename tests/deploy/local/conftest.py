import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from deploy.local.plan import Service
from deploy.local.settings import LocalSettings
from deploy.local.supervisor import Stack

PROGRAM = Path(__file__).with_name("program.py")


@pytest.fixture
def settings(tmp_path: Path) -> LocalSettings:
    return LocalSettings.with_free_ports(data=tmp_path / "data")


@pytest.fixture(scope="package")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """Stores that may be killed and stopped, if they are up again afterwards."""
    stack = Stack(LocalSettings.with_free_ports(data=tmp_path_factory.mktemp("stores") / "data"), parts=("kafka", "postgres"))
    await stack.start()
    try:
        yield stack
    finally:
        await stack.stop()


@pytest.fixture
def service(settings: LocalSettings) -> Callable[..., Service]:
    def make(*how: str, name: str = "intake", port: int = settings.intake_port) -> Service:
        environment = {"SALUR_PORT": str(port), "SALUR_POSTGRES_URL": "none"}
        return Service(name, (sys.executable, str(PROGRAM), *how), port, environment)

    return make


@pytest.fixture
def environment(settings: LocalSettings) -> dict[str, str]:
    """The environment of a command that works on the same data and ports."""
    spelled = {f"SALUR_{name.upper()}": str(value) for name, value in settings.model_dump(exclude_none=True).items()}
    return os.environ | spelled


@pytest.fixture
def eventually() -> Callable[..., Awaitable[None]]:
    async def wait(true: Callable[[], object], seconds: float = 15.0) -> None:
        limit = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < limit, "it did not happen in time"
            await asyncio.sleep(0.02)

    return wait
