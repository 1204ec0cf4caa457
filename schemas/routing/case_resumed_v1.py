"""Read by intake, sla, notify: what the owner asked for is there, or is no longer waited for."""

from __future__ import annotations

from typing import ClassVar

from schemas.routing.case_event import CaseEvent


class CaseResumed(CaseEvent):
    """The case is in the state it was deferred in; `by` is the reporter when a supplement resumed it."""

    TYPE: ClassVar[str] = "salur.case.resumed.v1"
