"""What the tracking view reads of other speakers' events: no more than it shows. The rest of them costs it nothing, and may change."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from schemas.base import Data, UtcTime
from schemas.routing.case_event import CaseEvent
from schemas.routing.case_reclassified_v1 import CaseReclassified
from schemas.words import Kind


class Office(BaseModel):
    """As what which office acted."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    agency: str
    role: str


class Moved(Data):
    """A fact of a case's way, said by routing."""

    state: str
    owner: str
    by: Annotated[Literal["system", "reporter"] | Office, Field(union_mode="left_to_right")]


class Reclassified(Moved):
    """What the case is now."""

    kind: Kind
    category: str


class Timed(Data):
    """A fact of one clock, said by sla."""

    clock: str
    agency: str
    due_at: UtcTime


def heard_as(model: type[Data]) -> type[Data]:
    """Return what the view reads an event of a model as."""
    if issubclass(model, CaseReclassified):
        return Reclassified
    return Moved if issubclass(model, CaseEvent) else Timed
