"""Where the local stack listens and keeps its data: environment variables with the prefix SALUR_."""

import random
import socket
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from chassis.settings import knob

REPLICA_PORT_STEP = 100
# Below the range from which the kernel takes ports for outgoing connections: what is free now stays free until we listen.
FREE_PORTS = range(20_000, 32_000)
PORTS = (
    "intake_port",
    "routing_port",
    "sla_port",
    "notify_port",
    "pulse_port",
    "kafka_port",
    "kafka_controller_port",
    "postgres_port",
    "mailbox_smtp_port",
    "mailbox_port",
    "sink_port",
)


class LocalSettings(BaseSettings):
    """The settings of `make up`; each field is read from SALUR_<FIELD>."""

    model_config = SettingsConfigDict(env_prefix="SALUR_", frozen=True, validate_default=True)

    data: Path = knob(Path(".salur"), "holds everything the stack keeps", "folder")
    cache: Path = knob(Path(".salur/cache"), "Kafka's jars, shared by all data folders and kept by a reset", "folder")
    secrets: Path | None = knob(None, "generated passwords and keys; <data>/secrets when unset", "folder")
    host: str = knob("127.0.0.1", "where services, mailbox and webhook sink listen; the stores stay on loopback", "address")
    intake_port: int = knob(8101, "HTTP of intake's first replica", "port")
    routing_port: int = knob(8102, "HTTP of routing's first replica", "port")
    sla_port: int = knob(8103, "HTTP of sla's first replica", "port")
    notify_port: int = knob(8104, "HTTP of notify's first replica", "port")
    pulse_port: int = knob(8105, "HTTP of pulse's first replica", "port")
    kafka_port: int = knob(9092, "Kafka for clients", "port")
    kafka_controller_port: int = knob(9093, "Kafka's own quorum", "port")
    postgres_port: int = knob(5433, "not 5432, where a system's own PostgreSQL listens", "port")
    mailbox_smtp_port: int = knob(8125, "where the mailbox takes mail", "port")
    mailbox_port: int = knob(8126, "where the mailbox shows it", "port")
    sink_port: int = knob(8127, "where the webhook sink takes webhooks and shows them", "port")
    replicas: Annotated[int, Field(ge=1, le=9)] = knob(1, "of each service; a further one listens 100 ports higher", "processes")
    partitions: Annotated[int, Field(ge=1)] = knob(3, "of each topic; fewer than elsewhere, as each costs on a small machine", "partitions")
    kafka_bootstrap: str | None = knob(None, "an existing Kafka; when set, none is started", "host:port, comma separated")
    # Not shown when settings are printed: it holds a password.
    postgres_owner_url: str | None = Field(None, repr=False, description="an existing PostgreSQL; when set, none is started")
    local_java: Path | None = knob(None, "a Java 17 or newer to use instead of the packaged one", "file")
    smtp_host: str | None = knob(None, "where notify hands in mail; the mailbox when unset", "address")
    smtp_port: int | None = knob(None, "where notify hands in mail; the mailbox when unset", "port")

    @field_validator("data", "cache", "secrets")
    @classmethod
    def _absolute(cls, path: Path | None) -> Path | None:
        return None if path is None else path.expanduser().resolve()

    @property
    def secrets_folder(self) -> Path:
        """Return the folder of secrets."""
        return self.secrets or self.data / "secrets"

    @property
    def logs_folder(self) -> Path:
        """Return the folder with one log a process."""
        return self.data / "logs"

    @property
    def bootstrap(self) -> str:
        """Return Kafka's address for clients."""
        return self.kafka_bootstrap or f"127.0.0.1:{self.kafka_port}"

    @property
    def reachable_host(self) -> str:
        """Return the address under which this machine reaches what listens on `host`."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - compared, not bound

    @classmethod
    def with_free_ports(cls, **fields: object) -> Self:
        """Return settings whose ports nobody uses now; `fields` win, and the environment names no ports here."""
        given = cls.model_validate(fields)
        ports: dict[str, int] = {}
        for name in PORTS:
            ports[name] = _free_port(given.replicas, taken=set(ports.values()))
        return cls.model_validate(ports | fields)


def port_is_free(host: str, port: int) -> bool:
    """Return whether a server could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _free_port(replicas: int, taken: set[int]) -> int:
    for base in random.sample(FREE_PORTS, k=1_000):
        wanted = range(base, base + replicas * REPLICA_PORT_STEP, REPLICA_PORT_STEP)
        blocked = {port + REPLICA_PORT_STEP * step for port in taken for step in range(replicas)}
        if blocked.isdisjoint(wanted) and all(port_is_free("127.0.0.1", port) for port in wanted):
            return base
    raise OSError("no free port found on this machine")
