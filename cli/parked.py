"""`salur parked …`: what the services keep aside because it cannot be processed now; taking it up again, or giving it up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from cli.common import NO, WRONG_USE, Failure, JsonFlag, complain, count, plain, print_table, progress, settings_of, write_json
from cli.kept import Reason, Service, act, case_of, find, listed, read_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cli.asking import AwayError

app = typer.Typer(help="What is kept aside until somebody acts: list, show, redrive, discard.", no_args_is_help=True)

MOST: Final = 1000


ServiceOption = Annotated[Service | None, typer.Option("--service", help="Only this service.")]
Ids = Annotated[list[str], typer.Argument(metavar="ID...", help="Ids as `salur parked list` shows them.")]


@app.callback()
def _group() -> None:
    """What is kept aside until somebody acts: list, show, redrive, discard."""


@app.command("list")
def list_parked(
    service: ServiceOption = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=MOST, help="The oldest so many.")] = 100,
    as_json: JsonFlag = False,
) -> None:
    """List what is parked, the oldest first, with its reason and its case.

    Exit code: 0 listed (also when there is nothing), 2 wrong use, 3 a service is away.
    """
    rows, counts, away = listed(service, limit)
    rows = rows[:limit]
    if as_json:
        write_json({"parked": rows, "counts": counts, "away": [error.service for error in away]})
    elif rows:
        _table(rows)
        total = sum(sum(reasons.values()) for reasons in counts.values())
        complain(f"{count(total, 'input is', 'inputs are')} parked{'' if total == len(rows) else f', {len(rows):,} of them shown'}.")
    elif not away:
        typer.echo("Nothing is parked.")
    _tell_away(away)


@app.command()
def show(
    kept_id: Annotated[str, typer.Argument(metavar="ID", help="Its id as `salur parked list` shows it.")],
    service: ServiceOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Show one input that is or was parked: what it is, why it stands there, and what can be done; never its content.

    Exit code: 0 shown, 1 there is none of this id, 2 wrong use, 3 a service is away.
    """
    found = find(read_id(kept_id), service)
    if as_json:
        write_json(found)
        return
    for name, value in found.items():
        if value not in (None, ""):
            typer.echo(f"{name.replace('_', ' '):16} {plain(_local(value) if name == 'at' else value)}")
    if found["state"] == "parked":
        typer.echo(_ADVICE.get(found["reason"], _ADVICE["internal_error"]))


@app.command()
def redrive(
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID...]", help="Ids as `salur parked list` shows them.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Everything that is parked (of --service, with --reason).")] = False,
    reason: Annotated[Reason | None, typer.Option("--reason", help="With --all: only what is parked for this reason.")] = None,
    service: ServiceOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Take up parked inputs again, each with what waits behind it in its case; its sender gets a final receipt.

    Exit code: 0 all were taken up, 1 something stays parked or is not there, 2 wrong use, 3 a service is away.
    """
    if every == bool(ids):
        raise Failure("Name ids, or say --all.", WRONG_USE)
    if every:
        _redrive_all(service, reason, as_json=as_json)
    told = [act(read_id(kept_id), "redrive", service) for kept_id in _shown(list(ids or ()), "taking up")]
    _conclude(told, as_json=as_json)


@app.command()
def discard(
    ids: Ids,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    service: ServiceOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Give parked inputs up for good: their cases go on without them. Their bytes stay, their ids may be used again.

    An event of our own counts as said, and changes nothing any more. What is parked behind one in its case is named: redrive that.

    Exit code: 0 all are discarded, 1 something was not parked, or the answer was no, 2 wrong use, 3 a service is away.
    """
    import sys  # noqa: PLC0415

    known = [read_id(kept_id) for kept_id in ids]
    if not yes and not sys.stdin.isatty():
        raise Failure("Nobody can be asked here, and what is discarded is gone for good: say --yes.", WRONG_USE)
    if not yes and not typer.confirm(f"Discard {count(len(known), 'input')} for good?", err=True):
        raise typer.Exit(NO)
    _conclude([act(kept_id, "discard", service) for kept_id in known], as_json=as_json)


