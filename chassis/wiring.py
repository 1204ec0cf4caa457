"""What a service is given by the chassis, and what it adds."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from fastapi import APIRouter

from chassis.carry import Carrier
from chassis.clock import Clock
from chassis.door import Door
from chassis.draft import Draft
from chassis.metrics import Metrics
from chassis.postgres import Pool
from chassis.relay import Relay
from chassis.seal import Seal
from chassis.timers import Firing
from chassis.view import View

Task = Callable[[], Coroutine[Any, Any, None]]


@dataclass(slots=True)
class Parts:
    """What a service finds when it is wired: the chassis's parts, ready to use."""

    settings: Any
    pool: Pool
    clock: Clock
    seal: Seal
    master_key: bytes
    metrics: Metrics
    carrier: Carrier
    door: Door
    relay: Relay
    firing: Firing


@dataclass(slots=True)
class Extras:
    """What a service adds: routes, tasks that run beside the carrying, what to hear of each commit, and its reference."""

    routers: Sequence[APIRouter] = ()
    views: Sequence[View] = ()
    tasks: Sequence[Task] = ()
    committed: Callable[[Draft], None] | None = None
    reference: Callable[[], Any] = field(default=lambda: None)
    timers: bool = False
    gauges: Callable[[bool], Awaitable[None]] | None = None
    case_of: Callable[[str], Awaitable[UUID | None]] | None = None
    """The case of a tracking id, for operators; a service that keeps no tracking ids has none."""


Wire = Callable[[Parts], Awaitable[Extras]]
