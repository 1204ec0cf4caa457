"""Read by routing: the case is of another kind or category than was said."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from schemas.inbound.action import Action
from schemas.inbound.fields import Reason
from schemas.words import Kind


class CaseReclassify(Action):
    """`reclassify`: the kind, the category's code, or both."""

    model_config = ConfigDict(
        json_schema_extra={
            "allOf": [
                {"anyOf": [{"required": ["case_id"]}, {"required": ["tracking_id"]}]},
                {"anyOf": [{"required": ["kind"]}, {"required": ["category"]}]},
            ]
        }
    )

    TYPE: ClassVar[str] = "salur.case.reclassify.v1"

    kind: Kind | None = None
    category: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    reason: Reason

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        if self.kind is None and self.category is None:
            raise PydanticCustomError("nothing_said", "kind or category is required", {"field": "kind"})
        return self
