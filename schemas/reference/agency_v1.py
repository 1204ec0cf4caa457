"""Read by intake, sla, notify: one agency of the directory as routing knows it, without addresses."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from schemas.base import Data
from schemas.common import Open
from schemas.words import Level


class AgencyRecord(Data):
    """An agency; `parent` is null at the top, `zone` an IANA name; it is valid from `valid_from` up to but without `valid_to`."""

    TYPE: ClassVar[str] = "salur.reference.agency.v1"

    code: str
    name: str
    level: Open[Level]
    parent: str | None
    zone: str
    version: str
    valid_from: date | None = None
    valid_to: date | None = None
