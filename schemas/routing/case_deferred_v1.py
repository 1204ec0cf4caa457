"""Read by intake, sla, notify, pulse: the owner asked the reporter for more."""

from __future__ import annotations

from typing import ClassVar

from schemas.routing.case_event import CaseEvent


class CaseDeferred(CaseEvent):
    """`question` is what it asked; left unset when the case is confidential or whistle-blowing."""

    TYPE: ClassVar[str] = "salur.case.deferred.v1"

    question: str | None = None
