"""Agencies and publishers that fall silent in the synthetic month, judged by pulse's own functions."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Final

from rich.console import Console
from rich.table import Table

from bench.nation import DATA, at, poisson
from schemas.workdays import Workdays, read_workdays
from services.pulse.baseline import Hours
from services.pulse.silence import Agency, Patience, Publisher, acted, judge_agency, judge_publisher, received, sent

PUBLISHERS: Final = 100
AGENCIES: Final = 550
PLANTED: Final = 25
"""Of each; the publishers stop for five days, the agencies for good."""
_KINDS: Final = ("steady", "office", "nightly", "seldom")
_STOP_DAYS: Final = 5
_LOOK: Final = timedelta(minutes=30)
_HOUR: Final = timedelta(hours=1)


@dataclass(slots=True)
class Quiet:
    """What was found of the silences."""

    delays: dict[str, list[float | None]] = field(default_factory=dict)
    """Hours (publishers, by kind) or working days (agencies) from the stop until found; None when missed."""
    ended: int = 0
    """Silences that ended with the first sign of life."""
    false: int = 0
    weeks: float = 0.0


def quiet(seed: int, days: int) -> Quiet:
    """Run the silences of a month."""
    draw, workdays = random.Random(seed), read_workdays((DATA / "calendars/id-national.json").read_text(encoding="utf-8"))
    found = Quiet(weeks=days / 7)
    for number in range(PUBLISHERS):
        _publisher(draw, _KINDS[number % len(_KINDS)], days, planted=number < PLANTED, hours=Hours(workdays), workdays=workdays, found=found)
    for number in range(AGENCIES):
        _agency(draw, days, planted=number < PLANTED, workdays=workdays, found=found)
    return found


def show(console: Console, found: Quiet) -> None:
    """Print what was found of the silences."""
    table = Table(
        "silent", "planted", "missed", "median", "longest", "unit", title=f"{PUBLISHERS} publishers, {AGENCIES} agencies", title_justify="left"
    )
    for kind, delays in found.delays.items():
        known = [delay for delay in delays if delay is not None]
        figures = (f"{median(known):.3g}", f"{max(known):.3g}") if known else ("-", "-")
        table.add_row(kind, str(len(delays)), str(len(delays) - len(known)), *figures, "working days" if kind == "agency" else "h")
    console.print(table)
    console.print(f"false silences a week: {found.false / found.weeks:.2g}; ended with the first sign of life: {found.ended}")


def held(found: Quiet) -> bool:
    """Return whether the promise is held: no planted silence missed, at most one false one a week."""
    return found.false <= found.weeks and all(delay is not None for delays in found.delays.values() for delay in delays)


def _sends(draw: random.Random, kind: str, moment: datetime, today: float, workdays: Workdays) -> bool:
    """Return whether a publisher of a kind sends anything in an hour (local)."""
    if kind == "nightly":
        return moment.hour == 2 and draw.random() < 0.97
    if kind == "office" and not (moment.date() in workdays and 8 <= moment.hour < 16):
        return draw.random() < 0.01
    rate = {"steady": 6 if 6 <= moment.hour < 22 else 1, "office": 3, "seldom": 0.2 if 6 <= moment.hour < 22 else 0.02}[kind]
    return poisson(draw, rate * today) > 0


def _publisher(draw: random.Random, kind: str, days: int, *, planted: bool, hours: Hours, workdays: Workdays, found: Quiet) -> None:
    stop = at(draw.randrange((days - 13) * 1440, (days - _STOP_DAYS - 3) * 1440)) if planted else at((days + 1) * 1440)
    back, today = stop + timedelta(days=_STOP_DAYS), 1.0
    known: Publisher | None = None
    caught: float | None = None
    for hour in range(days * 24):
        moment = at(hour * 60)
        if hour % 24 == 0:
            today = draw.gammavariate(6, 1 / 6)
        for look in (moment, moment + _LOOK):
            if known:
                known, silent = judge_publisher(known, look, hours, Patience())
                if silent and stop <= look < back + _HOUR:
                    caught = (look - stop) / _HOUR
                found.false += bool(silent) and not stop <= look < back + _HOUR
        if _sends(draw, kind, moment + 7 * _HOUR, today, workdays) and not stop <= moment < back:
            known, heard = sent(known, moment + timedelta(minutes=draw.randrange(60)), hours)
            found.ended += heard is not None
    if planted:
        found.delays.setdefault(f"publisher, {kind}", []).append(caught)


def _agency(draw: random.Random, days: int, *, planted: bool, workdays: Workdays, found: Quiet) -> None:
    """An agency answers each case after 0 to 7 working days; a silent one answers none that comes after it stopped."""
    rate = draw.lognormvariate(-1, 1.2)
    stop = draw.randrange(days // 3) if planted else days + 1
    answers: dict[int, int] = {}
    known: Agency | None = None
    for day in range(days):
        if day < stop and answers.pop(day, 0):
            known, heard = acted(known, at(day * 1440 + 180), workdays)
            found.ended += heard is not None
        for _ in range(poisson(draw, rate)):
            known = received(known, at(day * 1440 + draw.randrange(1440)))
            wait = draw.randrange(8)
            due = next(each for each in range(day + 1, day + 60) if workdays.between(at(day * 1440).date(), at(each * 1440).date()) >= wait)
            answers[due] = answers.get(due, 0) + 1
        if known:
            known, silent = judge_agency(known, at((day + 1) * 1440), workdays, Patience())
            if silent and day >= stop:
                found.delays.setdefault("agency", []).append(float(silent.working_days or 0))
            found.false += bool(silent) and day < stop
    if known and known.silent_s is None and judge_agency(known, at(days * 1440), workdays, Patience())[1]:
        found.delays.setdefault("agency", []).append(None)
