"""`salur trace ID`: one case's whole way over all services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from cli.common import AWAY, JsonFlag, complain, plain, print_table, settings_of, write_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import tzinfo

    from cli.asking import AwayError
    from cli.timeline import Step

_NOT_KAFKA: Final = {"http": "a request", "itself": "something of its own (a timer, or a result)"}
NARROW: Final = 72
"""Columns below which a line has two parts instead of four."""


def trace(
    case: Annotated[str, typer.Argument(metavar="ID", help="A case_id, or the tracking id that the reporter has.")],
    zone: Annotated[str, typer.Option("--zone", help="In whose local time, as Asia/Makassar; SALUR_ZONE, else Asia/Jakarta.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """Tell one case's whole way over all services as a timeline: what came in, who owns it, its deadlines, who was told.

    Of what citizens wrote it shows the redacted title of an ordinary case, nothing else. Exit code: 0 told, 1 there is no such
    case, 2 wrong use, 3 a service is away: the others' parts are told all the same.
    """
    from cli.cases import case_id_of, parts_of, read_name  # noqa: PLC0415 - the help must not wait for it
    from cli.settings import CommandSettings  # noqa: PLC0415
    from cli.timeline import merged  # noqa: PLC0415
    from cli.times import zone_of  # noqa: PLC0415

    local = zone_of(zone or settings_of(CommandSettings).zone)
    parts, away = parts_of(case_id_of(read_name(case)))
    steps = merged(parts)
    if as_json:
        write_json(_document(parts, steps, away))
    else:
        _tell(parts, steps, local)
        for error in away:
            complain(f"{error}: its part of the story is missing.")
    raise typer.Exit(AWAY if away else 0)


def _document(parts: Mapping[str, Any], steps: Sequence[Step], away: Sequence[AwayError]) -> dict[str, Any]:
    first = next(iter(parts.values()))
    return {
        "case_id": first["case_id"],
        "tracking_id": _tracking(parts),
        "events": [{"service": step.service, **step.event} for step in steps if step.event],
        "received": [{"service": step.service, **step.receipt} for step in steps if step.receipt is not None],
        "parked": [{"service": service, **row} for service, part in parts.items() for row in part["parked"]],
        "held": [{"service": service, **row} for service, part in parts.items() for row in part["held"]],
        "truncated": [service for service, part in parts.items() if part["truncated"]],
        "away": [error.service for error in away],
    }


def _tracking(parts: Mapping[str, Any]) -> str | None:
    return next((part["tracking_id"] for part in parts.values() if part["tracking_id"]), None)


def _tell(parts: Mapping[str, Any], steps: Sequence[Step], zone: tzinfo) -> None:
    _head(parts, steps, zone)
    typer.echo()
    _way(steps, zone)
    waiting = [line for service, part in parts.items() for line in _waiting(service, part, zone)]
    if waiting:
        typer.echo()
        for line in waiting:
            typer.echo(line)
    for service, part in parts.items():
        if part["truncated"]:
            complain(f"{service} has said more of this case than is shown here.")


def _head(parts: Mapping[str, Any], steps: Sequence[Step], zone: tzinfo) -> None:
    from cli.story import state_words  # noqa: PLC0415
    from cli.timeline import latest, running  # noqa: PLC0415
    from cli.times import moment, read_time  # noqa: PLC0415

    title = next((step.event["data"]["title"] for step in steps if step.event and step.event["data"].get("title")), "")
    typer.echo(f"{_tracking(parts) or 'No tracking id is known.'}  {plain(title)}".rstrip())
    typer.echo(f"case {next(iter(parts.values()))['case_id']}")
    now = latest(steps, "routing")
    if now:
        typer.echo(f"now  {state_words(now.get('state'))}, owner {plain(now.get('owner'))}")
    for event in running(steps):
        data, what = event["data"], event["type"].split(".")[-2]
        words = {"breached": "was due", "paused": "stands still, was due"}.get(what, "due")
        typer.echo(
            f"     {plain(data['clock']).replace('_', '-')} clock of {plain(data['agency'])} {words} {moment(read_time(data['due_at']), zone)}"
        )


def _way(steps: Sequence[Step], zone: tzinfo) -> None:
    """Print the steps day by day; equal times are said once, and how long it was since the time before."""
    from rich.text import Text  # noqa: PLC0415

    from cli.common import console  # noqa: PLC0415
    from cli.story import sentence, style_of  # noqa: PLC0415
    from cli.times import clock, day, span  # noqa: PLC0415

    narrow = console().width < NARROW
    table, today, before = None, "", None
    for step in steps:
        if day(step.at, zone) != today:
            if table is not None:
                print_table(table)
                typer.echo()
            today = day(step.at, zone)
            typer.echo(typer.style(f"{today}, {step.at.astimezone(zone):%Z}", bold=True))
            table = _grid(narrow=narrow)
        assert table is not None
        same = before == step.at
        at, since = ("", "") if same else (clock(step.at, zone), f"+{span(step.at - before)}" if before else "")
        told = Text(sentence(step, zone), style=style_of(step))
        if narrow:
            table.add_row(at, Text.assemble((f"{step.service}: ", "dim"), told, (f" ({since})" if since else "", "dim")))
        else:
            table.add_row(at, Text(since, style="dim"), Text(step.service, style="dim"), told)
        before = step.at
    if table is not None:
        print_table(table)


def _grid(*, narrow: bool) -> Any:
    from rich.table import Table  # noqa: PLC0415

    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(min_width=10, no_wrap=True)
    if not narrow:
        table.add_column(min_width=12, justify="right", no_wrap=True)
        table.add_column(min_width=7, no_wrap=True)
    table.add_column(overflow="fold")
    return table


def _waiting(service: str, part: Mapping[str, Any], zone: tzinfo) -> list[str]:
    from cli.times import moment, read_time  # noqa: PLC0415

    parked = [
        f"{service} has parked {_place(row)} since {moment(read_time(row['at']), zone)}: {row['code']}. "
        f"`salur parked redrive {row['id']}` takes it up again."
        for row in part["parked"]
    ]
    held = [f"{service} holds an event since {moment(read_time(row['since']), zone)}: it waits for what it follows." for row in part["held"]]
    return parked + held


def _place(row: Mapping[str, Any]) -> str:
    return _NOT_KAFKA[row["door"]] if row["topic"] is None else f"{row['topic']} {row['partition']}:{row['offset']}"
