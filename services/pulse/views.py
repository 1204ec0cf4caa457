"""What is shown: each partition writes down its part in Faust's second table, and every replica puts all parts together. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from services.pulse.baseline import HOUR_S
from services.pulse.counting import STEP_S
from services.pulse.desk import Desk
from services.pulse.ledgers import AGENCY_KINDS, PUBLISHER_KINDS, Ledger
from services.pulse.series import Series
from services.pulse.totals import HOURS, oldest_hour

STEPS: Final = HOUR_S // STEP_S
"""Steps of the last hour that are drawn."""
MOST: Final = 50
"""Places of a list that a partition shows: a merged list of as many is exact."""

View = dict[str, Any]


def view(desk: Desk) -> View:
    """Return what a partition shows."""
    now_s = desk.until_s
    oldest = desk.ledgers.oldest_s(now_s)
    return {
        "until": now_s,
        "surges": _largest((_surge(topic, region, series, now_s) for topic, region, series in desk.floods.surges()), "arrivals"),
        "silences": sorted(_silences(desk), key=lambda each: each["since"])[:MOST],
        "counts": {
            "surges": sum(map(len, desk.floods.on.values())),
            "agency": _silent(desk.ledgers.agencies),
            "publisher": _silent(desk.ledgers.publishers),
        },
        "topics": {topic: sorted(hours.items()) for topic, hours in desk.totals.topics.items()},
        "places": _largest((_place(*key, series, now_s) for key, series in desk.floods.recent.items()), "last_hour"),
        "agencies": _largest(_ledgers(desk.ledgers.agencies, "agency", AGENCY_KINDS, oldest), "arrived"),
        "publishers": _largest(_ledgers(desk.ledgers.publishers, "publisher", PUBLISHER_KINDS, oldest), "accepted", "received"),
    }


def _largest(found: Iterable[View], *by: str) -> list[View]:
    return sorted(found, key=lambda each: max(each[name] for name in by), reverse=True)[:MOST]


def _steps(series: Series, now_s: int) -> list[int]:
    """Return the last hour by steps, the one that goes on last."""
    last = now_s - now_s % STEP_S
    known = dict(series.recent)
    return [known.get(last - STEP_S * back, 0) for back in reversed(range(STEPS))]


def _surge(topic: str, region: str, series: Series, now_s: int) -> View:
    surge = series.surge
    assert surge is not None
    return {
        "category": topic,
        "region": region,
        "began_at": surge.began_s,
        "detected_at": surge.detected_s,
        "arrivals": surge.arrivals,
        "peak": surge.peak,
        "peak_expected": surge.peak_usual,
        "steps": _steps(series, now_s),
    }


def _place(topic: str, regency: str, series: Series, now_s: int) -> View:
    steps = _steps(series, now_s)
    return {"category": topic, "region": regency, "last_hour": sum(steps), "steps": steps}


def _ledgers(ledgers: Mapping[str, Ledger], called: str, kinds: tuple[str, ...], oldest_s: int) -> Iterator[View]:
    for name, ledger in ledgers.items():
        counts = ledger.window(oldest_s)
        if any(counts):
            yield {called: name, **dict(zip(kinds, counts, strict=True))}


def _silent(ledgers: Mapping[str, Ledger]) -> int:
    return sum(ledger.state is not None and ledger.state.silent_s is not None for ledger in ledgers.values())


def _silences(desk: Desk) -> Iterator[View]:
    for name, ledger in desk.ledgers.agencies.items():
        if ledger.state is not None and ledger.state.silent_s is not None:
            yield {"about": "agency", "who": name, "since": ledger.state.first_s, "detected_at": ledger.state.silent_s, "cases": ledger.state.cases}
    for name, ledger in desk.ledgers.publishers.items():
        if ledger.state is not None and ledger.state.silent_s is not None:
            yield {"about": "publisher", "who": name, "since": ledger.state.heard_s, "detected_at": ledger.state.silent_s, "cases": None}


def merged(views: Iterable[View], now: datetime, names: Mapping[str, str], *, top: int, window_hours: int) -> View:
    """Return all parts as one, as it is answered: at most `top` places a list, codes with their names, times as text."""
    parts = list(views)
    until_s = min((part["until"] for part in parts), default=0)
    return {
        "as_of": now,
        "heard_until": _at(until_s) if until_s else None,
        "surges": [_named(_timed(each), names, "category", "region") for each in _first(parts, "surges", top, "arrivals")],
        "silences": [_named(_timed(each), names, "who") for each in sorted(_all(parts, "silences"), key=lambda each: each["since"])[:top]],
        "counts": {name: sum(part["counts"][name] for part in parts) for name in ("surges", "agency", "publisher")},
        "rates": {
            **_hourly(parts, until_s, names, top),
            "places": [_named(each, names, "category", "region") for each in _first(parts, "places", top, "last_hour")],
            "window_hours": window_hours,
            "agencies": [_named(each, names, "agency") for each in _first(parts, "agencies", top, "arrived")],
            "publishers": [_publisher(each) for each in _first(parts, "publishers", top, "accepted", "received")],
        },
    }


def _hourly(parts: list[View], until_s: int, names: Mapping[str, str], top: int) -> View:
    oldest = oldest_hour(until_s)
    topics: dict[str, list[int]] = {}
    for part in parts:
        for topic, hours in part["topics"].items():
            drawn = topics.setdefault(topic, [0] * HOURS)
            for hour, number in hours:
                place = (hour - oldest) // HOUR_S
                if 0 <= place < HOURS:
                    drawn[place] += number
    total = [sum(drawn[place] for drawn in topics.values()) for place in range(HOURS)]
    largest = sorted((topic for topic, drawn in topics.items() if any(drawn)), key=lambda topic: sum(topics[topic]), reverse=True)[:top]
    categories = [_named({"category": topic, "cases": sum(topics[topic]), "hours": topics[topic]}, names, "category") for topic in largest]
    return {"first_hour": _at(oldest) if until_s else None, "cases": sum(total), "hours": total, "categories": categories}


def _publisher(each: View) -> View:
    # Over Kafka a case of a publisher has a receipt too: whichever of the two numbers is larger has both doors in it.
    return {"publisher": each["publisher"], "accepted": max(each["accepted"], each["received"]), "rejected": each["rejected"]}


def _all(parts: list[View], which: str) -> Iterator[View]:
    for part in parts:
        yield from part[which]


def _first(parts: list[View], which: str, top: int, *by: str) -> list[View]:
    return _largest(_all(parts, which), *by)[:top]


def _named(each: View, names: Mapping[str, str], *codes: str) -> View:
    called = {f"{code}_name" if code != "who" else "name": names.get(each[code], each[code]) for code in codes}
    return {**each, **called}


def _timed(each: View) -> View:
    return {name: _at(value) if name in ("since", "began_at", "detected_at") else value for name, value in each.items()}


def _at(at_s: int) -> datetime:
    return datetime.fromtimestamp(at_s, UTC)
