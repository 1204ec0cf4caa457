"""Read by intake, sla, notify, pulse: the case is over."""

from __future__ import annotations

from typing import ClassVar

from schemas.routing.case_event import CaseEvent


class CaseClosed(CaseEvent):
    """Closed by its owner, its reporter, or Salur when the reporter's time to reply is over: `by` says which."""

    TYPE: ClassVar[str] = "salur.case.closed.v1"
