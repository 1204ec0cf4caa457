"""What both events of an escalation have in common (contracts §5)."""

from __future__ import annotations

from schemas.base import UtcTime
from schemas.common import CaseData, Open
from schemas.words import Clock


class Escalation(CaseData):
    """A breach told upward: `agency` missed `due_at`, `level` counts the steps above it, the first being 1."""

    clock: Open[Clock]
    agency: str
    due_at: UtcTime
    level: int
    reason: str
