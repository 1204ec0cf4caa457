"""Read by routing: the coordinator above the holder decides whose the case is."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from schemas.inbound.action import Action
from schemas.inbound.fields import Reason


class CaseDecideTransfer(Action):
    """`decide_transfer`: `to` is the code of the agency that must take it."""

    TYPE: ClassVar[str] = "salur.case.decide_transfer.v1"

    to: Annotated[str, Field(min_length=1, max_length=200)]
    reason: Reason
