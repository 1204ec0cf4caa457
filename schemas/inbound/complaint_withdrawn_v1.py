"""Read by intake: the reporter takes a complaint back (contracts §4)."""

from __future__ import annotations

from typing import ClassVar

from schemas.inbound.aftermath import Aftermath


class ComplaintWithdrawn(Aftermath):
    """Carries nothing of its own."""

    TYPE: ClassVar[str] = "salur.complaint.withdrawn.v1"
