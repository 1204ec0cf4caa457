"""Read by intake, sla, notify: a case that was over needs an answer again."""

from __future__ import annotations

from typing import ClassVar

from schemas.routing.case_event import CaseEvent


class CaseReopened(CaseEvent):
    """An answer of the owner is awaited anew."""

    TYPE: ClassVar[str] = "salur.case.reopened.v1"

    reason: str | None = None
