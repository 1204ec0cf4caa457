"""What the local stack is made of: a part each for Kafka, PostgreSQL, mailbox, webhook sink and the services."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import services
from deploy.local import kafka, postgres
from deploy.local.errors import LocalError
from deploy.local.jars import Progress, ensure_jars
from deploy.local.managed import Part
from deploy.local.probes import alive, http_probe, kafka_probe
from deploy.local.process import Command
from deploy.local.settings import REPLICA_PORT_STEP, LocalSettings

ALL_PARTS = frozenset({"kafka", "postgres", "prepare", "mailbox", "sink", "services"})
STORE_PROBE_SECONDS = 10.0
# Without authentication, and to webhooks on this machine: the services refuse the first when they bind beyond loopback.
LOCAL_DEFAULTS = {"SALUR_OPEN": "1", "SALUR_NOTIFY_ALLOW_LOOPBACK": "1"}
# What only the preparation may know: the anchor of the clock is in the database afterwards, and no service is the owner.
FOR_PREPARE_ONLY = ("SALUR_CLOCK_START", "SALUR_CLOCK_SPEED", "SALUR_POSTGRES_OWNER_URL")


@dataclass(frozen=True, slots=True)
class Service:
    """A service to run `replicas` times; `port` is the first replica's, None when it answers no `/readyz`."""

    name: str
    arguments: tuple[str, ...]
    port: int | None
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PortUse:
    """A port that must be free before anything starts, and the setting that moves it."""

    host: str
    port: int
    who: str
    setting: str


def find_services(settings: LocalSettings) -> tuple[Service, ...]:
    """Return the services that are there: each folder of `services/` that can be run."""
    found: list[Service] = []
    for folder in services.__path__:
        names = sorted(path.parent.name for path in Path(folder).glob("*/__main__.py"))
        found += [Service(name, (sys.executable, "-m", f"services.{name}"), _port(settings, name)) for name in names]
    return tuple(sorted(found, key=lambda service: service.port or 0))


def kafka_part(settings: LocalSettings, progress: Progress) -> Part:
    """Return the broker; fetches its jars and formats its storage the first time."""
    libs = ensure_jars(settings.cache, progress)
    return Part(
        name="kafka",
        replica=1,
        address=settings.bootstrap,
        command=kafka.kafka_command(settings, libs),
        probe=kafka_probe(settings.bootstrap),
        stop_seconds=20.0,
        probe_every_seconds=STORE_PROBE_SECONDS,
    )


def postgres_part(settings: LocalSettings) -> Part:
    """Return the database server; its cluster is there already."""
    return Part(
        name="postgres",
        replica=1,
        address=f"127.0.0.1:{settings.postgres_port}",
        command=postgres.postgres_command(settings),
        probe=lambda: postgres.answers(postgres.superuser_url(settings)),
        stop_seconds=20.0,
        probe_every_seconds=STORE_PROBE_SECONDS,
        clean=lambda: postgres.clear_orphans(settings),
    )


def mailbox_part(settings: LocalSettings) -> Part:
    """Return the mailbox; it is ready when it takes mail and shows it."""
    arguments = (sys.executable, "-m", "deploy.local.mailbox")
    return Part(
        name="mailbox",
        replica=1,
        address=f"http://{settings.reachable_host}:{settings.mailbox_port}",
        command=Command(arguments, settings.logs_folder / "mailbox.log", common_environment(settings)),
        probe=http_probe(settings.reachable_host, settings.mailbox_port),
    )


def sink_part(settings: LocalSettings) -> Part:
    """Return the webhook sink."""
    arguments = (sys.executable, "-m", "deploy.local.sink")
    return Part(
        name="sink",
        replica=1,
        address=f"http://{settings.reachable_host}:{settings.sink_port}",
        command=Command(arguments, settings.logs_folder / "sink.log", common_environment(settings)),
        probe=http_probe(settings.reachable_host, settings.sink_port),
    )


