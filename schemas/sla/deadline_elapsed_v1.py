"""Read by intake, routing: a clock whose end is normal ran out."""

from __future__ import annotations

from typing import ClassVar

from schemas.sla.deadline import FiredDeadline


class DeadlineElapsed(FiredDeadline):
    """`basis` is the `sequence` of routing's event on which the clock rests: when the case has moved on, nothing follows."""

    TYPE: ClassVar[str] = "salur.deadline.elapsed.v1"

    basis: int
