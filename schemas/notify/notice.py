"""What all events of a notice have in common (contracts §5)."""

from __future__ import annotations

from uuid import UUID

from pydantic import ConfigDict

from schemas.base import Said
from schemas.common import CaseData, Open
from schemas.words import NoticeChannel, Role, Unusual


class Recipient(Said):
    """Who is told: an office of an agency, never an address."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    agency: str
    role: Open[Role]


class Notice(CaseData):
    """One message about one event (`cause` is its id) to one recipient by one channel, because of one rule.

    `about` is said of a notice that is about no case: `surge` or `silence`; then `case_id` is the id of that, and `tracking_id` is empty.
    """

    notice_id: UUID
    cause: str
    rule: str
    channel: Open[NoticeChannel]
    recipient: Recipient
    reason: str | None
    about: Open[Unusual] | None = None
