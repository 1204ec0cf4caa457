"""Read by routing: the owner or the reporter ends a case that was finally answered."""

from __future__ import annotations

from typing import ClassVar

from schemas.inbound.action import Action


class CaseClose(Action):
    """`close`: carries nothing of its own."""

    TYPE: ClassVar[str] = "salur.case.close.v1"
