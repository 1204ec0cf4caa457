"""What can be set about sla."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from chassis.settings import ChassisSettings, Gather, gather, knob


class SlaSettings(ChassisSettings):
    """The knobs of sla; policies and calendars are data, not settings."""

    gather_ms: Gather = gather(60)
    sla_port: Annotated[int, Field(ge=1, le=65_435)] = knob(8103, "port of HTTP, health and metrics; further replicas listen 100 higher", "port")
