"""routing's own knobs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from chassis.settings import ChassisSettings, Port, knob

DATA: Final = Path(__file__).resolve().parents[2] / "data"


class RoutingSettings(ChassisSettings):
    """What routing needs beside what every service needs."""

    routing_port: Port = knob(8102, "where agency systems read cases and act on them", "port")
    routing_agencies: Path = knob(DATA / "agencies.csv", "the directory this start puts in force", "path")
    routing_rules: Path = knob(DATA / "routing-rules" / "default.json", "the rules this start puts in force", "path")
    routing_hop_limit: Annotated[int, Field(ge=1, le=20)] = knob(3, "transfers after which a coordinator decides (product rule 1)", "transfers")
    routing_calendar: Path = knob(DATA / "calendars" / "id-national.json", "the working days for which a reporter may reopen a case", "path")
    routing_reopen_days: Annotated[int, Field(ge=0, le=250)] = knob(10, "how long a reporter may reopen a case (contracts §5)", "working days")
