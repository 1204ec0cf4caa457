"""Read by intake: a promise was kept."""

from __future__ import annotations

from typing import ClassVar

from schemas.sla.deadline import Deadline


class DeadlineMet(Deadline):
    """What the clock waited for came in time or late; the clock is over."""

    TYPE: ClassVar[str] = "salur.deadline.met.v1"
