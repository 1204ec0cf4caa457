"""Read by intake, sla, notify: the case is of another kind or category than was said."""

from __future__ import annotations

from typing import ClassVar

from schemas.routing.case_event import CaseEvent
from schemas.words import Kind


class CaseReclassified(CaseEvent):
    """What it is now, and what it was taken for."""

    TYPE: ClassVar[str] = "salur.case.reclassified.v1"

    kind: Kind
    category: str
    was_kind: Kind
    was_category: str
    reason: str | None = None
