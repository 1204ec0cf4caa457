"""Makes a database and a Kafka ready for Salur: roles, schemas, the clock, topics. Running it again changes nothing that is right.

Needs the owner's URL (`SALUR_POSTGRES_OWNER_URL`: a role that owns the database and may create roles) and the brokers
(`SALUR_KAFKA_BOOTSTRAP`). Each service's own URL is kept in the secrets folder as `postgres-<service>.url`,
beside the key that signs the links in notices and the secret that signs webhooks.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg
from pydantic import AwareDatetime, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from chassis.clock import set_anchor
from chassis.kafka import KafkaError, PartitionsError, TopicSettings, create_topics, wait_until_ready
from chassis.link import FILE as LINK_KEY
from chassis.postgres import Connection, migrate
from chassis.settings import SettingsError, knob, read_settings
from schemas.topics import TOPICS
from services.notify.channels.signing import SECRET_FILE, new_secret
from services.pulse.topics import topics as pulse_topics

ROOT: Final = Path(__file__).parent.parent
CHASSIS: Final = ROOT / "chassis" / "migrations"
READY_SECONDS: Final = 60.0

_CLOCK: Final = """
CREATE SCHEMA IF NOT EXISTS salur;
CREATE TABLE IF NOT EXISTS salur.clock (
    one boolean PRIMARY KEY CHECK (one),
    salur timestamptz NOT NULL,
    database timestamptz NOT NULL,
    speed double precision NOT NULL CHECK (speed > 0)
)"""

_CLOCK_ALONE: Final = """
GRANT USAGE ON SCHEMA salur TO salur_{service};
GRANT SELECT ON salur.clock TO salur_{service}"""
_OWN_SCHEMA: Final = f"""{_CLOCK_ALONE};
GRANT USAGE ON SCHEMA "{{service}}" TO salur_{{service}};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "{{service}}" TO salur_{{service}};
GRANT USAGE ON ALL SEQUENCES IN SCHEMA "{{service}}" TO salur_{{service}};
REVOKE UPDATE, DELETE, TRUNCATE ON "{{service}}".event FROM salur_{{service}};
REVOKE INSERT, UPDATE, DELETE ON "{{service}}".migration FROM salur_{{service}}"""
"""A service's role reaches its own schema only, and may neither change nor delete what was said."""


class PrepareSettings(BaseSettings):
    """What preparing needs to know."""

    model_config = SettingsConfigDict(env_prefix="SALUR_", extra="ignore", frozen=True)

    postgres_owner_url: str = knob("postgresql://salur_owner@127.0.0.1:5433/salur", "owner of the database; only this command uses it", "URL")
    kafka_bootstrap: str = knob("127.0.0.1:9092", "where the brokers answer", "host:port, comma separated")
    secrets: Path = knob(Path(".salur/secrets"), "folder in which each service finds its own database URL", "path")
    partitions: int = Field(12, ge=1, le=1000, description="partitions of a new topic: the most replicas that can share its work")
    replication: int = Field(1, ge=1, le=9, description="copies of a partition; 3 in production, with min.insync.replicas 2")
    clock_start: AwareDatetime | None = knob(None, "where Salur time begins when the data is new; never runs backward", "RFC 3339")
    clock_speed: float = Field(1.0, gt=0, le=1_000_000, description="Salur seconds in a real second")


async def prepare(settings: PrepareSettings, services: Mapping[str, Sequence[Path]], topics: Sequence[TopicSettings]) -> list[str]:
    """Prepare both stores; `services` are the schemas to make, each with its folders of migrations; without one it reads the clock alone.

    Returns a line for each setting of a topic that was changed. Raises OSError, TimeoutError, asyncpg.PostgresError or KafkaError when
    a store is away or refuses, and PartitionsError when SALUR_PARTITIONS was set to more than a topic has.
    """
    owner = await asyncpg.connect(settings.postgres_owner_url, timeout=10)
    try:
        await owner.execute(_CLOCK)
        await set_anchor(owner, start=settings.clock_start, speed=settings.clock_speed)
        for name, folders in services.items():
            if folders:
                await migrate(owner, name, list(folders))
            await _role(owner, name, settings)
            await owner.execute((_OWN_SCHEMA if folders else _CLOCK_ALONE).format(service=name))
    finally:
        await owner.close(timeout=5)
    _once(settings.secrets / LINK_KEY, secrets.token_bytes(32))
    _once(settings.secrets / SECRET_FILE, new_secret())
    await wait_until_ready(settings.kafka_bootstrap, READY_SECONDS)
    return await create_topics(settings.kafka_bootstrap, topics, firm="partitions" in settings.model_fields_set)


async def _role(owner: Connection, service: str, settings: PrepareSettings) -> None:
    """Make the service's role, and keep how it logs in where the service finds it."""
    role = f"salur_{service}"
    file = settings.secrets / f"postgres-{service}.url"
    known = await owner.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role)
    if not known or not file.exists():
        password = secrets.token_urlsafe(24)
        await owner.execute(f"{'ALTER' if known else 'CREATE'} ROLE {role} LOGIN PASSWORD '{password}'")
        _write(file, _url(settings.postgres_owner_url, role, password))


def _once(file: Path, content: str | bytes) -> None:
    """Write a key or secret unless there is one: every process needs the same one."""
    if not file.exists():
        _write(file, content)


def _url(owner_url: str, role: str, password: str) -> str:
    parts = urlsplit(owner_url)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{role}:{quote(password)}@{place}"))


def _write(file: Path, content: str | bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = file.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(content.encode() if isinstance(content, str) else content)
    fresh.replace(file)


def services_here() -> dict[str, list[Path]]:
    """Return the services of this checkout, each with its folders of migrations, the chassis's first."""
    folders = [file.parent for file in sorted((ROOT / "services").glob("*/__main__.py"))]
    return {folder.name: [CHASSIS, folder / "migrations"] if (folder / "migrations").exists() else [] for folder in folders}


def topics_of(settings: PrepareSettings) -> list[TopicSettings]:
    """Return Salur's topics as the settings want them."""
    said = [TopicSettings(name, settings.partitions, settings.replication, topic.config()) for name, topic in TOPICS.items()]
    return [*said, *pulse_topics(settings.partitions, settings.replication)]


def main() -> int:
    """Prepare the stores; returns the exit code: 0 done, 2 wrong settings, 3 a store is away."""
    try:
        settings = read_settings(PrepareSettings)
        changed = asyncio.run(prepare(settings, services_here(), topics_of(settings)))
    except (SettingsError, PartitionsError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, KafkaError) as error:
        sys.stderr.write(f"the stores could not be prepared ({type(error).__name__}): {error}\n")
        return 3
    sys.stdout.writelines(f"changed {line}\n" for line in changed)
    sys.stdout.write(f"ready: each service's database URL is in {settings.secrets}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
