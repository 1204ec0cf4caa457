"""Read by intake, sla, notify: somebody of the owner has seen it."""

from __future__ import annotations

from typing import ClassVar

from schemas.routing.case_event import CaseEvent


class CaseAcknowledged(CaseEvent):
    """Nothing about the case changed."""

    TYPE: ClassVar[str] = "salur.case.acknowledged.v1"
