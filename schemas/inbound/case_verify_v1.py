"""Read by routing: the owner says that the case is its own."""

from __future__ import annotations

from typing import ClassVar

from schemas.inbound.action import Action


class CaseVerify(Action):
    """`verify`: carries nothing of its own."""

    TYPE: ClassVar[str] = "salur.case.verify.v1"
