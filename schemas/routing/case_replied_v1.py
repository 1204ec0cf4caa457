"""Read by intake, sla, notify: the reporter replied to an answer."""

from __future__ import annotations

from typing import ClassVar

from schemas.routing.case_event import CaseEvent


class CaseReplied(CaseEvent):
    """`text` is the supplement's, redacted; left unset when the case is confidential or whistle-blowing."""

    TYPE: ClassVar[str] = "salur.case.replied.v1"

    text: str | None = None
