"""Read by intake, sla, notify, pulse: the owner answered."""

from __future__ import annotations

from typing import ClassVar

from schemas.base import UtcTime
from schemas.routing.case_event import CaseEvent


class CaseFollowedUp(CaseEvent):
    """An answer, final or interim; `text` is left unset when the case is confidential or whistle-blowing."""

    TYPE: ClassVar[str] = "salur.case.followed_up.v1"

    final: bool
    followed_up_at: UtcTime
    text: str | None = None
