"""The demo's own stack: its own folder, emptied first, and ports that nobody else uses."""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

from deploy.demo.evidence import WEBHOOKS, hook_path
from deploy.demo.settings import DemoSettings
from deploy.local import postgres
from deploy.local.errors import AlreadyUpError
from deploy.local.settings import PORTS, REPLICA_PORT_STEP, LocalSettings, port_is_free
from deploy.local.state import LOCK_FILE, end_leftovers, is_locked, lock
from deploy.local.supervisor import Stack

MAILBOXES: Final = Path(__file__).parents[2] / "data" / "mailboxes.csv"


def set_up(settings: DemoSettings, report: Callable[[str], None]) -> Stack:
    """Return the demo's stack, not started, over an empty folder; the clock goes to the preparation by the environment.

    Raises:
        AlreadyUpError: another demo has the folder.
    """
    local = _settings(settings)
    _empty(local)
    os.environ["SALUR_CLOCK_START"] = settings.anchor.isoformat()
    os.environ["SALUR_CLOCK_SPEED"] = f"{settings.speed:g}"
    os.environ["SALUR_PUBLIC_URL"] = f"http://{local.reachable_host}:{local.notify_port}"
    os.environ["SALUR_NOTIFY_MAILBOXES"] = str(_with_webhooks(local, hook_of(local)))
    return Stack(local, report=report)


def hook_of(local: LocalSettings) -> str:
    """Return the address under which the webhook sink takes everything."""
    return f"http://{local.reachable_host}:{local.sink_port}"


def _with_webhooks(local: LocalSettings, sink: str) -> Path:
    """Write the offices' addresses as they are shipped, with a webhook besides for some coordinators, and return the file."""
    rows = list(csv.DictReader(MAILBOXES.read_text(encoding="utf-8").splitlines()))
    for row in rows:
        wanted = row["agency"] in WEBHOOKS and row["role"] == "coordinator"
        row["webhook"] = f"{sink}{hook_path(row['agency'])}" if wanted else ""
    file = local.data / "mailboxes.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return file


def _settings(settings: DemoSettings) -> LocalSettings:
    """Return the settings of the stack: stores of its own in any case, and each port that is taken replaced by a free one."""
    own = {"data": settings.folder, "secrets": None, "kafka_bootstrap": None, "postgres_owner_url": None, "smtp_host": None, "smtp_port": None}
    wanted = LocalSettings.model_validate(LocalSettings().model_dump() | own)
    replicas = range(wanted.replicas)
    usual = {name: getattr(wanted, name) for name in PORTS}
    taken = {name for name, port in usual.items() if not all(port_is_free(wanted.host, port + REPLICA_PORT_STEP * replica) for replica in replicas)}
    if not taken:
        return wanted
    free = LocalSettings.with_free_ports(**wanted.model_dump(exclude=set(PORTS)))
    return wanted.model_copy(update={name: getattr(free, name) for name in taken})


def _empty(local: LocalSettings) -> None:
    if is_locked(local.data):
        raise AlreadyUpError("A demo is running already; it ends by itself.")
    with lock(local.data):
        end_leftovers(local.data)
        postgres.clear_orphans(local)
        for path in local.data.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name != LOCK_FILE:
                path.unlink()
