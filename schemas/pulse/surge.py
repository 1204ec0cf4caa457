"""What both events of a surge have in common (contracts §5)."""

from __future__ import annotations

from uuid import UUID

from schemas.base import Data
from schemas.pulse.window import Window


class Surge(Data):
    """Complaints of one category (a topic of the tree) in one region (a regency or a district), far more than usual.

    `observed` were accepted in `window`, in which the same hours and weekdays usually bring `expected`.
    """

    surge_id: UUID
    category: str
    region: str
    window: Window
    observed: int
    expected: float
