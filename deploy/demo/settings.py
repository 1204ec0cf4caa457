"""What can be tuned about a demo, and where it keeps things: CASES, SEED and SPEED as make hands them on, SALUR_… as everywhere."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from pydantic import AliasChoices, AwareDatetime, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

WIB: Final = ZoneInfo("Asia/Jakarta")
OPENING: Final = datetime(2025, 6, 2, 8, tzinfo=WIB)
"""The Monday before Idul Adha: the week ends in four closed days in a row."""
LEAD: Final = timedelta(seconds=11)
"""Real time between the anchoring of the clock and services that are ready: what is late is sent at once at the opening."""
QUICKEST: Final = 28_000.0
"""Six weeks of Salur time in two minutes; faster than that, the seconds between two services become days."""
CASES_AT_QUICKEST: Final = 1_000
"""So many a quiet machine of two cores carries at that speed; more of them need a slower clock."""


def speed_for(cases: int) -> float:
    """Return how fast the clock may run for so many cases on a quiet machine of two cores."""
    return QUICKEST * min(1.0, CASES_AT_QUICKEST / cases)


class DemoSettings(BaseSettings):
    """The knobs of `make demo`."""

    model_config = SettingsConfigDict(env_prefix="SALUR_", extra="ignore", frozen=True)

    cases: Annotated[int, Field(ge=1, le=5_000, validation_alias="CASES")] = 1_000
    seed: Annotated[int, Field(ge=0, validation_alias="SEED")] = 1
    speed: Annotated[float, Field(gt=0, le=1_000_000, validation_alias=AliasChoices("SPEED", "SALUR_CLOCK_SPEED"))] = Field(
        default_factory=lambda known: speed_for(known["cases"])
    )
    clock_start: AwareDatetime | None = None
    data: Path = Path(".salur")
    demo_out: Path = Path("out/demo")

    @property
    def asked_for_speed(self) -> bool:
        """Return whether somebody chose the speed."""
        return "speed" in self.model_fields_set

    @property
    def folder(self) -> Path:
        """Return the demo's own data folder, inside that of the stack."""
        return (self.data / "demo").expanduser().resolve()

    @property
    def out(self) -> Path:
        """Return where the report is left."""
        return self.demo_out.expanduser().resolve()

    @property
    def anchor(self) -> datetime:
        """Return where Salur time begins: as asked, else so early that it is the opening when the services are ready."""
        return self.clock_start or OPENING - LEAD * self.speed
