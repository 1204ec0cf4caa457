"""What can be tuned about a demo, and where it keeps things: CASES, SEED and SPEED as make hands them on, SALUR_… as everywhere."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from pydantic import AliasChoices, AwareDatetime, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

WIB: Final = ZoneInfo("Asia/Jakarta")
OPENING: Final = datetime(2025, 3, 3, 8, tzinfo=WIB)
"""A Monday four weeks before Idul Fitri: the reply clocks run into the longest closed stretch of the year (eleven days)."""
LEAD: Final = timedelta(seconds=8)
"""Real time between the anchoring of the clock and services that are ready, on a quiet machine."""
SPEED: Final = 28_000.0
"""Eight weeks of Salur time in three minutes: with 300 cases a machine with two cores keeps up; with more, give it a lower one."""


class DemoSettings(BaseSettings):
    """The knobs of `make demo`."""

    model_config = SettingsConfigDict(env_prefix="SALUR_", extra="ignore", frozen=True)

    cases: Annotated[int, Field(ge=1, le=5_000, validation_alias="CASES")] = 300
    seed: Annotated[int, Field(ge=0, validation_alias="SEED")] = 1
    speed: Annotated[float, Field(gt=0, le=1_000_000, validation_alias=AliasChoices("SPEED", "SALUR_CLOCK_SPEED"))] = SPEED
    clock_start: AwareDatetime | None = None
    data: Path = Path(".salur")
    demo_out: Path = Path("out/demo")

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
