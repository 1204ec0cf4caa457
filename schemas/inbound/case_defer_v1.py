"""Read by routing: the owner needs to know more from the reporter."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from schemas.inbound.action import Action


class CaseDefer(Action):
    """`defer`: `question` is what the reporter is asked."""

    TYPE: ClassVar[str] = "salur.case.defer.v1"

    question: Annotated[str, Field(min_length=1, max_length=2_000)]
