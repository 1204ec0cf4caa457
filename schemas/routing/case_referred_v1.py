"""Read by intake, sla, notify, pulse: the case is for somebody outside."""

from __future__ import annotations

from typing import ClassVar

from schemas.routing.case_event import CaseEvent


class CaseReferred(CaseEvent):
    """`to` names the body outside Salur whose matter it is: a court, the police, KPK, the Ombudsman, a PPID."""

    TYPE: ClassVar[str] = "salur.case.referred.v1"

    to: str
    reason: str | None = None
