"""Read by nobody inside, watched by operators: a notice was taken by the recipient's server."""

from __future__ import annotations

from typing import ClassVar

from schemas.notify.notice import Notice


class NoticeDelivered(Notice):
    """`message_id` is that of the mail."""

    TYPE: ClassVar[str] = "salur.notice.delivered.v1"

    message_id: str
