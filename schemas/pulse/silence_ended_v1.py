"""Read by notify: who was silent is heard again."""

from __future__ import annotations

from typing import ClassVar

from schemas.base import UtcTime
from schemas.pulse.silence import Silence


class SilenceEnded(Silence):
    """`window` is the whole silence, up to the sign of life that ended it; `observed` is at least 1; it was told of at `detected_at`."""

    TYPE: ClassVar[str] = "salur.silence.ended.v1"

    detected_at: UtcTime
