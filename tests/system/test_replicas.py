"""Two replicas of each service: the same result as with one, work shared, and one of them killed on the way."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.system.oracle import figures, judge, verdict
from tests.system.stack import SERVICES, Town
from tests.system.test_kills import refused, sent, tell
from tests.system.test_metrics import samples

pytestmark = pytest.mark.long

CASES = 150
RATE = 6.0
CALM_SECONDS = 120.0
CARRIED = ("ok", "accepted")


async def shares(town: Town) -> dict[str, float]:
    """Return how many events each process has carried."""
    pages = await town.pages()
    return {name: sum(value for sample, labels, value in samples(page) if _counts(sample, labels)) for name, page in pages.items()}


def _counts(sample: str, labels: dict[str, str]) -> bool:
    return sample == "salur_events_total" and labels["outcome"] in CARRIED


@pytest.mark.timeout(420)
async def test_two_replicas_share_the_work_and_come_to_the_same_though_one_is_killed(twins: Town, tmp_path: Path):
    async with twins.client() as client:
        stop = asyncio.Event()
        load = asyncio.create_task(client.load(RATE, stop, CASES))
        await sent(client, CASES // 2)
        shared = await shares(twins)
        tell(f"events carried by each replica before a kill: {shared}")
        for number, service in enumerate(SERVICES):
            await sent(client, CASES * (number + 5) // 9)
            twins.kill(service, 2)
        stop.set()
        await load
        await twins.calm(client, CALM_SECONDS)
        try:
            evidence = await twins.evidence(tmp_path)
        finally:
            await twins.wake()
    found = judge(evidence)
    tell(f"{verdict(found)}\n{figures(evidence)}")
    assert not any(found.values()), verdict(found)
    assert client.failures == []
    assert refused(twins) == []
    assert {f"{service}-{replica}" for service in SERVICES for replica in (1, 2)} == {name for name, carried in shared.items() if carried}
