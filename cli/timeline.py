"""What the services know of one case, merged: by time, and where times are equal, causes before what they caused."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from cli.asking import SERVICES
from cli.times import read_time


@dataclass(slots=True)
class Step:
    """One line of a case's way: an event that a service said, or a receipt that it gave."""

    at: datetime
    service: str
    event: Mapping[str, Any] = field(default_factory=dict)
    receipt: Mapping[str, Any] | None = None

    @property
    def order(self) -> tuple[int, int]:
        """Return what decides where nothing else does."""
        return SERVICES.index(self.service), self.event.get("sequence") or 0


def merged(parts: Mapping[str, Mapping[str, Any]]) -> list[Step]:
    """Return all steps of all services in their order."""
    steps: list[Step] = []
    for service, part in parts.items():
        steps += [Step(read_time(event["time"]), service, event) for event in part["events"]]
        steps += [Step(read_time(receipt["at"]), service, receipt=receipt) for receipt in part["received"]]
    steps.sort(key=lambda step: (step.at, step.order))
    return [step for _, group in groupby(steps, key=lambda step: step.at) for step in _in_order_of_cause(list(group))]


def _in_order_of_cause(group: list[Step]) -> list[Step]:
    """Return steps of one instant so that a cause comes before its effect, and a service's events in their sequence."""
    if len(group) == 1:
        return group
    followers, open_causes = _edges(group)
    ready = [(group[n].order, n) for n, number in enumerate(open_causes) if number == 0]
    heapq.heapify(ready)
    done: list[Step] = []
    while ready:
        _, n = heapq.heappop(ready)
        done.append(group[n])
        for follower in followers[n]:
            open_causes[follower] -= 1
            if open_causes[follower] == 0:
                heapq.heappush(ready, (group[follower].order, follower))
    return done if len(done) == len(group) else group


def _edges(group: list[Step]) -> tuple[list[list[int]], list[int]]:
    by_id = {step.event["id"]: n for n, step in enumerate(group) if step.event}
    taken: dict[str, list[int]] = {}
    for n, step in enumerate(group):
        if step.receipt is not None and step.receipt.get("received_id"):
            taken.setdefault(step.receipt["received_id"], []).append(n)
    followers: list[list[int]] = [[] for _ in group]
    open_causes = [0] * len(group)
    last: dict[str, int] = {}
    for n, step in enumerate(group):
        if not step.event:
            continue
        causes = [by_id[cause]] if (cause := step.event.get("causationid")) in by_id else taken.get(str(cause), [])
        if step.service in last:
            causes = [*causes, last[step.service]]
        last[step.service] = n
        for before in causes:
            followers[before].append(n)
            open_causes[n] += 1
    return followers, open_causes


def latest(steps: Iterable[Step], service: str) -> Mapping[str, Any]:
    """Return the data of the last event that a service said; empty when it said none."""
    said = [step.event for step in steps if step.service == service and step.event]
    return max(said, key=lambda event: int(event["sequence"]))["data"] if said else {}


def running(steps: Iterable[Step]) -> list[Mapping[str, Any]]:
    """Return the last event of each clock that still runs, is paused or was not kept, the earliest due first."""
    clocks: dict[tuple[Any, Any], Mapping[str, Any]] = {}
    for event in sorted((step.event for step in steps if step.service == "sla" and step.event), key=lambda event: int(event["sequence"])):
        name, what = (event["data"].get("clock"), event["data"].get("agency")), event["type"].split(".")[-2]
        if not event["type"].startswith("salur.deadline."):
            continue
        if what in {"met", "cancelled", "elapsed"}:
            clocks.pop(name, None)
        elif event["data"]:
            clocks[name] = event
    return sorted(clocks.values(), key=lambda event: str(event["data"].get("due_at")))
