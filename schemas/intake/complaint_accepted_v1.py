"""Read by routing, pulse: a submission became a case (contracts §5)."""

from __future__ import annotations

from typing import ClassVar

from schemas.base import UtcTime
from schemas.common import CaseData, Open
from schemas.words import Channel, Kind


class ComplaintAccepted(CaseData):
    """A new case; `title` and `text` are redacted, and left unset when the case is confidential or whistle-blowing.

    `reply_to` is where its publisher wants to be told of it; left unset when it did not say.
    """

    TYPE: ClassVar[str] = "salur.complaint.accepted.v1"

    kind: Kind
    category: str
    category_given: str | None
    region: str | None
    addressed_to: str | None
    channel: Open[Channel]
    submitted_at: UtcTime
    accepted_at: UtcTime
    anonymous: bool
    confidential: bool
    publisher: str
    external_ref: str | None
    title: str | None = None
    text: str | None = None
    reply_to: str | None = None
