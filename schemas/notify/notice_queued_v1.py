"""Read by nobody inside, watched by operators: a notice is on its way."""

from __future__ import annotations

from typing import ClassVar

from schemas.notify.notice import Notice


class NoticeQueued(Notice):
    """The notice will be sent; `reason` is null."""

    TYPE: ClassVar[str] = "salur.notice.queued.v1"
