"""Read by notify: a surge is over."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from schemas.base import UtcTime
from schemas.common import Open
from schemas.pulse.surge import Surge
from schemas.pulse.window import Window
from schemas.words import SurgeEnd


class Peak(BaseModel):
    """The window in which most came."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    window: Window
    observed: int
    expected: float


class SurgeEnded(Surge):
    """`window` is the whole of the surge; it was told of at `detected_at`, and `reason` says why it counts as over."""

    TYPE: ClassVar[str] = "salur.surge.ended.v1"

    detected_at: UtcTime
    peak: Peak
    reason: Open[SurgeEnd]
