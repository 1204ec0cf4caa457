"""Read by nobody inside, watched by operators: a breach, and no agency is left above."""

from __future__ import annotations

from typing import ClassVar

from schemas.sla.escalation import Escalation


class EscalationUnaddressed(Escalation):
    """Nobody is left above: `to` is null."""

    TYPE: ClassVar[str] = "salur.escalation.unaddressed.v1"

    to: None
