"""pulse's knobs."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from chassis.settings import ChassisSettings, Port, SettingsError, knob
from services.pulse.baseline import HOUR_S
from services.pulse.reference_data import CALENDAR
from services.pulse.series import MINUTE_S, Span, Tuning
from services.pulse.silence import Patience

_TUNING: Final = Tuning()
_PATIENCE: Final = Patience()
_SHORT, _LONG = _TUNING.spans
STEP_MINUTES: Final = _TUNING.step_s // MINUTE_S


class PulseSettings(ChassisSettings):
    """What pulse needs beside what all services share."""

    pulse_port: Port = knob(8105, "where it answers over HTTP", "port")
    pulse_calendar: Path = knob(CALENDAR, "working days: silences of agencies, and which days are like Sundays", "path")
    pulse_short_minutes: Annotated[int, Field(ge=5, le=180)] = knob(
        _SHORT.length_s // MINUTE_S, "the shorter window in which arrivals may be a surge; whole steps of 5", "min"
    )
    pulse_short_floor: Annotated[int, Field(ge=2, le=1_000_000)] = knob(
        _SHORT.floor, "fewer in it are no surge: three reports in a village are not a flood", "reports"
    )
    pulse_long_minutes: Annotated[int, Field(ge=5, le=1440)] = knob(
        _LONG.length_s // MINUTE_S, "the longer window; also how late an event may be and still count", "min"
    )
    pulse_long_floor: Annotated[int, Field(ge=2, le=1_000_000)] = knob(_LONG.floor, "fewer in it are no surge", "reports")
    pulse_ratio: Annotated[float, Field(gt=1, le=1000)] = knob(_TUNING.ratio, "a surge is at least so many times the usual", "")
    pulse_chance: Annotated[float, Field(gt=0, lt=0.1)] = knob(_TUNING.chance, "and by chance at most so likely in one window (docs/pulse.md)", "")
    pulse_calm_minutes: Annotated[int, Field(ge=5, le=1440)] = knob(
        _TUNING.calm_s // MINUTE_S, "a surge is over when it has been calm for so long", "min"
    )
    pulse_window_hours: Annotated[int, Field(ge=1, le=168)] = knob(24, "window of an agency's and a publisher's counts; it hops by the hour", "h")
    pulse_silent_days: Annotated[int, Field(ge=1, le=250)] = knob(
        _PATIENCE.working_days,
        "whole working days in which an agency that received cases did nothing: 3 to verify and 5 to follow up",
        "working days",
    )
    pulse_silent_hours: Annotated[int, Field(ge=1, le=8760)] = knob(
        _PATIENCE.shortest_s // 3600, "a shorter pause of a publisher is never a silence", "h"
    )
    pulse_publishers: Annotated[int, Field(ge=1, le=100_000)] = knob(1000, "publishers a partition watches: their names are free text", "publishers")
    pulse_news_hours: Annotated[float, Field(gt=0, le=8760)] = knob(
        24.0, "what was found so far behind the clock is learned and shown, and nobody is told: a first start reads a month back", "h"
    )
    pulse_top: Annotated[int, Field(ge=1, le=50)] = knob(10, "places of each list that is shown; the gauges of the lists have as many series", "")
    pulse_batch_seconds: Annotated[float, Field(gt=0, le=60)] = knob(
        1.0, "counts are summed up so long before a row is written: longer is cheaper", "s"
    )
    pulse_nice: Annotated[int, Field(ge=0, le=19)] = knob(19, "how far the process steps back when the main flow wants the processor", "")

    def check(self) -> None:
        """Refuse combinations that could not work; raises SettingsError."""
        ChassisSettings.check(self)
        if self.pulse_short_minutes % STEP_MINUTES or self.pulse_long_minutes % STEP_MINUTES:
            raise SettingsError(f"SALUR_PULSE_SHORT_MINUTES and SALUR_PULSE_LONG_MINUTES must be whole steps of {STEP_MINUTES} minutes")
        if self.pulse_short_minutes >= self.pulse_long_minutes:
            raise SettingsError("SALUR_PULSE_SHORT_MINUTES must be less than SALUR_PULSE_LONG_MINUTES")

    @property
    def tuning(self) -> Tuning:
        """Return what a surge is judged by."""
        spans = (
            Span(self.pulse_short_minutes * MINUTE_S, self.pulse_short_floor),
            Span(self.pulse_long_minutes * MINUTE_S, self.pulse_long_floor),
        )
        return Tuning(spans=spans, ratio=self.pulse_ratio, chance=self.pulse_chance, calm_s=self.pulse_calm_minutes * MINUTE_S)

    @property
    def patience(self) -> Patience:
        """Return what a silence is judged by."""
        return Patience(working_days=self.pulse_silent_days, shortest_s=self.pulse_silent_hours * HOUR_S)

    @property
    def news(self) -> timedelta:
        """Return how old what is found may be, to be told."""
        return timedelta(hours=self.pulse_news_hours)
