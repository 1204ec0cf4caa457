"""Read by routing: the owner gives the work to an agency below it."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from schemas.inbound.action import Action


class CaseHandDown(Action):
    """`hand_down`: `to` is the code of an agency below the owner."""

    TYPE: ClassVar[str] = "salur.case.hand_down.v1"

    to: Annotated[str, Field(min_length=1, max_length=200)]
