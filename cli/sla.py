"""`salur sla …`: what the service levels say, asked from a terminal."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Deadlines and working time.", no_args_is_help=True)

_CHUNK = 1 << 16


@app.callback()
def _group() -> None:
    """Deadlines and working time."""


@app.command()
def compute(
    file: Annotated[str, typer.Argument(metavar="FILE", help="One JSON object a line; - is standard input.")] = "-",
    json: Annotated[bool, typer.Option("--json", help="Answers are JSON lines with or without it.")] = True,
) -> None:
    """Answer each line (start, budget, calendar …) with its due time, in order; no server is needed.

    Exit code: 0 all answered, 1 at least one line could not be read or the answers not written, 2 wrong use.
    """
    from services.sla.compute import Computer, lines  # noqa: PLC0415  the arithmetic is loaded only when asked for

    del json  # the protocol has one form
    try:
        source = 0 if file == "-" else os.open(Path(file), os.O_RDONLY)
        chunks = _chunks(source)
        computer = Computer()
        for batch in lines(chunks):
            _write(b"".join(map(computer.answer, batch)))
    except OSError as error:
        typer.echo(f"{file} cannot be read: {error.strerror}.", err=True)
        raise typer.Exit(2) from None
    raise typer.Exit(1 if computer.failed else 0)


def _chunks(source: int) -> Iterator[bytes]:
    """Read what is there, so that a peer who waits for an answer before the next line gets it."""
    while chunk := os.read(source, _CHUNK):
        yield chunk


def _write(answers: bytes) -> None:
    view = memoryview(answers)
    try:
        while view:
            view = view[os.write(1, view) :]
    except BrokenPipeError:
        raise typer.Exit(1) from None  # whoever reads us has gone
    except OSError as error:
        typer.echo(f"The answers cannot be written: {error.strerror}.", err=True)
        raise typer.Exit(1) from None
