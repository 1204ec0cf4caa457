"""The command's own knobs."""

from __future__ import annotations

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from chassis.settings import knob


class CommandSettings(BaseSettings):
    """Where the services answer when it is not this machine's stack, and who publishes."""

    model_config = SettingsConfigDict(env_prefix="SALUR_", extra="ignore", frozen=True)

    intake_url: str | None = knob(None, "where the command reaches intake; when unset, this machine's stack by its port", "URL")
    routing_url: str | None = knob(None, "where the command reaches routing; when unset, this machine's stack by its port", "URL")
    sla_url: str | None = knob(None, "where the command reaches sla; when unset, this machine's stack by its port", "URL")
    notify_url: str | None = knob(None, "where the command reaches notify; when unset, this machine's stack by its port", "URL")
    publisher_key: SecretStr | None = knob(None, "key that `salur publish --http` shows to intake; not needed with SALUR_OPEN", "")
    zone: str = knob("Asia/Jakarta", "in whose local time the command shows times", "IANA zone")
