"""intake's own knobs."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from chassis.settings import ChassisSettings, knob


class IntakeSettings(ChassisSettings):
    """What intake needs beside what every service needs."""

    intake_port: Annotated[int, Field(ge=1, le=65_000)] = knob(8101, "where publishers and readers of the tracking view call", "port")
