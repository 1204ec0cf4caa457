"""What all commands share: how they fail, how they write, which settings they read."""

from __future__ import annotations

import json
import sys
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

import typer

if TYPE_CHECKING:
    from pydantic_settings import BaseSettings
    from rich.console import Console
    from rich.progress import Progress

    from deploy.local.settings import LocalSettings

JsonFlag = Annotated[bool, typer.Option("--json", help="JSON for programs.")]

NO: Final = 1
WRONG_USE: Final = 2
AWAY: Final = 3
INTERRUPTED: Final = 130
_FAILURES: Final = {NO: "no", WRONG_USE: "wrong_use", AWAY: "away", INTERRUPTED: "interrupted"}
PIPED_WIDTH: Final = 500
"""Of lines that no person reads on a terminal: they are not wrapped."""

T = TypeVar("T")
S = TypeVar("S", bound="BaseSettings")


class Failure(Exception):  # noqa: N818 - a command that failed is no error of the program
    """The command cannot do what it was asked; the sentence says why and what to do, `code` is its exit code."""

    def __init__(self, sentence: str, code: int) -> None:
        super().__init__(sentence)
        self.code = code


def complain(sentence: str) -> None:
    """Write a sentence for the person beside the output."""
    typer.echo(sentence, err=True)


_written = False


def write_json(document: Any) -> None:
    """Write one document as a line of JSON."""
    global _written  # noqa: PLW0603 - one command a process
    _written = True
    typer.echo(json.dumps(document, ensure_ascii=False, default=str))


def tell_failure(sentence: str, code: int) -> None:
    """Write why the command failed for the program that asked for JSON and has not got any yet; what went before is left as it is."""
    if not _written and "--json" in sys.argv[1:]:
        write_json({"error": {"code": _FAILURES.get(code, "failed"), "message": sentence}})


def console(*, err: bool = False) -> Console:
    """Return where tables and colours go; what is piped is neither coloured nor wrapped."""
    from rich.console import Console  # noqa: PLC0415 - the commands' help must not wait for it

    stream = sys.stderr if err else sys.stdout
    return Console(stderr=err, highlight=False, markup=False, width=None if stream.isatty() else PIPED_WIDTH)


def print_table(table: Any) -> None:
    """Print a table without the blanks that fill its last column."""
    out = console()
    with out.capture() as captured:
        out.print(table)
    typer.echo("\n".join(line.rstrip() for line in captured.get().rstrip("\n").split("\n")), color=True)


def progress(*columns: Any) -> Progress:
    """Return a progress display on standard error, shown on a terminal only."""
    from rich.progress import Progress  # noqa: PLC0415

    shown = console(err=True)
    shared = sys.stdout.isatty()
    return Progress(*columns, console=shown, transient=True, disable=not shown.is_terminal, redirect_stdout=shared, redirect_stderr=True)


def local_settings() -> LocalSettings:
    """Return where the stack of this machine listens; raises Failure when a setting is wrong."""
    from deploy.local.settings import LocalSettings  # noqa: PLC0415

    return settings_of(LocalSettings)


def settings_of(kind: type[S]) -> S:
    """Return settings of a kind from the environment; raises Failure when one of them is wrong."""
    from chassis.settings import SettingsError, read_settings  # noqa: PLC0415

    try:
        return read_settings(kind)
    except SettingsError as error:
        raise Failure(f"{error}; `salur settings` lists them all.", WRONG_USE) from None


def run(work: Coroutine[Any, Any, T], interrupted: str = "Interrupted.") -> T:
    """Run asynchronous work to its end; raises Failure when the person interrupts it."""
    import asyncio  # noqa: PLC0415

    try:
        return asyncio.run(work)
    except KeyboardInterrupt:
        raise Failure(interrupted, INTERRUPTED) from None


def plain(text: object) -> str:
    """Return text that a terminal shows as it is: one line, nothing that steers the terminal or turns the line around."""
    return "".join(letter if letter.isprintable() else "·" for letter in " ".join(str(text).split()))


def count(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun: `1 line`, `1,200 lines`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
