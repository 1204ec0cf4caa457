"""Whatever is killed while complaints come in: nothing is lost, nothing is double, and flow is back in time.

600 cases by default, `SALUR_TEST_CASES=2000` for the whole measure; `SALUR_TEST_RATE` submissions a second.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.system.client import Client
from tests.system.oracle import figures, judge, verdict
from tests.system.stack import SERVICES, Town
from tests.system.watch import until

CASES = int(os.environ.get("SALUR_TEST_CASES", "600"))
RATE = float(os.environ.get("SALUR_TEST_RATE", "12"))
LIMITS = {**dict.fromkeys(SERVICES, 15.0), "kafka": 30.0, "postgres": 30.0}
"""Seconds until flow is back, by what was killed."""
LONGEST_WAIT_SECONDS = 90.0
BETWEEN_SECONDS = 2.0
CALM_SECONDS = 180.0


@pytest.mark.timeout(300 + CASES / RATE * 2)
async def test_nothing_is_lost_or_double_and_flow_is_back_in_time_whatever_is_killed(town: Town, tmp_path: Path):
    async with town.client() as client:
        stop = asyncio.Event()
        load = asyncio.create_task(client.load(RATE, stop, CASES))
        back = {}
        for number, name in enumerate(LIMITS):
            await sent(client, CASES * (number + 1) // (len(LIMITS) + 1))
            back[name] = await seconds_until_flow_is_back(town, client, name)
            tell(f"{name} killed: flow is back after {back[name]:.1f} s")
            await asyncio.sleep(BETWEEN_SECONDS)
        stop.set()
        await load
        await town.calm(client, CALM_SECONDS)
        try:
            evidence = await town.evidence(tmp_path)
        finally:
            await town.wake()
    found = judge(evidence)
    tell(f"{verdict(found)}\n{figures(evidence)}\nseconds until flow was back: { {name: round(took, 1) for name, took in back.items()} }")
    assert not any(found.values()), verdict(found)
    assert client.failures == []
    assert refused(town) == [], "what is right may have to be sent again, but is never refused, not even by a service that is starting"
    late = {name: took for name, took in back.items() if took > LIMITS[name]}
    assert not late


def refused(town: Town) -> list[dict[str, Any]]:
    """Return the ledger's lines of well-formed submissions and actions that were answered with a no."""
    return [line for line in town.ledger.lines if line["op"] == "fail" and line["expect"] == "accepted"]


async def sent(client: Client, number: int) -> None:
    """Wait until the open loop has come to a number of submissions."""
    assert await until(lambda: len(client.invoked) >= number, number / RATE + LONGEST_WAIT_SECONDS)


async def seconds_until_flow_is_back(town: Town, client: Client, name: str) -> float:
    """Kill a process; return when the first case handed in after that had its owner, its clock and its mail queued."""
    killed = town.kill(name)
    watcher = client.watcher
    back: list[float] = []

    def one_is_through() -> bool:
        newer = [id_ for id_, at in client.invoked.items() if at > killed]
        back[:] = [at for id_ in newer if (at := watcher.there(id_, "case.routed", "deadline.set", "notice.queued")) is not None]
        return bool(back)

    await until(one_is_through, LONGEST_WAIT_SECONDS)
    return min(back) - killed if back else float("inf")


def tell(text: str) -> None:
    """Show a figure beside pytest's own lines (`-s` or a failure shows it)."""
    sys.stderr.write(f"{text}\n")
