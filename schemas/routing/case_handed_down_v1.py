"""Read by intake, sla, notify, pulse: somebody below the owner works on it."""

from __future__ import annotations

from typing import ClassVar

from schemas.routing.case_event import CaseEvent


class CaseHandedDown(CaseEvent):
    """The owner stays accountable; `to` is the agency below it that works from now on."""

    TYPE: ClassVar[str] = "salur.case.handed_down.v1"

    to: str
