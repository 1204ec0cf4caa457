"""The clock goes as fast as the cases and the machine allow, and a machine that falls behind is told and allowed for."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta

import pytest

from chassis.clock import Anchor, Clock
from deploy.demo import pace
from deploy.demo.checks.all import judge
from deploy.demo.complaints import plan
from deploy.demo.evidence import FLIGHT_SECONDS, MOST_BEHIND, Evidence
from deploy.demo.lag import Lag, words
from deploy.demo.scripts import Pace, Question, Reopening
from deploy.demo.settings import DemoSettings, speed_for
from tests.deploy.demo.world import SPEED, world


def held_up(evidence: Evidence, what: str, seconds: float) -> Evidence:
    """Let the first fact of a kind come on its topic so much later in real time."""
    late = next(fact for fact in evidence.facts if fact.what == what)
    facts = tuple(replace(fact, said_at=fact.said_at + seconds) if fact is late else fact for fact in evidence.facts)
    return replace(evidence, facts=facts)


def test_a_thousand_cases_are_the_default_and_more_of_them_get_a_slower_clock() -> None:
    assert DemoSettings().cases == 1_000
    assert DemoSettings().speed == speed_for(1_000)
    assert speed_for(20) == speed_for(1_000) > speed_for(2_000) > speed_for(5_000) > 0


def test_a_chosen_speed_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not DemoSettings().asked_for_speed
    monkeypatch.setenv("SPEED", "900")
    assert DemoSettings().asked_for_speed
    assert DemoSettings().speed == 900


async def test_a_machine_s_share_is_a_share() -> None:
    assert pace.LEAST <= await pace.share() <= 1


def test_nobody_is_late_twice_nor_asked_again_after_that() -> None:
    scripts = [part.script for part in plan(1, 3_000).parts.values()]
    late = {Pace.LATE, Pace.STIRRED, Pace.NEVER}
    assert {script.verify for script in scripts} == {script.answer for script in scripts} == set(Pace)
    assert not [script for script in scripts if script.verify in late and script.answer is not Pace.PROMPT]
    after = [script for script in scripts if late & {script.verify, script.answer}]
    assert not [script for script in after if script.reply or script.extend or script.reopening is not Reopening.NONE]
    assert not [script for script in after if script.question is Question.UNANSWERED]
    assert any(script.reopening is not Reopening.NONE for script in scripts)
    assert any(script.question is Question.UNANSWERED for script in scripts)


@pytest.mark.parametrize("what", ["case.closed", "deadline.set", "deadline.met", "deadline.breached", "deadline.elapsed"])
def test_how_far_a_service_was_behind_is_seen_on_the_topics(what: str) -> None:
    assert world().behind < 1
    assert held_up(world(), what, 12.0).behind == pytest.approx(12, abs=1)


def test_a_clock_that_is_set_when_it_is_over_is_not_late() -> None:
    evidence = world()
    breach = next(fact for fact in evidence.facts if fact.what == "deadline.breached")
    long_ago = {**breach.data, "due_at": (breach.instant("due_at") - timedelta(days=20)).isoformat()}
    assert replace(evidence, facts=tuple(replace(fact, data=long_ago) if fact is breach else fact for fact in evidence.facts)).behind > 60
    again = replace(breach, id="again", what="deadline.set")
    late = tuple(part for fact in evidence.facts for part in ((again, replace(fact, data=long_ago)) if fact is breach else (fact,)))
    assert replace(evidence, facts=late).behind < 1


@pytest.mark.parametrize("what", ["notice.queued", "notice.delivered"])
def test_a_notice_that_comes_late_moves_no_clock(what: str) -> None:
    assert held_up(world(), what, 90.0).behind < 1


def test_checks_allow_for_what_was_behind_but_not_for_everything() -> None:
    usual = timedelta(seconds=FLIGHT_SECONDS * SPEED)
    assert world().flight == usual
    assert usual < held_up(world(), "deadline.met", 12.0).flight <= timedelta(seconds=13 * SPEED)
    assert held_up(world(), "deadline.met", 3_600.0).flight == MOST_BEHIND


def test_a_world_that_is_right_passes_though_a_service_was_far_behind() -> None:
    assert [verdict.name for verdict in judge(held_up(world(), "deadline.met", 3_600.0)) if not verdict.holds] == []


def test_a_watcher_sees_the_delay_while_it_lasts() -> None:
    evidence = world()
    fact = next(fact for fact in evidence.facts if fact.what == "deadline.set")
    started = fact.time + timedelta(seconds=7 * SPEED)
    lag = Lag(Clock(Anchor(started, started, SPEED), database=started, monotonic=time.monotonic()))
    assert lag.seconds == 0
    lag.hear(fact)
    assert lag.seconds == pytest.approx(7, abs=0.5)


def test_a_delay_is_told_in_both_times() -> None:
    assert words(12.0, 28_800.0) == "12 s behind the clock, which is 4.0 days of the play"
