"""Read by intake, notify, pulse: a promise was not kept."""

from __future__ import annotations

from typing import ClassVar

from schemas.sla.deadline import FiredDeadline


class DeadlineBreached(FiredDeadline):
    """The clock ran out before what it waits for came."""

    TYPE: ClassVar[str] = "salur.deadline.breached.v1"
