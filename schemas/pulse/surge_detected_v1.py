"""Read by notify: far more complaints of one category than usual come from one region."""

from __future__ import annotations

from typing import ClassVar

from schemas.common import Open
from schemas.pulse.surge import Surge
from schemas.words import SurgeRule


class SurgeDetected(Surge):
    """A surge has begun; `chance` is how likely so many or more are in an ordinary window (0 to 1), `rule` what it was judged by."""

    TYPE: ClassVar[str] = "salur.surge.detected.v1"

    chance: float
    rule: Open[SurgeRule]
