"""One real Kafka and one real PostgreSQL for the whole run of tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from deploy.local.settings import LocalSettings
from deploy.local.supervisor import Stack
from schemas.base import check_what_is_said

check_what_is_said()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stores(tmp_path_factory) -> AsyncIterator[Stack]:
    """Kafka and PostgreSQL, up; their jars are shared with the checkout's own data."""
    data: Path = tmp_path_factory.mktemp("stores")
    stack = Stack(LocalSettings.with_free_ports(data=data, partitions=3), parts={"kafka", "postgres"}, services=())
    await stack.start()
    yield stack
    await stack.stop()
