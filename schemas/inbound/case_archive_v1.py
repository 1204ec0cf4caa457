"""Read by routing: the owner lays a case aside that cannot be worked on."""

from __future__ import annotations

from typing import ClassVar

from schemas.inbound.action import Action
from schemas.words import ArchiveReason


class CaseArchive(Action):
    """`archive`: `reason` is one of six words."""

    TYPE: ClassVar[str] = "salur.case.archive.v1"

    reason: ArchiveReason
