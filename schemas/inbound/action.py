"""What all actions on a case have in common (contracts §5 and §6)."""

from __future__ import annotations

from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictInt, model_validator
from pydantic_core import PydanticCustomError

from schemas.base import Data
from schemas.inbound.fields import Name
from schemas.words import Role


class ActingPerson(BaseModel):
    """Who acts: an office of an agency, or the reporter; the person's name stays in routing."""

    model_config = ConfigDict(
        extra="ignore",
        frozen=True,
        json_schema_extra={"anyOf": [{"required": ["agency"]}, {"properties": {"role": {"const": "reporter"}}}]},
    )

    role: Role
    agency: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    name: Name | None = None

    @model_validator(mode="after")
    def _office_has_an_agency(self) -> Self:
        if self.agency is None and self.role is not Role.REPORTER:
            raise PydanticCustomError("agency_missing", "is required for this role", {"field": "agency"})
        return self


class Action(Data):
    """An order about one case, named by `case_id`, `tracking_id` or both; refused when it moved past `expected_version`."""

    model_config = ConfigDict(json_schema_extra={"anyOf": [{"required": ["case_id"]}, {"required": ["tracking_id"]}]})

    case_id: UUID | None = None
    tracking_id: Annotated[str, Field(min_length=1, max_length=40)] | None = None
    by: ActingPerson
    expected_version: Annotated[StrictInt, Field(ge=0, le=2**53 - 1)] | None = None

    @model_validator(mode="after")
    def _names_its_case(self) -> Self:
        if self.case_id is None and self.tracking_id is None:
            raise PydanticCustomError("case_missing", "case_id or tracking_id is required", {"field": "case_id"})
        return self
