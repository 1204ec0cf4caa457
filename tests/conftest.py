"""One real Kafka and one real PostgreSQL for the whole run of tests, and one whole Salur for those who only look at it from outside."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from deploy.local.settings import LocalSettings
from deploy.local.supervisor import Stack
from schemas.base import check_what_is_said
from tests.shared import Plain

check_what_is_said()
# A shell that starts the run in the background has it ignore Ctrl-C, and what it starts as well; some tests interrupt what they start.
signal.signal(signal.SIGINT, signal.default_int_handler)

TOGETHER = {"notify": "docs", "cli": "docs", "outside": "system", "privacy": "system"}
"""Folders whose tests look at one stack come one after the other, so that it is not up, and busy, beside all the others."""
LAST = "cli"
"""It leaves a crowd of mails behind it."""
STACKS = frozenset({"plain", "town", "twins"})
_COMING = pytest.StashKey[set[str]]()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the tests of one stack together; it is cheaper so, and each holds in any order."""

    def place(item: pytest.Item) -> tuple[str, bool, bool]:
        folder = folder_of(item)
        return TOGETHER.get(folder, folder), not STACKS.isdisjoint(fixtures_of(item)), folder == LAST

    items.sort(key=place)
    config.stash[_COMING] = {folder_of(item) for item in items if "plain" in fixtures_of(item)}


def folder_of(item: pytest.Item) -> str:
    """Return the folder of tests that an item is from."""
    return item.path.relative_to(Path(__file__).parent).parts[0]


def fixtures_of(item: pytest.Item) -> list[str]:
    """Return all fixtures that an item needs, also by way of others."""
    return list(getattr(item, "fixturenames", ()))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stores(tmp_path_factory) -> AsyncIterator[Stack]:
    """Kafka and PostgreSQL, up; their jars are shared with the checkout's own data."""
    data: Path = tmp_path_factory.mktemp("stores")
    stack = Stack(LocalSettings.with_free_ports(data=data, partitions=3), parts={"kafka", "postgres"}, services=())
    await stack.start()
    yield stack
    await stack.stop()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def plain(tmp_path_factory, request: pytest.FixtureRequest) -> AsyncIterator[Plain]:
    """The whole of Salur, to be borrowed; not started before somebody does."""
    made = Plain(tmp_path_factory.mktemp("plain"), request.config.stash[_COMING])
    yield made
    await made.end()
