"""What all events of a clock have in common (contracts §5)."""

from __future__ import annotations

from schemas.base import UtcTime
from schemas.common import CaseData, Open
from schemas.words import Clock


class Deadline(CaseData):
    """One clock of one case: whom it binds, when it runs out, and by which policy and calendar that was reckoned."""

    clock: Open[Clock]
    agency: str
    due_at: UtcTime
    policy_version: str
    calendar_version: str


class FiredDeadline(Deadline):
    """A timer of a clock went off at `fired_at`, when this share of its budget was used up."""

    consumed_percent: int
    fired_at: UtcTime
