"""Read by intake: a clock runs."""

from __future__ import annotations

from typing import ClassVar

from schemas.sla.deadline import Deadline


class DeadlineSet(Deadline):
    """The clock runs out at `due_at`."""

    TYPE: ClassVar[str] = "salur.deadline.set.v1"
