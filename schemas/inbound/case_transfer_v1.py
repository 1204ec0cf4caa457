"""Read by routing: the owner says that the case belongs to another, or asks the coordinator whose it is."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from schemas.inbound.action import Action
from schemas.inbound.fields import Reason


class CaseTransfer(Action):
    """`transfer`: `to` is an agency's code, or null when the coordinator shall name one."""

    TYPE: ClassVar[str] = "salur.case.transfer.v1"

    to: Annotated[str, Field(min_length=1, max_length=200)] | None
    reason: Reason
