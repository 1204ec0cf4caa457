"""The stretch of time that pulse counted over."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from schemas.base import UtcTime


class Window(BaseModel):
    """From `from` up to but without `until`, in the time of the events that were counted, not of their arrival."""

    model_config = ConfigDict(extra="ignore", frozen=True, validate_by_name=True, validate_by_alias=True, serialize_by_alias=True)

    from_: UtcTime = Field(alias="from")
    until: UtcTime
