"""Read by nobody inside, watched by operators: a notice is not sent on purpose."""

from __future__ import annotations

from typing import ClassVar

from schemas.notify.notice import Notice


class NoticeSuppressed(Notice):
    """`reason` says why it is not needed."""

    TYPE: ClassVar[str] = "salur.notice.suppressed.v1"
