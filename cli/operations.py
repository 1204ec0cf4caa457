"""`salur status` and `salur settings`: how the local stack stands, and which knobs there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import typer

from cli.common import AWAY, NO, JsonFlag, local_settings, print_table, write_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic_settings import BaseSettings

ASK_SECONDS: Final = 3.0


def status(as_json: JsonFlag = False) -> None:
    """Say which processes of `make up` run, where they answer, and what time it is for Salur.

    Exit code: 0 everything is ready, 1 something is not, 3 nothing is up.
    """
    from deploy.local.state import StackState, is_locked  # noqa: PLC0415 - read only when asked for

    data = local_settings().data
    state = StackState.read(data)
    up = state is not None and is_locked(data)
    names = ("name", "replica", "pid", "address", "ready", "log")
    processes = [{name: getattr(process, name) for name in names} for process in state.processes] if state is not None and up else []
    told = {"clock": _clock() if up else None, "processes": processes}
    if as_json:
        write_json(told)
    elif not up:
        typer.echo(f"Nothing is up on {data} (SALUR_DATA); `make up` starts it.")
    else:
        _table(told)
    raise typer.Exit(AWAY if not up else 0 if all(process["ready"] for process in processes) else NO)


def settings(as_json: JsonFlag = False) -> None:
    """List every setting of the environment: its name, default, unit, and why it is there.

    Exit code: 0 listed, 2 wrong use.
    """
    rows = _settings()
    if as_json:
        write_json(rows)
        return
    from rich.table import Table  # noqa: PLC0415

    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("setting", "default", "unit", "why"):
        table.add_column(heading, overflow="fold")
    table.columns[0].no_wrap = True
    for row in rows:
        table.add_row(row["name"], "" if row["default"] is None else str(row["default"]), row["unit"], row["why"])
    print_table(table)


def _clock() -> dict[str, Any] | None:
    """Ask the services for Salur time, one after the other until one answers."""
    from cli.asking import SERVICES, AwayError, ask  # noqa: PLC0415

    for service in SERVICES:
        try:
            answer = ask(service, "/ops/v1/clock", seconds=ASK_SECONDS)
        except AwayError:
            continue
        if answer.status == 200:
            found: dict[str, Any] = answer.document
            return found
    return None


def _table(told: dict[str, Any]) -> None:
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    clock = told["clock"]
    typer.echo(f"Salur time {clock['now']}, {clock['speed']:g} times real time" if clock else "Salur time: no service answers")
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("process", "ready", "pid", "address", "log"):
        table.add_column(heading, overflow="fold")
    table.columns[0].no_wrap = True
    for process in told["processes"]:
        name = process["name"] if process["replica"] == 1 else f"{process['name']}-{process['replica']}"
        ready = Text("yes", style="green") if process["ready"] else Text("NO", style="red")
        table.add_row(name, ready, str(process["pid"] or ""), process["address"], process["log"] or "")
    print_table(table)


def _settings() -> list[dict[str, Any]]:
    """Return every setting once; where another program starts from another default, `why` says so."""
    rows: dict[str, dict[str, Any]] = {}
    for reader, kind in _kinds():
        for name, field in kind.model_fields.items():
            extra = field.json_schema_extra
            unit = str(extra.get("unit", "")) if isinstance(extra, dict) else ""
            default = _plain(field.default)
            alias = field.validation_alias
            row = {"name": alias if isinstance(alias, str) else f"SALUR_{name.upper()}", "default": default, "unit": unit or _unit(field.annotation)}
            known = rows.setdefault(row["name"], {**row, "why": field.description or ""})
            known["why"] = known["why"] or field.description or ""
            if known["default"] != default and default is not None:
                known["why"] += f" ({reader}: {default})"
    return sorted((row for row in rows.values() if row["why"]), key=lambda row: str(row["name"]))


def _kinds() -> Iterator[tuple[str, type[BaseSettings]]]:
    from cli.settings import CommandSettings  # noqa: PLC0415
    from deploy.demo.settings import DemoSettings  # noqa: PLC0415
    from deploy.local.settings import LocalSettings  # noqa: PLC0415
    from deploy.prepare import PrepareSettings  # noqa: PLC0415
    from services.intake.settings import IntakeSettings  # noqa: PLC0415
    from services.notify.settings import NotifySettings  # noqa: PLC0415
    from services.pulse.settings import PulseSettings  # noqa: PLC0415
    from services.routing.settings import RoutingSettings  # noqa: PLC0415
    from services.sla.settings import SlaSettings  # noqa: PLC0415

    kinds: dict[str, type[BaseSettings]] = {"intake": IntakeSettings, "routing": RoutingSettings, "sla": SlaSettings, "notify": NotifySettings}
    kinds |= {"pulse": PulseSettings, "prepare": PrepareSettings, "make up": LocalSettings, "salur": CommandSettings, "make demo": DemoSettings}
    yield from kinds.items()


def _unit(kind: Any) -> str:
    return {bool: "0 or 1", int: "number", float: "number"}.get(kind, "text")


def _plain(default: Any) -> Any:
    return default if default is None or isinstance(default, (bool, int, float)) else str(default)
