"""Read by intake: the reporter judges how it was handled (contracts §4)."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, StrictInt

from schemas.inbound.aftermath import Aftermath


class ComplaintRated(Aftermath):
    """`rating` is 1 (tidak puas), 2 (kurang puas), 3 (puas) or 4 (sangat puas)."""

    TYPE: ClassVar[str] = "salur.complaint.rated.v1"

    rating: Annotated[StrictInt, Field(ge=1, le=4)]
