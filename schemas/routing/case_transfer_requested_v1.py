"""Read by intake, sla, notify, pulse: a coordinator must decide whose the case is."""

from __future__ import annotations

from typing import ClassVar

from schemas.routing.case_event import CaseEvent


class CaseTransferRequested(CaseEvent):
    """The holder stays owner until `decider`, an agency of the level above, decides; `to` is whom the holder named, if anyone."""

    TYPE: ClassVar[str] = "salur.case.transfer_requested.v1"

    decider: str
    to: str | None
    hop: int
    reason: str | None = None
