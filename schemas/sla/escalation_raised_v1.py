"""Read by notify: a breach is told to an agency above."""

from __future__ import annotations

from typing import ClassVar

from schemas.sla.escalation import Escalation


class EscalationRaised(Escalation):
    """`to` is the code of the agency that is told."""

    TYPE: ClassVar[str] = "salur.escalation.raised.v1"

    to: str
