"""Read by intake, sla, notify, pulse: the case is laid aside."""

from __future__ import annotations

from typing import ClassVar

from schemas.common import Open
from schemas.routing.case_event import CaseEvent
from schemas.words import ArchiveReason


class CaseArchived(CaseEvent):
    """`reason` is one of the six of the action; by the system it is `expired`: what was asked for never came."""

    TYPE: ClassVar[str] = "salur.case.archived.v1"

    reason: Open[ArchiveReason]
