"""Read by intake: a clock was stopped without an end."""

from __future__ import annotations

from typing import ClassVar

from schemas.sla.deadline import Deadline


class DeadlineCancelled(Deadline):
    """What the clock waited for is no longer awaited from this agency."""

    TYPE: ClassVar[str] = "salur.deadline.cancelled.v1"
