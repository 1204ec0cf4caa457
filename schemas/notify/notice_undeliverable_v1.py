"""Read by nobody inside, watched by operators: a notice was given up."""

from __future__ import annotations

from typing import ClassVar

from schemas.notify.notice import Notice


class NoticeUndeliverable(Notice):
    """`reason` says what stood against it, never the address."""

    TYPE: ClassVar[str] = "salur.notice.undeliverable.v1"
