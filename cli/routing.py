"""`salur routing …`: whose a submission would be, and why; nothing is changed by asking."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from cli.common import NO, WRONG_USE, Failure, JsonFlag, plain, write_json
from cli.reading import DEFAULT_SOURCE, FormatOption

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cli.lines import Line
    from cli.reading import Format

app = typer.Typer(help="Whose a submission would be, and why.", no_args_is_help=True)

_TEXT: Final = "."
"""A submission must have a text; owners do not depend on it."""


@app.callback()
def _group() -> None:
    """Whose a submission would be, and why."""


@app.command()
def explain(
    file: Annotated[str | None, typer.Argument(metavar="[FILE]", help="Submissions as lines of JSON or CSV; - is standard input.")] = None,
    category: Annotated[str, typer.Option("--category", help="A code of the category tree, as infrastruktur.jalan.")] = "",
    region: Annotated[str, typer.Option("--region", help="A Kemendagri code, as 35.22.")] = "",
    kind: Annotated[str, typer.Option("--kind", help="complaint, oversight_complaint, aspiration, information_request, whistleblowing.")] = "",
    addressed_to: Annotated[str, typer.Option("--addressed-to", help="The agency that the reporter chose: its code or name.")] = "",
    format_: FormatOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Say who would own a submission, by which rule, why, and who comes after; for a file, line by line.

    Exit code: 0 all explained, 1 a line cannot be read or has an error, 2 wrong use, 3 routing is away.
    """
    given = {"category": category, "region": region, "kind": kind, "addressed_to": addressed_to}
    named = {name: value for name, value in given.items() if value}
    if (file is None) == (not named):
        raise Failure("Name a FILE, or say what counts: --category, --region, --kind, --addressed-to.", WRONG_USE)
    if file is None:
        raise typer.Exit(NO if _explain(None, {"text": _TEXT, **named}, as_json=as_json) else 0)
    bad = sum(_explain_line(line, as_json=as_json) for line in _lines(file, format_))
    raise typer.Exit(NO if bad else 0)


def _lines(file: str, format_: Format | None) -> Iterator[Line]:
    from cli.reading import events  # noqa: PLC0415 - the help must not wait for it

    with events(file, format_, DEFAULT_SOURCE) as (lines, _):
        yield from lines


def _explain_line(line: Line, *, as_json: bool) -> bool:
    if line.event is None:
        errors = [{"path": problem.path, "message": problem.message} for problem in line.errors]
        return _refused(line.number, {"code": line.code, "errors": errors}, as_json=as_json)
    return _explain(line.number, line.event.get("data"), as_json=as_json)


def _explain(number: int | None, data: Any, *, as_json: bool) -> bool:
    """Tell one submission's owner; returns whether it was refused."""
    from cli.asking import AwayError, ask, away_failure, refused  # noqa: PLC0415

    try:
        answer = ask("routing", "/v1/routing:explain", method="POST", document=data)
    except AwayError as error:
        raise away_failure([error]) from None
    if answer.status == 422:
        return _refused(number, answer.document, as_json=as_json)
    if answer.status != 200:
        raise refused("routing", answer)
    if as_json:
        write_json(({} if number is None else {"line": number}) | answer.document)
    else:
        _tell(number, answer.document)
    return False


def _refused(number: int | None, refusal: Mapping[str, Any], *, as_json: bool) -> bool:
    line = {} if number is None else {"line": number}
    if as_json:
        write_json({**line, "code": refusal["code"], "errors": refusal["errors"]})
        return True
    place = "" if number is None else f"line {number}: "
    for error in refusal["errors"]:
        typer.echo(f"{place}{refusal['code']}: {error['path']} {error['message']}".replace(":  ", ": "))
    return True


def _tell(number: int | None, told: Mapping[str, Any]) -> None:
    place = "" if number is None else f"line {number}: "
    typer.echo(f"{place}{_owner(told)}")
    for sentence in told["because"]:
        typer.echo(f"  {plain(sentence)}")
    for place_after, other in enumerate(told["runners_up"], start=2):
        typer.echo(f"  {place_after}. {_owner(other)}")
    typer.echo(f"  rules {told['rules_version']}, directory {told['directory_version']}")


def _owner(told: Mapping[str, Any]) -> str:
    triage = ", to find the right agency" if told["triage"] else ""
    return plain(f"{told['owner']} {told['name']} (rule {told['rule']}{triage})")
