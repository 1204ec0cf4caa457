"""Read by notify: somebody from whom something is due has gone silent."""

from __future__ import annotations

from typing import ClassVar

from schemas.pulse.silence import Silence


class SilenceDetected(Silence):
    """`window` began with the last sign of life, or with the first case that awaited one; `observed` is 0."""

    TYPE: ClassVar[str] = "salur.silence.detected.v1"
