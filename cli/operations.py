"""`salur status` and `salur settings`: how the local stack stands, and which knobs there are."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Annotated, Any, Final

import typer

ASK_SECONDS: Final = 3.0
_JSON = Annotated[bool, typer.Option("--json", help="JSON for programs.")]


def status(as_json: _JSON = False) -> None:
    """Say which processes of `make up` run, where they answer, and what time it is for Salur.

    Exit code: 0 everything is ready, 1 something is not, 3 nothing is up.
    """
    from deploy.local.settings import LocalSettings  # noqa: PLC0415 - read only when asked for
    from deploy.local.state import StackState, is_locked  # noqa: PLC0415

    data = LocalSettings().data
    state = StackState.read(data)
    up = state is not None and is_locked(data)
    names = ("name", "replica", "pid", "address", "ready", "log")
    processes = [{name: getattr(process, name) for name in names} for process in state.processes] if state is not None and up else []
    told = {"clock": _clock(processes), "processes": processes}
    if as_json:
        typer.echo(json.dumps(told))
    elif not up:
        typer.echo("Nothing is up; `make up` starts it.")
    else:
        _table(told)
    raise typer.Exit(3 if not up else 0 if all(process["ready"] for process in processes) else 1)


def settings(as_json: _JSON = False) -> None:
    """List every setting: its name, unit, default and why."""
    rows = _settings()
    if as_json:
        typer.echo(json.dumps(rows))
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table("setting", "default", "unit", "why")
    for row in rows:
        table.add_row(row["name"], str(row["default"]), row["unit"], row["why"])
    Console().print(table)


def _clock(processes: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Ask the services for Salur time, one after the other until one answers."""
    for process in processes:
        if process["address"].startswith("http") and process["name"] != "mailbox":
            try:
                with urllib.request.urlopen(f"{process['address']}/ops/v1/clock", timeout=ASK_SECONDS) as answer:  # noqa: S310 - our own address
                    found: dict[str, Any] = json.load(answer)
            except (OSError, ValueError, urllib.error.URLError):
                continue
            return found
    return None


def _table(told: dict[str, Any]) -> None:
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    console = Console()
    clock = told["clock"]
    console.print(f"Salur time {clock['now']}, {clock['speed']:g} times real time" if clock else "Salur time: no service answers")
    table = Table("process", "ready", "pid", "address", "log")
    for process in told["processes"]:
        name = process["name"] if process["replica"] == 1 else f"{process['name']}-{process['replica']}"
        table.add_row(name, "yes" if process["ready"] else "NO", str(process["pid"] or "-"), process["address"], process["log"] or "")
    console.print(table)


def _settings() -> list[dict[str, Any]]:
    from deploy.local.settings import LocalSettings  # noqa: PLC0415
    from deploy.prepare import PrepareSettings  # noqa: PLC0415
    from services.intake.settings import IntakeSettings  # noqa: PLC0415
    from services.notify.settings import NotifySettings  # noqa: PLC0415
    from services.routing.settings import RoutingSettings  # noqa: PLC0415
    from services.sla.settings import SlaSettings  # noqa: PLC0415

    rows: dict[str, dict[str, Any]] = {}
    for kind in (IntakeSettings, RoutingSettings, SlaSettings, NotifySettings, PrepareSettings, LocalSettings):
        for name, field in kind.model_fields.items():
            extra = field.json_schema_extra
            unit = str(extra.get("unit", "")) if isinstance(extra, dict) else ""
            row = {"name": f"SALUR_{name.upper()}", "default": _plain(field.default), "unit": unit, "why": field.description or ""}
            rows.setdefault(row["name"], row)
    return sorted(rows.values(), key=lambda row: row["name"])


def _plain(default: Any) -> Any:
    return default if default is None or isinstance(default, (bool, int, float)) else str(default)
