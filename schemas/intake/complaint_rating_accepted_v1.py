"""Read by nobody inside, watched by monitors: the reporter judged how a case was handled."""

from __future__ import annotations

from typing import ClassVar

from schemas.common import CaseData


class ComplaintRatingAccepted(CaseData):
    """`rating` is 1 (tidak puas) to 4 (sangat puas)."""

    TYPE: ClassVar[str] = "salur.complaint.rating_accepted.v1"

    rating: int
