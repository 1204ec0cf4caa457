"""Read by routing: the reporter takes a case back."""

from __future__ import annotations

from typing import ClassVar

from schemas.common import CaseData


class ComplaintWithdrawalAccepted(CaseData):
    """Carries nothing but the case."""

    TYPE: ClassVar[str] = "salur.complaint.withdrawal_accepted.v1"
