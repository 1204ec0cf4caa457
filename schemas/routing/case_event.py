"""What all events of a case's way have in common (contracts §5)."""

from __future__ import annotations

from schemas.common import By, CaseData, Open
from schemas.words import State


class CaseEvent(CaseData):
    """A fact of a case's way: the state and the one owner after it, and who brought it about."""

    state: Open[State]
    owner: str
    by: By
