"""`salur validate FILE`: would this be taken? Asked before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from cli.common import NO, WRONG_USE, Failure, JsonFlag, complain, count, progress, write_json
from cli.reading import DEFAULT_SOURCE, FileArgument, Format, FormatOption

if TYPE_CHECKING:
    from datetime import datetime

    from cli.checking import Verdict

SHOWN: Final = 50
"""Bad lines that a person is shown; `--json` has all."""


def validate(
    file: FileArgument,
    format_: FormatOption = None,
    at: Annotated[str, typer.Option("--at", help="Judge times as if it were then (RFC 3339); this machine's clock when not said.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """Check each line against the contract as the services will; no server is needed and nothing is sent.

    Lines are CloudEvents of any type that Salur takes, `{"idempotency_key", "data"}`, or the data of a submission alone; a CSV
    table's first row names the fields of a submission (`text`, `category`, `reporter.name` …) and may have a column `id`.
    Errors say line, code and place, never a value. Exit code: 0 all lines are good, 1 some are not, 2 wrong use.
    """
    from cli.checking import Judge  # noqa: PLC0415 - the help must not wait for it
    from cli.reading import events  # noqa: PLC0415

    judge, lines, bad, done = Judge(_now(at)), 0, 0, 0
    with events(file, Format(format_) if format_ else None, DEFAULT_SOURCE) as (read, size), progress() as bar:
        task = bar.add_task("checking", total=size or None)
        for line in read:
            lines += 1
            verdict = judge.verdict(line)
            done += len(line.value) + 1
            if lines % 100 == 0:
                bar.update(task, completed=done)
            if verdict is not None:
                bad += 1
                _tell(line.number, verdict, bad, as_json=as_json)
    if as_json:
        write_json({"lines": lines, "good": lines - bad, "bad": bad})
    else:
        more = f", {bad - SHOWN:,} of them not shown (--json shows all)" if bad > SHOWN else ""
        complain(
            f"{count(lines, 'line')}: " + (f"{bad:,} would be rejected{more}." if bad else "all would be taken.") if lines else "There are no lines."
        )
    raise typer.Exit(NO if bad else 0)


def _tell(number: int, verdict: Verdict, bad: int, *, as_json: bool) -> None:
    if as_json:
        errors = [{"path": problem.path, "message": problem.message} for problem in verdict.errors]
        write_json({"line": number, "code": verdict.code, "errors": errors})
    elif bad <= SHOWN:
        for problem in verdict.errors:
            typer.echo(f"line {number}: {verdict.code}: {problem.path} {problem.message}".replace(":  ", ": "))


def _now(at: str) -> datetime:
    from datetime import UTC, datetime  # noqa: PLC0415

    if not at:
        return datetime.now(UTC)
    try:
        given = datetime.fromisoformat(at)
    except ValueError:
        given = None
    if given is None or given.tzinfo is None:
        raise Failure("--at wants a time with its offset, like 2026-03-02T08:00:00+07:00.", WRONG_USE)
    return given
