"""Read by nobody inside, watched by operators: somebody acted on a notice through its link."""

from __future__ import annotations

from typing import ClassVar

from schemas.notify.notice import Notice


class NoticeAcknowledged(Notice):
    """The page behind the link was used to acknowledge the case."""

    TYPE: ClassVar[str] = "salur.notice.acknowledged.v1"
