"""Read by intake: a clock runs on."""

from __future__ import annotations

from typing import ClassVar

from schemas.sla.deadline import Deadline


class DeadlineResumed(Deadline):
    """`due_at` is when it runs out now."""

    TYPE: ClassVar[str] = "salur.deadline.resumed.v1"
