"""What a publisher hears of each line: told as it comes, and counted for the end."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final

import typer

from cli.common import AWAY, NO, complain, count, plain, write_json
from cli.lines import Line

UNANSWERED: Final = "unanswered"
_READ_AHEAD: Final = 1000
_ORDER: Final = ("accepted", "duplicate", "rejected", "parked", UNANSWERED)


class Receipts:
    """Tells each line's receipt, and in the end how many there were of each outcome."""

    def __init__(self, *, as_json: bool, quiet: bool) -> None:
        self.counts: Counter[str] = Counter()
        self._as_json = as_json
        self._quiet = quiet

    def tell(self, line: int, receipt: Mapping[str, Any]) -> None:
        """Tell one line's receipt."""
        outcome = str(receipt["outcome"])
        self.counts[outcome] += 1
        if self._quiet and outcome in {"accepted", "duplicate"}:
            return
        if self._as_json:
            write_json({"line": line, **receipt})
            return
        errors = "; ".join(f"{error['path']} {error['message']}".strip() for error in receipt.get("errors") or ())
        facts = [receipt.get("tracking_id"), receipt["code"] if receipt["code"] not in {"ok", "duplicate"} else None, errors]
        typer.echo(plain(f"line {line}: {outcome} {': '.join(str(fact) for fact in facts if fact)}".rstrip()))

    def unsent(self, line: Line) -> None:
        """Tell that a line was not sent, for nothing could be made of it."""
        errors = [{"path": problem.path, "message": problem.message} for problem in line.errors]
        nothing = dict.fromkeys(("received_id", "received_source", "case_id", "tracking_id", "topic", "partition", "offset", "at"))
        self.tell(line.number, {"outcome": "rejected", "code": line.code, "errors": errors, **nothing})

    def unanswered(self, line: int) -> None:
        """Tell that nothing was heard of a line in time."""
        self.tell(line, {"outcome": UNANSWERED, "code": UNANSWERED, "errors": []})

    def conclude(self, seconds: float) -> int:
        """Say how many there were of each outcome; returns the exit code."""
        told = ", ".join(f"{self.counts[outcome]:,} {outcome}" for outcome in _ORDER if self.counts[outcome])
        complain(f"{count(self.counts.total(), 'line')} in {seconds:.1f} s: {told}." if told else "There are no lines.")
        if self.counts[UNANSWERED]:
            complain("What has no answer may be taken all the same: publish the same file again, what is ours already is answered as duplicate.")
            return AWAY
        return NO if self.counts["rejected"] or self.counts["parked"] else 0


class Feed:
    """Reads lines in a thread of its own, some ahead of who asks: a slow input does not keep receipts from being told."""

    def __init__(self, lines: Iterator[Line]) -> None:
        self._queue: queue.Queue[Line | BaseException | None] = queue.Queue(_READ_AHEAD)
        self._over = False
        threading.Thread(target=self._read, args=(lines,), daemon=True).start()

    def _read(self, lines: Iterator[Line]) -> None:
        try:
            for line in lines:
                self._queue.put(line)
        except BaseException as error:  # noqa: BLE001 - raised again where it is awaited
            self._queue.put(error)
        else:
            self._queue.put(None)

    async def some(self, most: int) -> list[Line]:
        """Return the lines that are there, waiting for a first one; none when there are no more. Raises what reading raised."""
        return [] if self._over else await asyncio.to_thread(self._take, most)

    def _take(self, most: int) -> list[Line]:
        found: list[Line] = []
        for item in islice(self._items(), most):
            if isinstance(item, BaseException):
                raise item
            if item is None:
                self._over = True
                break
            found.append(item)
        return found

    def _items(self) -> Iterator[Line | BaseException | None]:
        yield self._queue.get()
        while True:
            try:
                yield self._queue.get_nowait()
            except queue.Empty:
                return
