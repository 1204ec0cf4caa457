"""Read by routing: the owner takes more time."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, StrictInt

from schemas.inbound.action import Action
from schemas.inbound.fields import Reason


class CaseExtend(Action):
    """`extend`: `days` are working days."""

    TYPE: ClassVar[str] = "salur.case.extend.v1"

    days: Annotated[StrictInt, Field(ge=1, le=60)]
    reason: Reason
