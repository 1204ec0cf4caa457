"""Read by routing: a case that is over needs an answer again."""

from __future__ import annotations

from typing import ClassVar

from schemas.inbound.action import Action
from schemas.inbound.fields import Reason


class CaseReopen(Action):
    """`reopen`: by the coordinator, or the reporter within ten working days."""

    TYPE: ClassVar[str] = "salur.case.reopen.v1"

    reason: Reason
