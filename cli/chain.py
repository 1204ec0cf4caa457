"""`salur verify-chain`: every service compares what it keeps of what it said with the chain of hashes that was made as it said it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from cli.common import NO, Failure, JsonFlag, complain, count, progress, write_json
from cli.parked import ServiceOption

if TYPE_CHECKING:
    from collections.abc import Callable

SILENT_SECONDS: Final = 60.0
"""How long a batch of the verification may take before its service counts as away."""


def verify_chain(
    case: Annotated[str, typer.Option("--case", metavar="ID", help="Only this case: its case_id or tracking id.")] = "",
    service: ServiceOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Verify that nothing of what was said was changed, removed or moved since; what was erased by right still verifies.

    Each service verifies its own history, in small batches while it works on. Exit code: 0 all chains hold, 1 one is broken
    (service, case and sequence are said) or there is no such case, 2 wrong use, 3 a service is away.
    """
    from cli.asking import SERVICES, ask_all, away_failure  # noqa: PLC0415 - the help must not wait for it
    from cli.cases import case_id_of, read_name, unknown  # noqa: PLC0415

    case_id = case_id_of(read_name(case)) if case else None
    stop = threading.Event()
    with progress(*_columns()) as bar:

        def verified(name: str) -> dict[str, Any]:
            task = bar.add_task(name, total=None)

            def seen(line: dict[str, Any]) -> None:
                bar.update(task, completed=line.get("events", 0), total=max(line.get("about") or 0, line.get("events", 0)) or None)

            return _verified(name, f"?case_id={case_id}" if case_id else "", seen, stop)

        found, away = ask_all((service.value,) if service else SERVICES, verified, stop)
    for verdict in found.values():
        _tell(verdict, as_json=as_json)
    if any(verdict["broken"] for verdict in found.values()):
        raise typer.Exit(NO)
    if away:
        raise away_failure(away)
    if case_id and not any(verdict["cases"] for verdict in found.values()):
        raise unknown()


def _columns() -> tuple[Any, ...]:
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    return TextColumn("{task.description:8}"), BarColumn(), MofNCompleteColumn(), TextColumn("events"), TimeElapsedColumn()


def _verified(service: str, query: str, seen: Callable[[dict[str, Any]], None], stop: threading.Event) -> dict[str, Any]:
    """Follow a service's verification to its verdict; raises AwayError when it breaks off."""
    import json  # noqa: PLC0415
    from http.client import HTTPException  # noqa: PLC0415

    from cli.asking import Answer, AwayError, opened, refused  # noqa: PLC0415

    with opened(service, f"/ops/v1/chain{query}", seconds=SILENT_SECONDS) as answer:
        if answer.status != 200:
            raise refused(service, Answer(answer.status, None))
        line: dict[str, Any] = {}
        try:
            for text in answer:
                line = json.loads(text)
                seen(line)
                if stop.is_set():
                    raise Failure("Interrupted.", NO)
        except (OSError, ValueError, HTTPException):
            line = {}
    if not line.get("done"):
        raise AwayError(service, "it broke off before it was through; ask again")
    return line


def _tell(verdict: dict[str, Any], *, as_json: bool) -> None:
    broken = verdict["broken"]
    if as_json:
        write_json({name: verdict[name] for name in ("service", "cases", "events", "erased", "broken")})
    elif broken is not None:
        complain(f"{verdict['service']}: BROKEN at case {broken['case_id']}, sequence {broken['sequence']}: {broken['why']}.")
    else:
        erased = f", {verdict['erased']:,} of them erased" if verdict["erased"] else ""
        typer.echo(f"{verdict['service']}: whole ({count(verdict['events'], 'event')} of {count(verdict['cases'], 'case')}{erased}).")
