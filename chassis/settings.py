"""Every knob that all services share: unit, default and why stand with each; the environment is read here and nowhere else."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict


def knob(default: Any, why: str, unit: str = "") -> Any:
    """Return a field with its default, the reason for it and its unit."""
    return Field(default, description=why, json_schema_extra={"unit": unit})


T = TypeVar("T", bound=BaseSettings)


class SettingsError(Exception):
    """A setting is wrong; the one sentence says which and what to do."""


Port = Annotated[int, Field(ge=1, le=65_000)]
"""Of a service; its replicas listen some hundreds higher."""
Gather = Annotated[int, Field(ge=1, le=1000)]


def gather(default_ms: int) -> Any:
    """Return the knob of how long the broker gathers records for a batch; the longer, the fewer and cheaper its batches (docs/adr/0014)."""
    return knob(default_ms, "how long the broker lets records gather that are not yet a batch", "ms")


class ChassisSettings(BaseSettings):
    """What a service needs to be carried."""

    model_config = SettingsConfigDict(env_prefix="SALUR_", extra="ignore", frozen=True)

    kafka_bootstrap: str = knob("127.0.0.1:9092", "where the brokers answer", "host:port, comma separated")
    postgres_url: str = knob("postgresql://127.0.0.1:5433/salur", "the service's own role and database; the role reaches its own schema only", "URL")
    secrets: Path = knob(Path(".salur/secrets"), "folder of master keys; back it up with the database", "path")
    host: str = knob("127.0.0.1", "address to bind; beyond loopback SALUR_OPEN is refused", "address")
    replica: Annotated[int, Field(ge=1, le=99)] = knob(1, "number among the service's replicas; names its consumer and shifts its port by 100")
    open: bool = knob(False, "trust every caller on this machine; for local use", "")
    batch_records: Annotated[int, Field(ge=1, le=5000)] = knob(500, "records a transaction carries at most; more does not pay (ADR 0003)", "records")
    gather_ms: Gather = gather(25)
    patience_seconds: Annotated[float, Field(gt=0)] = knob(120.0, "how long a store may be away before the process gives up and exits", "s")
    pool_size: Annotated[int, Field(ge=4, le=50)] = knob(6, "database connections of one process", "connections")
    http_waiting: Annotated[int, Field(ge=1)] = knob(2000, "requests that may wait for their batch; more are answered 503", "requests")
    remember_ids_days: Annotated[int, Field(ge=1)] = knob(400, "how long an id that was sent in is known again: a year, and some to spare", "d")
    remember_replay_days: Annotated[int, Field(ge=1)] = knob(90, "how long what Kafka may deliver again is known: three times its retention", "d")
    remember_bytes_days: Annotated[int, Field(ge=1)] = knob(30, "how long the sealed bytes of what was rejected or discarded are kept", "d")
    log_level: str = knob("INFO", "least level of a log line", "")

    def check(self) -> None:
        """Refuse combinations that would be unsafe; raises SettingsError."""
        if self.open and self.host not in ("127.0.0.1", "localhost", "::1"):
            raise SettingsError("SALUR_OPEN=1 turns authentication off and is refused with SALUR_HOST beyond loopback: unset one of them")


def read_settings(kind: type[T]) -> T:
    """Return settings from the environment; raises SettingsError with one sentence about the first thing that is wrong."""
    try:
        return kind()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = "SALUR_" + "_".join(str(part) for part in first["loc"]).upper()
        raise SettingsError(f"{name} is wrong: {first['msg']}") from None
