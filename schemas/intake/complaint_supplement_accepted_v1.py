"""Read by routing: the reporter said more about a case."""

from __future__ import annotations

from typing import ClassVar

from schemas.common import CaseData


class ComplaintSupplementAccepted(CaseData):
    """What the reporter added; `text` is redacted, and left unset when the case is confidential or whistle-blowing."""

    TYPE: ClassVar[str] = "salur.complaint.supplement_accepted.v1"

    text: str | None = None
