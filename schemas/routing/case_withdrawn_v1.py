"""Read by intake, sla, notify: the reporter took the case back."""

from __future__ import annotations

from typing import ClassVar

from schemas.routing.case_event import CaseEvent


class CaseWithdrawn(CaseEvent):
    """The reporter wanted it; `by` says so."""

    TYPE: ClassVar[str] = "salur.case.withdrawn.v1"
