"""Read by nobody inside, watched by operators: somebody should be told and has no address."""

from __future__ import annotations

from typing import ClassVar

from schemas.notify.notice import Notice


class NoticeWithoutRecipient(Notice):
    """`recipient` is the office that has no address for this channel; `reason` says what is missing."""

    TYPE: ClassVar[str] = "salur.notice.without_recipient.v1"
