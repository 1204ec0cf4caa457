"""Read by routing: somebody of the owner has seen the case."""

from __future__ import annotations

from typing import ClassVar

from schemas.inbound.action import Action


class CaseAcknowledge(Action):
    """`acknowledge`: carries nothing of its own."""

    TYPE: ClassVar[str] = "salur.case.acknowledge.v1"
