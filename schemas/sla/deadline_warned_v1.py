"""Read by notify: a clock runs out soon."""

from __future__ import annotations

from typing import ClassVar

from schemas.sla.deadline import FiredDeadline


class DeadlineWarned(FiredDeadline):
    """A share of the budget that the policy names is used up."""

    TYPE: ClassVar[str] = "salur.deadline.warned.v1"
