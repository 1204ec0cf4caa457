"""Read by pulse, and by publishers and agency systems: what became of one inbound record (contracts §3)."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from schemas.base import Data, UtcTime
from schemas.words import Code, Outcome


class ReceiptError(BaseModel):
    """One thing wrong: a JSON Pointer into the event and a sentence that never quotes the value."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    path: str
    message: str


class Receipt(Data):
    """The answer to one record; position fields are null over HTTP, ids null where there are none (or none that can be read)."""

    TYPE: ClassVar[str] = "salur.receipt.v1"

    outcome: Outcome
    code: Code
    errors: tuple[ReceiptError, ...]
    received_id: str | None
    received_source: str | None
    case_id: UUID | None
    tracking_id: str | None
    topic: str | None
    partition: int | None
    offset: int | None
    at: UtcTime
