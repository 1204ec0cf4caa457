"""Read by routing: the owner answers the reporter."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from schemas.inbound.action import Action
from schemas.inbound.fields import Flag


class CaseFollowUp(Action):
    """`follow_up`: an answer, final or interim."""

    TYPE: ClassVar[str] = "salur.case.follow_up.v1"

    text: Annotated[str, Field(min_length=1, max_length=20_000)]
    final: Flag
