"""What can be set about sla."""

from __future__ import annotations

from chassis.settings import ChassisSettings, Gather, Port, gather, knob


class SlaSettings(ChassisSettings):
    """The knobs of sla; policies and calendars are data, not settings."""

    gather_ms: Gather = gather(60)
    sla_port: Port = knob(8103, "port of HTTP, health and metrics; further replicas listen 100 higher", "port")
