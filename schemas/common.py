"""What the data of several events has in common: the case's two names, who did it, words that may grow."""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar
from uuid import UUID

from pydantic import ConfigDict, Field

from schemas.base import Data, Said
from schemas.words import Role

W = TypeVar("W")

Open = Annotated[W | str, Field(union_mode="left_to_right")]
"""A word of ours that later writers may add to: what is not in the list is read as a plain text, and compares as one."""


class Actor(Said):
    """The office that did something; never the person."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    agency: str
    role: Open[Role]


By = Actor | Literal["system", "reporter"]
"""Who did it: an office, Salur itself, or the reporter."""


class CaseData(Data):
    """The data of everything that is said of a case."""

    case_id: UUID
    tracking_id: str
