"""Read by intake: the reporter says more, or replies (contracts §4)."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from schemas.inbound.aftermath import Aftermath


class ComplaintSupplemented(Aftermath):
    """`text` is what the reporter adds."""

    TYPE: ClassVar[str] = "salur.complaint.supplemented.v1"

    text: Annotated[str, Field(min_length=1, max_length=20_000)]
