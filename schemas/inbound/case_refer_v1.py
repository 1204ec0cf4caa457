"""Read by routing: the case is for somebody outside."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from schemas.inbound.action import Action
from schemas.inbound.fields import Reason


class CaseRefer(Action):
    """`refer`: `to` names the body outside whose matter it is."""

    TYPE: ClassVar[str] = "salur.case.refer.v1"

    to: Annotated[str, Field(min_length=1, max_length=200)]
    reason: Reason
