"""Read by routing: the owner goes on without what it asked for."""

from __future__ import annotations

from typing import ClassVar

from schemas.inbound.action import Action


class CaseResume(Action):
    """`resume`: carries nothing of its own."""

    TYPE: ClassVar[str] = "salur.case.resume.v1"