_ADVICE: Final = {
    "internal_error": "Its decision failed, which is a fault of ours: mend it, then `salur parked redrive` it.",
    "queued_behind": "An earlier input of its case is parked: redriving that one takes this one along.",
    "undecodable": "This version cannot read it: start one that can, then `salur parked redrive` it. "
    "Or `salur parked discard` it: its case then goes on as if it had changed nothing.",
    "unsupported_version": "Its type is newer than this version: start one that knows it, then `salur parked redrive` it.",
}


def _redrive_all(service: Service | None, reason: Reason | None, *, as_json: bool) -> None:
    """Take up everything, each case once, round by round until nothing new comes to light; ends the command."""
    told: list[dict[str, Any]] = []
    tried: set[str] = set()
    while True:
        rows, counts, away = listed(service, MOST)
        fresh = {case_of(row): row for row in reversed(rows) if case_of(row) not in tried and (not reason or row["reason"] == reason)}
        if not fresh:
            break
        for row in _shown(list(reversed(fresh.values())), "taking up"):
            tried.add(case_of(row))
            told.append(act(read_id(row["id"]), "redrive", Service(row["service"])))
    left = sum(number for reasons in counts.values() for why, number in reasons.items() if not reason or why == reason)
    if not as_json:
        complain(f"{count(left, 'input stays', 'inputs stay')} parked." if left else "Nothing is parked any more." if told else "Nothing is parked.")
    _conclude(told, as_json=as_json, away=away, left=left)


def _conclude(told: Sequence[dict[str, Any]], *, as_json: bool, away: Sequence[AwayError] = (), left: int = 0) -> None:
    """Say what became of each, and end the command."""
    for row in told:
        if as_json:
            write_json(row)
        else:
            typer.echo(f"{row['id']}  {_BECAME.get(row['state'], row['state'])}{_cause(row)}{_behind(row)}")
    _tell_away(away)
    raise typer.Exit(NO if left or any(row["state"] not in _DONE for row in told) else 0)


_DONE: Final = {"redriven", "rejected", "discarded"}
_BECAME: Final = {
    "redriven": "taken up",
    "rejected": "taken up, and rejected: its sender has a final receipt",
    "discarded": "discarded",
    "parked": "stays parked",
    "unknown": "is not parked anywhere",
}


def _cause(row: dict[str, Any]) -> str:
    return f": {row['reason']}{', ' + row['detail'] if row.get('detail') else ''}" if row["state"] == "parked" else ""


def _behind(row: dict[str, Any]) -> str:
    return f"; its case waits on: salur parked redrive {row['behind']}" if row["state"] == "discarded" and row.get("behind") else ""


def _shown(rows: list[Any], what: str) -> Any:
    with progress() as bar:
        yield from bar.track(rows, description=what)


def _table(rows: Sequence[dict[str, Any]]) -> None:
    from rich.table import Table  # noqa: PLC0415

    table = Table("id", "service", "since", "reason", "case", "came from", box=None, pad_edge=False, header_style="dim")
    table.columns[0].no_wrap = True
    for row in rows:
        place = _place(str(row["topic"])) or f"{row['topic']} {row['partition']}:{row['offset']}"
        why = row["reason"] + (f" ({row['detail']})" if row["detail"] else "")
        table.add_row(row["id"], row["service"], _local(row["at"]), plain(why), row["case_id"] or "", place)
    print_table(table)


def _place(topic: str) -> str:
    return "HTTP" if topic.startswith("http:") else "itself" if topic.startswith("internal:") else ""


def _local(text: str) -> str:
    from cli.settings import CommandSettings  # noqa: PLC0415
    from cli.times import moment, read_time, zone_of  # noqa: PLC0415

    return moment(read_time(text), zone_of(settings_of(CommandSettings).zone))


def _tell_away(away: Sequence[AwayError]) -> None:
    from cli.asking import away_failure  # noqa: PLC0415

    if away:
        raise away_failure(list(away))
