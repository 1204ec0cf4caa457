"""Whatever happens to a case, in whatever rhythm: what must hold of its clocks."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.base import Data
from services.sla.clocks import Case, Standing
from services.sla.directory import Reference
from services.sla.store import pack, unpack
from tests.sla.conftest import CASE, FAR, Life, wib

START = wib("2025-03-20 10:15")
AGENCIES = ("35.22", "71.71", "91.03", "35", "ID", "35.22/dinas-perhubungan")
NEXT: dict[str, tuple[str, ...]] = {
    "verification": ("verified", "transferred", "transfer_requested"),
    "verified": ("followed_up", "transferred", "transfer_requested"),
    "followed_up": ("followed_up", "transferred", "transfer_requested", "closed", "closed by reporter"),
    "transfer_requested": ("decided",),
    "closed": (),
}
LEADS = {"decided": "verification", "transferred": "verification", "closed by reporter": "closed"}

Step = tuple[int, int, int]
steps = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 12 * 24 * 60), st.integers(0, 4 * 24 * 60)), max_size=9)
"""Which of the allowed actions, minutes until it happens, minutes that the timers before it go off late."""


def live_through(reference: Reference, taken: list[Step], *, twice: bool = False, timers: bool = True) -> Life:
    """A case that goes a way the workflow allows; timers may be late, never early, and facts may be told twice."""
    life = Life(reference)
    now, state = START, "verification"
    life.routed(now)
    for choice, gap, late in taken:
        if not NEXT[state]:
            break
        now += timedelta(minutes=gap)
        if timers:
            life.pass_until(now, timedelta(minutes=late))
        action = NEXT[state][choice % len(NEXT[state])]
        act(life, action, now, AGENCIES[(choice + gap) % len(AGENCIES)])
        state = LEADS.get(action, action)
        if twice:
            for event, at in life.heard[-3:]:
                assert life.hear(event, at) == [], "what was told twice was heard twice"
    life.pass_until(FAR)
    return life


def act(life: Life, action: str, now: datetime, agency: str) -> None:
    deeds: dict[str, Any] = {
        "verified": lambda: life.verified(now),
        "transferred": lambda: life.transferred(now, agency),
        "transfer_requested": lambda: life.transfer_requested(now, "35"),
        "decided": lambda: life.transferred(now, agency, decided_by="35"),
        "followed_up": lambda: life.followed_up(now),
        "closed": lambda: life.closed(now),
        "closed by reporter": lambda: life.closed(now, "reporter"),
    }
    deeds[action]()


def runs_of(said: list[Data]) -> list[list[Data]]:
    """What was said of each run of a clock, from its `set` on."""
    runs: list[list[Data]] = []
    current: dict[str, list[Data]] = {}
    for data in said:
        if data.TYPE == "salur.deadline.set.v1":
            current[data.clock] = []
            runs.append(current[data.clock])
        current[data.clock].append(data)
    return runs


def names(run: list[Data]) -> list[str]:
    return [data.TYPE.split(".")[2] for data in run]


@given(steps)
@settings(max_examples=60, deadline=None)
def test_each_run_of_a_clock_is_told_as_one_story(reference: Reference, taken: list[Step]) -> None:
    for run in runs_of(live_through(reference, taken).said):
        told = names(run)
        ends = [n for n, name in enumerate(told) if name in ("met", "cancelled", "elapsed")]
        assert len(ends) <= 1
        assert not ends or ends[0] == len(told) - 1, "something was said after the end"
        assert told.count("breached") <= 1
        if "breached" in told:
            assert "warned" not in told[told.index("breached") :]
        else:
            assert ends, "time went by for months and nothing became of it"
            assert "raised" not in told
        shares = [data.consumed_percent for data in run if names([data]) == ["warned"]]
        assert shares == sorted(shares)
        assert len(shares) <= 3 or "moved" in told
        levels = [data.level for data in run if names([data])[0] in ("raised", "unaddressed")]
        assert levels == list(range(1, len(levels) + 1))


@given(steps)
@settings(max_examples=40, deadline=None)
def test_nothing_is_said_before_its_time(reference: Reference, taken: list[Step]) -> None:
    life = live_through(reference, taken)
    for data in life.said:
        if names([data])[0] in ("breached", "elapsed"):
            assert data.fired_at >= data.due_at
            assert data.consumed_percent >= 100
    assert not life.timers


@given(steps)
@settings(max_examples=40, deadline=None)
def test_what_is_told_twice_changes_nothing(reference: Reference, taken: list[Step]) -> None:
    assert live_through(reference, taken, twice=True).said == live_through(reference, taken).said


@given(steps)
@settings(max_examples=40, deadline=None)
def test_the_same_events_again_give_the_same_clocks(reference: Reference, taken: list[Step]) -> None:
    first = live_through(reference, taken)
    again = Life(reference)
    for event, at in first.heard:
        again.hear(event, at)
    assert again.said == first.said
    assert again.state == first.state


@given(steps)
@settings(max_examples=40, deadline=None)
def test_a_promise_is_judged_by_when_things_happened_not_by_when_timers_went_off(reference: Reference, taken: list[Step]) -> None:
    prompt, silent = live_through(reference, taken), live_through(reference, taken, timers=False)
    assert verdicts(prompt.state) == verdicts(silent.state)


def verdicts(case: Case | None) -> list[tuple[Any, ...]]:
    assert case is not None
    return [(run.clock, run.agency, run.started_at, run.due_at, run.state, run.live) for run in case.runs if run.clock != "reply"]


@given(steps)
@settings(max_examples=40, deadline=None)
def test_the_tallies_of_all_changes_add_up_to_how_the_case_stands(reference: Reference, taken: list[Step]) -> None:
    life = live_through(reference, taken)
    assert len({tally.key for tally in life.tallies}) == len(life.tallies)
    sums: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for tally in life.tallies:
        sums[tally.agency, tally.sla_state].update(cases=tally.cases, clockless=tally.clockless, timers=tally.timers)
    case = life.state
    assert case is not None
    live = [run for run in case.runs if run.live]
    standing = {(case.owner, str(case.sla_state)): Counter(cases=1, clockless=int(not live), timers=0)} if case.open else {}
    assert {place: count for place, count in sums.items() if any(count.values())} == standing


@given(steps)
@settings(max_examples=25, deadline=None)
def test_a_case_comes_back_from_its_bytes_as_it_was(reference: Reference, taken: list[Step]) -> None:
    case = live_through(reference, taken).state
    assert case is not None
    assert unpack(CASE, case.owner, pack(case)) == case
    assert not any(run.live and run.state in (Standing.MET, Standing.CANCELLED, Standing.ELAPSED) for run in case.runs)
