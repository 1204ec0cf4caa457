"""Whatever happens to a case, in whatever rhythm: what must hold of its clocks."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas.base import Data, TimerDue
from services.sla.clocks import STOPPED, Case, ClockRun, Standing
from services.sla.store import pack, unpack
from services.sla.telling import deadlines
from tests.sla.conftest import CASE, FAR, Life, shipped
from tests.sla.ways import OVER, Step, Way, live_through, steps

LIVING = (Standing.RUNNING, Standing.PAUSED, Standing.BREACHED)


def name(data: Data) -> str:
    return data.TYPE.split(".")[2]


def live(case: Case | None) -> list[ClockRun]:
    assert case is not None
    return [run for run in case.runs if run.live]


def holds(life: Life, way: Way, _said: list[Data], _at: datetime) -> None:
    """What holds after each event."""
    case, running = life.state, live(life.state)
    assert case is not None
    assert len({run.clock for run in running}) == len(running), "a clock runs twice"
    assert all(run.state in LIVING for run in running)
    assert {run.clock: (run.epoch, run.next_at) for run in case.runs if run.next_at} == {
        clock: (timer.epoch, timer.due_at) for clock, timer in life.timers.items()
    }, "timers are those of the clocks"
    assert all(run.live for run in case.runs if run.next_at)
    assert case.open == (life.where not in OVER)
    if not case.open:
        assert not running, "a case is over and a clock runs"
    elif not running:
        assert life.where == "followed_up", "a case is open and no clock runs"
        assert way.answered, "nobody will close the case"
    for run in running:
        if run.state is Standing.PAUSED:
            assert (life.where, run.clock in STOPPED, run.next_at) == ("waiting_reporter", True, None)
        elif run.state is Standing.RUNNING:
            assert run.next_at is not None, "a clock runs and nothing will come of it"
            assert life.where != "waiting_reporter" or run.clock not in STOPPED or run.due_at < asked(case), "the reporter is asked"


def asked(case: Case) -> datetime:
    return next(run.started_at for run in reversed(case.runs) if run.clock == "completion")


@given(steps)
@settings(max_examples=150, deadline=None)
def test_an_open_case_has_a_clock_each_runs_once_and_timers_are_those_of_the_clocks(taken: list[Step]) -> None:
    life = live_through(taken, watch=holds)
    assert not life.timers


@dataclass
class Told:
    """One run of a clock, as its events told it."""

    due: datetime
    breached: bool = False
    paused: datetime | None = None
    """Since when."""
    share: int = 0
    level: int = 0
    ended: bool = False


def listen(runs: list[Told], current: dict[str, Told], data: Any, at: datetime) -> None:
    """Let one event be told of a run; what it says must follow from what was said before."""
    what = name(data)
    if what == "set":
        assert data.clock not in current or current[data.clock].ended, "set while it runs"
        current[data.clock] = Told(data.due_at)
        runs.append(current[data.clock])
        return
    run = current[data.clock]
    assert not run.ended, "something was said after the end"
    if what == "moved":
        assert data.was == run.due
        run.due, run.share = data.due_at, 0
        # What is paused has its time left, also where that day has passed meanwhile.
        if data.due_at > at if run.paused is None else data.due_at >= run.paused:
            run.breached, run.level = False, 0
        else:
            run.paused = None
    elif what == "resumed":
        assert run.paused
        run.due, run.paused, run.share = data.due_at, None, 0
    assert data.due_at == run.due, "due at another time than was said"
    if what == "paused":
        assert not run.paused
        run.paused, run.breached, run.level = at, False, 0
    elif what == "warned":
        assert not run.breached
        assert not run.paused
        assert data.consumed_percent >= run.share
        run.share = data.consumed_percent
    elif what == "breached":
        assert not run.breached
        assert not run.paused
        assert data.fired_at >= data.due_at
        assert data.consumed_percent >= 100
        run.breached = True
    elif what in ("raised", "unaddressed"):
        assert run.breached
        run.level += 1
        assert data.level == run.level
    elif what in ("met", "cancelled", "elapsed"):
        run.ended = True


@given(steps)
@example([(0, 0, 0), (2, 9596, 0), (4, 1309, 0), (0, 0, 0)])
@settings(max_examples=150, deadline=None)
def test_each_run_of_a_clock_is_told_as_one_story(taken: list[Step]) -> None:
    runs: list[Told] = []
    current: dict[str, Told] = {}

    def watch(_life: Life, _way: Way, said: list[Data], at: datetime) -> None:
        for data in said:
            listen(runs, current, data, at)

    live_through(taken, watch=watch)
    assert all(run.ended or run.breached for run in runs), "time went by for months and nothing became of it"


@given(steps)
@settings(max_examples=60, deadline=None)
def test_what_is_told_twice_changes_nothing(taken: list[Step]) -> None:
    assert live_through(taken, again=True).said == live_through(taken).said


@given(steps)
@settings(max_examples=60, deadline=None)
def test_the_same_events_again_give_the_same_clocks(taken: list[Step]) -> None:
    first = live_through(taken)
    again = Life(shipped())
    for event, at in first.heard:
        again.hear(event, at)
    assert again.said == first.said
    assert again.state == first.state


@given(steps)
@settings(max_examples=100, deadline=None)
def test_a_promise_is_judged_by_when_things_happened_not_by_when_timers_went_off(taken: list[Step]) -> None:
    prompt, silent = live_through(taken), Life(shipped())
    for event, at in prompt.heard:
        if not isinstance(event.data, TimerDue):
            silent.hear(event, at)
    silent.pass_until(FAR)
    assert verdicts(prompt.state) == verdicts(silent.state)


def verdicts(case: Case | None) -> list[tuple[Any, ...]]:
    """How the promises ended; reply and completion are none, and end when they are seen to."""
    assert case is not None
    waits = ("reply", "completion")
    return [(run.clock, run.agency, run.started_at, run.due_at, run.state, run.live, run.paused_at) for run in case.runs if run.clock not in waits]


@given(steps)
@settings(max_examples=60, deadline=None)
def test_the_tallies_of_all_changes_add_up_to_how_the_case_stands(taken: list[Step]) -> None:
    life = live_through(taken)
    assert len({tally.key for tally in life.tallies}) == len(life.tallies)
    sums: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for tally in life.tallies:
        sums[tally.agency, tally.sla_state].update(cases=tally.cases, clockless=tally.clockless, timers=tally.timers)
    case = life.state
    assert case is not None
    standing = {(case.owner, str(case.sla_state)): Counter(cases=1, clockless=int(not live(case)), timers=0)} if case.open else {}
    assert {place: count for place, count in sums.items() if any(count.values())} == standing


@given(steps)
@settings(max_examples=60, deadline=None)
def test_a_case_comes_back_from_its_bytes_as_it_was(taken: list[Step]) -> None:
    case = live_through(taken).state
    assert case is not None
    assert unpack(CASE, case.owner, pack(case)) == case


@given(steps, st.sampled_from(["id", "en"]))
@settings(max_examples=40, deadline=None)
def test_every_clock_can_be_explained_at_any_time_and_says_its_deadline_last_of_the_reckoning(taken: list[Step], language: Any) -> None:
    def watch(life: Life, _way: Way, _said: list[Data], at: datetime) -> None:
        assert life.state is not None
        for told in deadlines(life.state, at, shipped(), language)["deadlines"]:
            assert any(sentence.startswith(("Tenggat: ", "Due ")) for sentence in told["because"])
            counted = [sentence for sentence in told["because"] if "adalah hari ke-" in sentence or " is day " in sentence]
            assert len(counted) > 1, "days are counted one by one"

    live_through(taken[:5], watch=watch)
