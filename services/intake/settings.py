"""intake's own knobs."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from chassis.settings import ChassisSettings, Port, knob


class IntakeSettings(ChassisSettings):
    """What intake needs beside what every service needs."""

    intake_port: Port = knob(8101, "where publishers and readers of the tracking view call", "port")
    intake_public_url: Annotated[str, Field(pattern="^https?://")] | None = knob(
        None, "where publishers and reporters reach intake; `status_url` begins with it. When unset, 127.0.0.1 by its port", "URL"
    )
    intake_body_bytes: Annotated[int, Field(ge=8 * 1024**2)] = knob(
        64 * 1024**2, "bodies of requests that are in memory at one moment; callers beyond are answered 503", "bytes"
    )
    intake_rate: Annotated[float, Field(gt=0)] = knob(
        100.0, "requests of one caller over HTTP, ten seconds' worth at once, when SALUR_OPEN is off; more are answered 429", "requests/s"
    )

    @property
    def reached_at(self) -> str:
        """Where the tracking view is reached, without a slash at its end; never what a caller says of it."""
        return (self.intake_public_url or f"http://127.0.0.1:{self.intake_port}").rstrip("/")
