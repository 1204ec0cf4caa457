"""What both events of a silence have in common (contracts §5)."""

from __future__ import annotations

from uuid import UUID

from schemas.base import Data
from schemas.common import Open
from schemas.pulse.window import Window
from schemas.words import Silent


class Silence(Data):
    """An agency that receives and follows up nothing, or a publisher that has stopped sending; the other of the two is null.

    In `window` an agency acted `observed` times and `expected` cases awaited it, in `working_days`; a publisher was heard `observed` times
    though `expected` hours passed in which it usually sends, and `working_days` is null.
    """

    silence_id: UUID
    about: Open[Silent]
    agency: str | None
    publisher: str | None
    window: Window
    observed: int
    expected: float
    working_days: int | None