def service_part(settings: LocalSettings, service: Service, replica: int) -> Part:
    """Return one replica of a service; the preparation has left its database URL in the secrets folder."""
    environment = common_environment(settings) | {"SALUR_REPLICA": str(replica)} | dict(service.environment)
    if "SALUR_POSTGRES_URL" not in environment:
        environment["SALUR_POSTGRES_URL"] = _postgres_url(settings, service.name)
    log = settings.logs_folder / (f"{service.name}.log" if replica == 1 else f"{service.name}-{replica}.log")
    command = Command(service.arguments, log, environment)
    if service.port is None:
        return Part(service.name, replica, "", command, alive)
    port = service.port + REPLICA_PORT_STEP * (replica - 1)
    host = settings.reachable_host
    return Part(service.name, replica, f"http://{host}:{port}", command, http_probe(host, port))


def prepare_command(settings: LocalSettings) -> Command:
    """Return the preparation: database roles, schemas, migrations, the clock's anchor, topics."""
    environment = common_environment(settings)
    environment |= {name: os.environ[name] for name in FOR_PREPARE_ONLY if name in os.environ}
    environment["SALUR_POSTGRES_OWNER_URL"] = postgres.owner_url(settings)
    return Command((sys.executable, "-m", "deploy.prepare"), settings.logs_folder / "prepare.log", environment)


def common_environment(settings: LocalSettings) -> dict[str, str]:
    """Return the environment of every Python process of the stack: ours, with the settings spelled out."""
    environment = LOCAL_DEFAULTS | _addresses(settings) | {name: value for name, value in os.environ.items() if name not in FOR_PREPARE_ONLY}
    spelled = settings.model_dump(exclude_none=True, exclude={"postgres_owner_url"})
    environment |= {f"SALUR_{name.upper()}": str(value) for name, value in spelled.items()}
    return environment | {
        "SALUR_KAFKA_BOOTSTRAP": settings.bootstrap,
        "SALUR_SECRETS": str(settings.secrets_folder),
        "SALUR_SMTP_HOST": settings.smtp_host or settings.reachable_host,
        "SALUR_SMTP_PORT": str(settings.smtp_port or settings.mailbox_smtp_port),
        "PYTHONUNBUFFERED": "1",
    }


def _addresses(settings: LocalSettings) -> dict[str, str]:
    """Return where people reach notify, and where it reaches the others for the page behind its links."""
    host = settings.reachable_host
    others = {f"SALUR_NOTIFY_{name.upper()}_URL": f"http://{host}:{_port(settings, name)}" for name in ("intake", "routing", "sla")}
    return {"SALUR_PUBLIC_URL": f"http://{host}:{settings.notify_port}", **others}


def ports_needed(settings: LocalSettings, parts: frozenset[str], found: tuple[Service, ...]) -> list[PortUse]:
    """Return every port that the chosen parts will listen on."""
    uses: list[PortUse] = []
    if "kafka" in parts:
        uses.append(PortUse("127.0.0.1", settings.kafka_port, "Kafka", "SALUR_KAFKA_PORT"))
        uses.append(PortUse("127.0.0.1", settings.kafka_controller_port, "Kafka's controller", "SALUR_KAFKA_CONTROLLER_PORT"))
    if "postgres" in parts:
        uses.append(PortUse("127.0.0.1", settings.postgres_port, "PostgreSQL", "SALUR_POSTGRES_PORT"))
    if "mailbox" in parts:
        uses.append(PortUse(settings.host, settings.mailbox_smtp_port, "the mailbox's SMTP", "SALUR_MAILBOX_SMTP_PORT"))
        uses.append(PortUse(settings.host, settings.mailbox_port, "the mailbox's page", "SALUR_MAILBOX_PORT"))
    if "sink" in parts:
        uses.append(PortUse(settings.host, settings.sink_port, "the webhook sink", "SALUR_SINK_PORT"))
    for service in found if "services" in parts else ():
        for replica in range(settings.replicas):
            if service.port is not None:
                port = service.port + REPLICA_PORT_STEP * replica
                uses.append(PortUse(settings.host, port, service.name, f"SALUR_{service.name.upper()}_PORT"))
    return uses


def _port(settings: LocalSettings, name: str) -> int:
    port: int = getattr(settings, f"{name}_port")
    return port


def _postgres_url(settings: LocalSettings, service: str) -> str:
    file = settings.secrets_folder / f"postgres-{service}.url"
    if not file.exists():
        raise LocalError(f"The database role of {service} was not prepared: {file} is missing.")
    return file.read_text().strip()
