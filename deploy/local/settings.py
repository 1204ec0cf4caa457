"""Where the local stack listens and keeps its data: environment variables with the prefix SALUR_."""

import random
import socket
from pathlib import Path
from typing import Self

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

REPLICA_PORT_STEP = 100
# Below the range from which the kernel takes ports for outgoing connections: what is free now stays free until we listen.
FREE_PORTS = range(20_000, 32_000)
PORTS = (
    "intake_port",
    "routing_port",
    "sla_port",
    "notify_port",
    "kafka_port",
    "kafka_controller_port",
    "postgres_port",
    "mailbox_smtp_port",
    "mailbox_port",
)


class LocalSettings(BaseSettings):
    """The settings of `make up`; each field is read from SALUR_<FIELD>."""

    model_config = SettingsConfigDict(env_prefix="SALUR_", frozen=True, validate_default=True)

    data: Path = Field(Path(".salur"), description="folder that holds everything the stack keeps")
    cache: Path = Field(Path(".salur/cache"), description="folder of Kafka's jars, shared by all data folders")
    secrets: Path | None = Field(None, description="folder of generated passwords and keys; <data>/secrets when unset")
    host: str = Field("127.0.0.1", description="where services and mailbox listen; the stores stay on loopback")
    intake_port: int = 8101
    routing_port: int = 8102
    sla_port: int = 8103
    notify_port: int = 8104
    kafka_port: int = 9092
    kafka_controller_port: int = 9093
    postgres_port: int = 5433
    mailbox_smtp_port: int = 8125
    mailbox_port: int = 8126
    replicas: int = Field(1, ge=1, le=9, description="processes a service; each further one listens 100 ports higher")
    partitions: int = Field(3, ge=1, description="partitions a topic; each costs something on a small machine")
    kafka_bootstrap: str | None = Field(None, description="an existing Kafka; when set, none is started")
    postgres_owner_url: str | None = Field(None, repr=False, description="an existing PostgreSQL; when set, none is started")
    local_java: Path | None = Field(None, description="a Java 17 or newer to use instead of the packaged one")
    smtp_host: str | None = Field(None, description="where notify hands in mail; the mailbox when unset")
    smtp_port: int | None = None

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
