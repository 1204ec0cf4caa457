"""What a document of policies must promise, and how days on top of a budget count."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.words import Clock, Kind
from services.sla.daytable import DayTable
from services.sla.localdays import DAY
from services.sla.policies import read_policies
from services.sla.reference_data import default_policies
from services.sla.worktime import Budget

ZONES = ("Asia/Jakarta", "Asia/Jayapura", "Pacific/Apia", "Pacific/Kiritimati", "America/New_York", "Pacific/Pago_Pago", "Australia/Lord_Howe")
TABLES = {zone: DayTable(ZoneInfo(zone), lambda _day: (), None) for zone in ZONES}


def test_every_clock_is_promised_for_every_kind_or_the_document_is_refused() -> None:
    document = deepcopy(default_policies())
    assert set(read_policies(document).rows) == {(clock, kind) for clock in Clock for kind in Kind}
    row = next(row for row in document["clocks"] if row["clock"] == "resolution" and "aspiration" in row["kinds"])
    row["kinds"].remove("aspiration")
    with pytest.raises(ValueError, match="resolution of aspiration"):
        read_policies(document)


@pytest.mark.parametrize(
    ("budget", "more"),
    [
        (Budget(working_days=5), Budget(working_days=8)),
        (Budget(calendar_days=30), Budget(calendar_days=33)),
        (Budget(working_time=timedelta(hours=2)), Budget(working_days=3, working_time=timedelta(hours=2))),
    ],
)
def test_days_on_top_are_working_days_unless_the_budget_counts_every_day(budget: Budget, more: Budget) -> None:
    policy = read_policies(default_policies()).rows["resolution", "complaint"]
    policy = type(policy)(budget, policy.options, policy.at_end, policy.warn_percent, policy.ladder, policy.citation)
    assert policy.budget_with(0) == budget
    assert policy.budget_with(3) == more


@given(st.sampled_from(ZONES), st.integers(0, 25_000), st.integers(0, DAY - 1))
def test_the_day_of_an_instant_is_that_of_its_wall_clock(zone: str, day: int, time: int) -> None:
    at = day * DAY + time
    assert TABLES[zone].day_of(at) == TABLES[zone].local(at)[0]
