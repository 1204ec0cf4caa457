"""Read by intake, sla, notify: the owner takes more time for the resolution."""

from __future__ import annotations

from typing import ClassVar

from schemas.routing.case_event import CaseEvent


class CaseExtended(CaseEvent):
    """`days` are working days on top of the budget and of earlier extensions."""

    TYPE: ClassVar[str] = "salur.case.extended.v1"

    days: int
    reason: str | None = None
