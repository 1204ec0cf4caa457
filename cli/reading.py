"""A file of submissions in whichever form it has, as events."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, BinaryIO, Final

import typer

if TYPE_CHECKING:
    from cli.lines import Line


class Format(StrEnum):
    """Lines of JSON, or a table whose first row names the fields."""

    NDJSON = "ndjson"
    CSV = "csv"


FileArgument = Annotated[str, typer.Argument(metavar="FILE", help="Lines of JSON or a CSV table; - is standard input.")]
FormatOption = Annotated[Format | None, typer.Option("--format", help="What FILE is; seen from its name or its beginning when not said.")]
SourceOption = Annotated[str, typer.Option("--source", help="The CloudEvents source of lines that name none: who publishes.")]
DEFAULT_SOURCE: Final = "urn:salur:open"
_PEEK: Final = 4096


@contextmanager
def events(file: str, given: Format | None, source: str) -> Iterator[tuple[Iterator[Line], int]]:
    """Yield a file's events, and its size in bytes (0 when nobody knows); raises Failure when it cannot be read."""
    import os  # noqa: PLC0415 - the commands' help must not wait for these
    import stat  # noqa: PLC0415

    from cli.lines import Source, json_lines, open_input  # noqa: PLC0415
    from cli.table import rows  # noqa: PLC0415

    stream = open_input(file)
    try:
        found = os.fstat(stream.fileno())
        read = rows if (given or _guess(file, stream)) is Format.CSV else json_lines
        yield Source(source).events(read(stream)), found.st_size if stat.S_ISREG(found.st_mode) else 0
    finally:
        if file != "-":
            stream.close()


def _guess(file: str, stream: BinaryIO) -> Format:
    """Return the form by the file's name, else by its beginning: a header row is text with separators and names `text`."""
    name = file.lower()
    if name.endswith((".csv", ".tsv")):
        return Format.CSV
    if name.endswith((".ndjson", ".jsonl", ".json")):
        return Format.NDJSON
    first = getattr(stream, "peek")(_PEEK)[:_PEEK].removeprefix(b"\xef\xbb\xbf").lstrip()  # noqa: B009 - every file opened here is buffered
    begins_as_json = first[:1] in (b"{", b"[")
    return Format.CSV if not begins_as_json and b"text" in first.split(b"\n", 1)[0] else Format.NDJSON
