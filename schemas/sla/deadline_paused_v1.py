"""Read by intake: a clock stands still while the reporter is asked."""

from __future__ import annotations

from typing import ClassVar

from schemas.sla.deadline import Deadline


class DeadlinePaused(Deadline):
    """`due_at` is where it would have run out; it moves by what the pause lasts."""

    TYPE: ClassVar[str] = "salur.deadline.paused.v1"
