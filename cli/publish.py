"""`salur publish FILE`: hand in submissions (and actions), and hear what became of each."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from cli.common import AWAY, INTERRUPTED, Failure, JsonFlag, progress, run, settings_of
from cli.reading import DEFAULT_SOURCE, FileArgument, FormatOption, SourceOption

if TYPE_CHECKING:
    from rich.progress import Progress

    from cli.lines import Line
    from cli.receipts import Feed, Receipts


def publish(
    file: FileArgument,
    http: Annotated[bool, typer.Option("--http", help="Over HTTP to intake instead of over Kafka; submissions only.")] = False,
    source: SourceOption = DEFAULT_SOURCE,
    format_: FormatOption = None,
    timeout: Annotated[
        float, typer.Option("--timeout", min=1, help="Seconds without any answer after which to give up; an action may wait 60 for its case.")
    ] = 90.0,
    quiet: Annotated[bool, typer.Option("--quiet", help="Tell only what was not taken.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Publish each line of FILE and tell its receipt: accepted with its tracking id, duplicate, rejected and why, or parked.

    Lines are CloudEvents, `{"idempotency_key", "data"}`, or the data of a submission alone; a CSV table's first row names the
    fields of a submission and may have a column `id`. A line without an id gets one made of its content, so that the same file
    may be published again after an interruption: nothing is taken twice. `salur validate` checks a file without sending it.

    Exit code: 0 all accepted or duplicate, 1 something was rejected or parked, 2 wrong use, 3 Kafka or a service is away, or not
    everything was answered in time.
    """
    from cli.reading import events  # noqa: PLC0415 - the help must not wait for it
    from cli.receipts import Feed, Receipts  # noqa: PLC0415

    receipts, began = Receipts(as_json=as_json, quiet=quiet), time.monotonic()
    try:
        with events(file, format_, source) as (lines, size), progress(*_columns()) as bar:
            run(
                _publish(Feed(lines), receipts, _Meter(bar, size), http=http, patience_seconds=timeout),
                "Interrupted: publish the same file again, nothing is taken twice.",
            )
    except Failure as failure:
        if failure.code in {AWAY, INTERRUPTED} and receipts.counts:
            receipts.conclude(time.monotonic() - began)
        raise
    raise typer.Exit(receipts.conclude(time.monotonic() - began))


async def _publish(feed: Feed, receipts: Receipts, meter: _Meter, *, http: bool, patience_seconds: float) -> None:
    if http:
        from cli.over_http import OverHttp  # noqa: PLC0415
        from cli.settings import CommandSettings  # noqa: PLC0415

        secret = settings_of(CommandSettings).publisher_key
        key = secret.get_secret_value() if secret else None
        await OverHttp(receipts, key=key, patience_seconds=patience_seconds, moved=meter.moved).publish(feed)
        return
    from cli.asking import kafka_bootstrap  # noqa: PLC0415
    from cli.over_kafka import OverKafka  # noqa: PLC0415

    await OverKafka(kafka_bootstrap(), receipts, patience_seconds=patience_seconds, moved=meter.moved).publish(feed)


class _Meter:
    """Moves the progress bars: how much of the file is published, and how much of that is answered."""

    def __init__(self, bar: Progress, size: int) -> None:
        self._bar = bar
        self._size = size
        self._published = bar.add_task("published", total=size or None, lines=0)
        self._answered = bar.add_task("answered", total=None, lines=0)
        self._lines, self._answers, self._bytes = 0, 0, 0

    def moved(self, line: Line | None) -> None:
        """Note a line that was published, or None for an answer."""
        if line is None:
            self._answers += 1
        else:
            self._lines += 1
            self._bytes = min(self._size, self._bytes + len(line.value) + 1)
        self._bar.update(self._published, completed=self._bytes, lines=self._lines)
        self._bar.update(self._answered, completed=self._answers, total=self._lines, lines=self._answers)


def _columns() -> tuple[object, ...]:
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    return TextColumn("{task.description:9}"), BarColumn(), TextColumn("{task.fields[lines]:,} lines"), TimeElapsedColumn()
