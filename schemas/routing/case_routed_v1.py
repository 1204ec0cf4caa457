"""Read by intake, sla, notify, pulse: a case has its first owner, and why."""

from __future__ import annotations

from typing import ClassVar

from schemas.base import UtcTime
from schemas.common import Open
from schemas.routing.case_event import CaseEvent
from schemas.words import Channel, Kind, Level


class CaseRouted(CaseEvent):
    """The first owner; `level` is the owner's, `because` are sentences, the rest are facts that clocks and notices need."""

    TYPE: ClassVar[str] = "salur.case.routed.v1"

    level: Open[Level]
    triage: bool
    rule: str
    rules_version: str
    because: tuple[str, ...]
    kind: Kind
    category: str
    region: str | None
    channel: Open[Channel]
    accepted_at: UtcTime
    anonymous: bool
    confidential: bool
    publisher: str
    directory_version: str | None = None
    reply_to: str | None = None
