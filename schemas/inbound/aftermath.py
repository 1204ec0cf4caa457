"""What publishers send about a case that they submitted before: which one it is (contracts §4)."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from schemas.base import Data


class Aftermath(Data):
    """Names a case by `tracking_id`, or by the sender's own number `external_ref`; both must name the same one."""

    model_config = ConfigDict(json_schema_extra={"anyOf": [{"required": ["tracking_id"]}, {"required": ["external_ref"]}]})

    tracking_id: Annotated[str, Field(min_length=1, max_length=40)] | None = None
    external_ref: Annotated[str, Field(min_length=1, max_length=100)] | None = None

    @model_validator(mode="after")
    def _names_its_case(self) -> Self:
        if self.tracking_id is None and self.external_ref is None:
            raise PydanticCustomError("case_missing", "tracking_id or external_ref is required", {"field": "tracking_id"})
        return self
