"""Read by intake, sla, notify: the owner took the case."""

from __future__ import annotations

from typing import ClassVar

from schemas.routing.case_event import CaseEvent


class CaseVerified(CaseEvent):
    """An answer is awaited from now on."""

    TYPE: ClassVar[str] = "salur.case.verified.v1"
