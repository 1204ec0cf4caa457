"""Publishing over HTTP: batches of lines to intake, as fast as it takes them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from http.client import HTTPException
from typing import Any, Final

import orjson

from cli.asking import Answer, AwayError, away_failure, opened, refused
from cli.common import Failure, complain
from cli.lines import Line
from cli.receipts import Feed, Receipts

PATH: Final = "/v1/complaints:batch"
MOST_LINES: Final = 500
MOST_BYTES: Final = 2 << 20
"""Half of what intake takes in one request (contracts §6)."""
ANSWER_SECONDS: Final = 120.0
LATER: Final = frozenset({"unavailable", "rate_limited", "case_not_yet_known"})
"""Codes that are no answer yet: the same line is sent again."""


class OverHttp:
    """Publishes a feed's lines; `moved` hears how many were sent and how many are answered."""

    def __init__(self, receipts: Receipts, *, key: str | None, patience_seconds: float, moved: Callable[[Line | None], None]) -> None:
        self._receipts = receipts
        self._headers = {"Content_Type": "application/x-ndjson"} | ({"Authorization": f"Bearer {key}"} if key else {})
        self._patience = patience_seconds
        self._moved = moved
        self._met = False
        """Whether intake has ever answered: one that never did is not waited for."""
        self._away: AwayError | None = None

    async def publish(self, feed: Feed) -> None:
        """Publish everything; raises Failure when intake is away, at once if nothing listens where it should be, or knows no such publisher."""
        while lines := await feed.some(MOST_LINES):
            for line in lines:
                if line.event is None:
                    self._receipts.unsent(line)
                    self._moved(line)
            for batch in _batches([line for line in lines if line.event is not None]):
                await self._batch(batch)

    async def _batch(self, batch: list[Line]) -> None:
        """Bring a batch to its end: what is not taken now is sent again, as long as something moves."""
        heard = time.monotonic()
        while batch:
            told, wait = await self._try(batch)
            left = [line for line, receipt in zip(batch, told, strict=False) if receipt["code"] in LATER] if told else batch
            for line, receipt in zip(batch, told, strict=False):
                if receipt["code"] not in LATER:
                    self._receipts.tell(line.number, receipt)
                    self._moved(line)
                    self._moved(None)
            if len(left) < len(batch):
                heard = time.monotonic()
            elif time.monotonic() - heard > self._patience:
                for line in left:
                    self._receipts.unanswered(line.number)
                raise away_failure([self._away or AwayError("intake", "it takes nothing now")])
            batch = left
            if batch:
                await asyncio.sleep(wait)

    async def _try(self, batch: Sequence[Line]) -> tuple[list[dict[str, Any]], float]:
        """Send a batch once and return as `_post` does, none while intake is away; raises Failure when it never was there."""
        try:
            told, wait = await asyncio.to_thread(self._post, batch)
        except AwayError as error:
            if error.refused and not self._met:
                raise away_failure([error]) from None
            if self._away is None:
                complain(f"{error}: trying again for {self._patience:g} s.")
            self._away = error
            return [], 1.0
        self._met, self._away = True, None
        return told, wait

    def _post(self, batch: Sequence[Line]) -> tuple[list[dict[str, Any]], float]:
        """Return the receipts of a batch, none when it was not taken, and how many seconds to wait before sending again."""
        body = b"\n".join(line.value if b"\r" not in line.value else orjson.dumps(line.event) for line in batch) + b"\n"
        with opened("intake", PATH, method="POST", body=body, seconds=ANSWER_SECONDS, **self._headers) as answer:
            wait = _seconds(answer.headers.get("Retry-After"))
            try:
                text = answer.read()
                documents = [orjson.loads(line) for line in text.splitlines() if line.strip()]
            except (OSError, HTTPException, orjson.JSONDecodeError):
                raise AwayError("intake", "it broke off") from None
            if answer.status == 429:
                return [], wait
            if answer.status != 200 or len(documents) != len(batch):
                raise _refused(Answer(answer.status, documents[0] if documents else None))
            return documents, wait


def _refused(answer: Answer) -> Failure:
    if answer.status in (401, 403):
        return Failure("intake knows no such publisher: SALUR_PUBLISHER_KEY wants the key that it was given.", 1)
    return refused("intake", answer)


def _seconds(text: str | None) -> float:
    return float(text) if text and text.isdecimal() else 1.0


def _batches(lines: Sequence[Line]) -> Iterator[list[Line]]:
    batch: list[Line] = []
    size = 0
    for line in lines:
        if batch and size + len(line.value) > MOST_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(line)
        size += len(line.value) + 1
    if batch:
        yield batch
