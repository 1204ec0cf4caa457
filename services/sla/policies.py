"""What is promised: a budget for each clock and kind, when it is warned of, and how fast a breach goes up. Read from data. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from schemas.words import Clock, Kind
from services.sla.worktime import AtClosing, Budget, DayZero, Due, Options


class AtEnd(StrEnum):
    """What it means that a clock ran out."""

    BREACH = "breach"
    """A promise was not kept."""
    ELAPSED = "elapsed"
    """A time of waiting is over, as it normally will."""


@dataclass(frozen=True, slots=True, eq=False)
class Policy:
    """One row: the promise of one clock; `warn_percent` are shares of its budget, `ladder` the time between two levels.

    A row is equal to itself only: as a key it then costs no more than its place in memory.
    """

    budget: Budget
    options: Options
    at_end: AtEnd
    warn_percent: tuple[int, ...]
    ladder: Budget
    citation: Mapping[str, str]
    """The rule it rests on, by language."""

    def budget_with(self, extra_days: int) -> Budget:
        """Return the budget with days on top: working days, or calendar days where the budget counts those."""
        if not extra_days:
            return self.budget
        if self.budget.calendar_days is not None:
            return replace(self.budget, calendar_days=self.budget.calendar_days + extra_days)
        return replace(self.budget, working_days=(self.budget.working_days or 0) + extra_days)


@dataclass(frozen=True, slots=True)
class Policies:
    """All rows of one version, one for every clock and kind, and the calendar they are reckoned by."""

    version: str
    calendar: str
    rows: Mapping[tuple[str, str], Policy]

    def of(self, clock: Clock, kind: Kind) -> Policy:
        """Return the promise of a clock for a kind."""
        return self.rows[clock, kind]


def read_policies(document: Mapping[str, Any]) -> Policies:
    """Return the policies of a document like data/policies/default.json; raises KeyError or ValueError when it is none."""
    defaults = document["defaults"]
    promises = [(row, _policy({**defaults, **row})) for row in document["clocks"]]
    rows = {(row["clock"], kind): policy for row, policy in promises for kind in row["kinds"]}
    if missing := [f"{clock} of {kind}" for clock in Clock for kind in Kind if (clock, kind) not in rows]:
        # a case of that kind would be left without a clock
        raise ValueError(f"nothing is promised for {', '.join(missing)}")
    return Policies(document["policy_version"], document["calendar"], rows)


def _policy(row: Mapping[str, Any]) -> Policy:
    warn = tuple(row["warn_percent"])
    if list(warn) != sorted({*warn} & {*range(1, 100)}):
        raise ValueError("warn_percent are whole percents from 1 to 99, rising")
    return Policy(
        budget=_budget(row["budget"]),
        options=Options(Due(row["due"]), DayZero(row["day_zero"]), AtClosing(row["at_closing"])),
        at_end=AtEnd(row["at_end"]),
        warn_percent=warn,
        ladder=_budget(row["escalate_every"]),
        citation={language: row["citation"][language] for language in ("id", "en")},
    )


def _budget(given: Mapping[str, int]) -> Budget:
    seconds = given.get("working_seconds")
    return Budget(
        working_days=given.get("working_days"),
        working_time=None if seconds is None else timedelta(seconds=seconds),
        calendar_days=given.get("calendar_days"),
    )
