"""From events to counts: what an event adds to which series, agency and publisher, summed over a batch. Pure.

Times are epoch seconds in event time, the time of the event itself; counts go to the step of it, whenever the event was heard.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

STEP_S: Final = 300
"""Counts are kept by five minutes: what is asked for is found within fifteen."""
FUTURE_S: Final = 3_600
"""A time so far ahead of the clock is none of ours."""
MAX_NAME: Final = 500
_REGION: Final = re.compile(r"\d\d(\.\d\d(\.\d\d(\.\d{4})?)?)?")
_EPOCH_2000: Final = 946_684_800

ARRIVED, FOLLOWED, BREACHED, ACTED = "arrived", "followed", "breached", "acted"
"""What is counted of an agency: a case came to it, it answered, it broke a deadline, it did something else with a case."""
ACCEPTED, RECEIVED, REJECTED = "accepted", "received", "rejected"
"""What is counted of a publisher: cases of it (over any door), receipts for it (over Kafka), of which rejected."""


class Unreadable(Exception):  # noqa: N818 - what it is, not an error of ours
    """An event of which nothing can be counted."""


class Count(NamedTuple):
    """So many of a kind in a step, and when the last one was."""

    step: int
    number: int
    last: int


class Tally:
    """What a batch of events adds up to."""

    def __init__(self) -> None:
        self.series: dict[tuple[str, str, int], int] = {}
        """By topic, region (district, regency, province or none) and step."""
        self.agencies: dict[tuple[str, str, int], Count] = {}
        """By agency, kind and step."""
        self.publishers: dict[tuple[str, str, int], Count] = {}

    def add(self, event: Any, now_s: float) -> None:
        """Count one event (parsed JSON); raises Unreadable, and nothing of the event is counted then."""
        try:
            type_, data, at = event["type"], event["data"], _seconds(event["time"])
            if not _EPOCH_2000 <= at <= now_s + FUTURE_S:
                raise Unreadable("time")
            count = _COUNTERS.get(type_)
            if count is not None:
                count(self, data, at)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise Unreadable(type(error).__name__) from None

    def _one(self, topic: str, region: str, at: int) -> None:
        key = (topic, region, at - at % STEP_S)
        self.series[key] = self.series.get(key, 0) + 1

    def agency(self, code: str, kind: str, at: int) -> None:
        """Count something of an agency."""
        _grow(self.agencies, _name(code), kind, at)

    def publisher(self, name: str, kind: str, at: int) -> None:
        """Count something of a publisher."""
        _grow(self.publishers, _name(name), kind, at)

    def accepted(self, data: Mapping[str, Any], at: int) -> None:
        """Count a new case under its topic and place."""
        topic, region = _name(data["category"]).partition(".")[0], data["region"]
        publisher = _name(data["publisher"])
        if region is not None and not _REGION.fullmatch(region):
            raise ValueError("region")
        self._one(topic, (region or "")[:8], at)
        self.publisher(publisher, ACCEPTED, at)


def _grow(counts: dict[tuple[str, str, int], Count], name: str, kind: str, at: int) -> None:
    key = (name, kind, at - at % STEP_S)
    known = counts.get(key)
    counts[key] = Count(key[2], 1, at) if known is None else Count(key[2], known.number + 1, max(known.last, at))


def _name(value: Any) -> str:
    if type(value) is not str or not 0 < len(value) <= MAX_NAME:
        raise ValueError("name")
    return value


def _seconds(written: str) -> int:
    time = datetime.fromisoformat(written)
    if time.tzinfo is None:
        raise ValueError("time")
    return int(time.timestamp())


def home(region: str) -> str:
    """Return the region whose partition counts it: the regency, where there is one."""
    return region[:5]


def _routed(tally: Tally, data: Mapping[str, Any], at: int) -> None:
    tally.agency(data["owner"], ARRIVED, at)


def _handed(tally: Tally, data: Mapping[str, Any], at: int) -> None:
    to = _name(data["to"])
    _acted(tally, data, at)
    tally.agency(to, ARRIVED, at)


def _followed(tally: Tally, data: Mapping[str, Any], at: int) -> None:
    for agency in _actors(data):
        tally.agency(agency, FOLLOWED, at)


def _acted(tally: Tally, data: Mapping[str, Any], at: int) -> None:
    by = data["by"]
    if isinstance(by, dict):
        tally.agency(by["agency"], ACTED, at)


def _actors(data: Mapping[str, Any]) -> Iterator[str]:
    """Yield whose answer it is: the owner's, and that of whom it was handed down to."""
    owner, by = _name(data["owner"]), data["by"]
    yield owner
    if isinstance(by, dict) and _name(by["agency"]) != owner:
        yield by["agency"]


def _breached(tally: Tally, data: Mapping[str, Any], at: int) -> None:
    tally.agency(data["agency"], BREACHED, at)


def _receipted(tally: Tally, data: Mapping[str, Any], at: int) -> None:
    source = data["received_source"]
    if source is None or data["topic"] != _SUBMISSIONS:
        return
    tally.publisher(source, REJECTED if data["outcome"] == "rejected" else RECEIVED, at)


_SUBMISSIONS: Final = "salur.submissions"
_COUNTERS: Final[Mapping[str, Callable[[Tally, Mapping[str, Any], int], None]]] = {
    "salur.complaint.accepted.v1": Tally.accepted,
    "salur.receipt.v1": _receipted,
    "salur.case.routed.v1": _routed,
    "salur.case.transferred.v1": _handed,
    "salur.case.handed_down.v1": _handed,
    "salur.case.followed_up.v1": _followed,
    "salur.case.deferred.v1": _acted,
    "salur.case.transfer_requested.v1": _acted,
    "salur.case.referred.v1": _acted,
    "salur.case.archived.v1": _acted,
    "salur.case.closed.v1": _acted,
    "salur.deadline.breached.v1": _breached,
}

TYPES: Final[Mapping[str, tuple[str, ...]]] = {
    "salur.intake": ("salur.complaint.accepted.v1",),
    "salur.receipts": ("salur.receipt.v1",),
    "salur.routing": tuple(name for name in _COUNTERS if name.startswith("salur.case.")),
    "salur.sla": ("salur.deadline.breached.v1",),
}
"""What is counted, by topic."""
