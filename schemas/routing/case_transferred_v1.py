"""Read by intake, sla, notify, pulse: the case has another owner."""

from __future__ import annotations

from typing import ClassVar

from pydantic import ConfigDict, Field

from schemas.common import By
from schemas.routing.case_event import CaseEvent


class CaseTransferred(CaseEvent):
    """The `hop`-th change of owner, the first being 1; `decided_by` is null when the holder handed it over itself."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True, serialize_by_alias=True)

    TYPE: ClassVar[str] = "salur.case.transferred.v1"

    from_: str = Field(alias="from")
    to: str
    hop: int
    decided_by: By | None
    reason: str | None = None
