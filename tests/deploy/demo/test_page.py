"""The page that a run leaves: whole in itself, true to the facts, and silent about who filed."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from deploy.demo.checks.all import judge
from deploy.demo.evidence import Evidence
from deploy.demo.page import leave
from deploy.demo.page.figures import Figures
from deploy.demo.settings import DemoSettings
from tests.deploy.demo.world import world


def page_of(evidence: Evidence, out: Path) -> str:
    """Return the report of a run."""
    leave(out, evidence, judge(evidence), DemoSettings(CASES=2), out / "logs", 12.0)
    return (out / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    return page_of(world(), tmp_path_factory.mktemp("out"))


def test_the_page_needs_nothing_beside_it(page: str) -> None:
    assert not re.findall(r"<script|<link|<img|<iframe|@import|url\(", page)
    assert not [address for address in re.findall(r'(?:src|href)="([^"]*)"', page) if not address.startswith("file:")]


def test_who_filed_is_not_on_the_page(page: str) -> None:
    assert not [canary for who in world().week.people for canary in who.canaries() if canary in page]


def test_it_says_that_all_was_proven_and_when_not_what_was_not(page: str, tmp_path: Path) -> None:
    assert "Semua terbukti" in page
    assert "does not hold" not in page
    evidence = world()
    spoilt = page_of(replace(evidence, mails=evidence.mails[1:]), tmp_path)
    assert "something does not hold" in spoilt
    assert "arrived 0 times" in spoilt


def test_promises_are_counted_as_they_ended() -> None:
    clocks = Figures(world()).clocks
    assert (clocks["verification"].kept, clocks["verification"].late) == (2, 1)
    assert (clocks["reply"].waited, clocks["resolution"].kept, clocks["resolution"].running) == (1, 1, 1)
    assert Figures(world()).kept == (4, 5)


def test_time_to_the_owner_is_real_time() -> None:
    evidence = world()
    moved = tuple(replace(fact, said_at=evidence.real(fact.time) + 0.25) for fact in evidence.facts)
    assert Figures(replace(evidence, facts=moved)).to_owner == pytest.approx([0.25, 0.25], abs=1e-3)


def test_a_case_that_waits_is_not_told_as_answered() -> None:
    ways = {way.outcome: way for way in Figures(world()).ways}
    assert ways["system"].answered
    assert ways["system"].breached
    assert not ways["open"].answered


def test_the_story_names_the_office_and_who_was_told(page: str) -> None:
    assert "Satuan Polisi Pamong Praja" in page
    assert "surel →" in page


@pytest.mark.parametrize("hours", [72, 400])
def test_a_second_answer_changes_no_promise(hours: int) -> None:
    assert Figures(world(second_answer=timedelta(hours=hours))).kept == (4, 5)
