"""Read by intake: a clock runs out at another time than was said."""

from __future__ import annotations

from typing import ClassVar

from schemas.base import UtcTime
from schemas.sla.deadline import Deadline


class DeadlineMoved(Deadline):
    """The clock ran out at `was` and now does at `due_at`."""

    TYPE: ClassVar[str] = "salur.deadline.moved.v1"

    was: UtcTime
    why: str
