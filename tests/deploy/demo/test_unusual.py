"""Notices about surges are judged too: the regency hears of it once, and of nothing that pulse did not say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from deploy.demo.checks.notices import every_fact_is_told, every_notice_arrived_once
from deploy.demo.evidence import Evidence, Fact
from tests.deploy.demo.world import world

SURGE = "01963c2f-0000-8000-8000-0000000000aa"


def surged() -> Evidence:
    """A world in which a surge in a district was told to its regency."""
    evidence = world()
    at = evidence.now - timedelta(hours=1)

    def fact(speaker: str, what: str, sequence: int, **data: Any) -> Fact:
        return Fact(f"salur.{speaker}", 0, 900 + sequence, f"{speaker}-{what}", speaker, what, at, SURGE, "", sequence, "", data)

    about = {"notice_id": "n", "cause": "pulse-surge.detected", "rule": "surge", "channel": "mail", "about": "surge", "reason": None}
    about["recipient"] = {"agency": "35.22", "role": "coordinator"}  # type: ignore[assignment]
    mail = {"id": 900, "message_id": "<n>", "to": ["koordinator.35.22@salur.test"], "subject": "[Lonjakan] Agama", "text": "", "html": ""}
    facts = (
        fact("pulse", "surge.detected", 1, region="35.22.05", category="agama"),
        fact("notify", "notice.queued", 1, **about),
        fact("notify", "notice.delivered", 2, **about, message_id="<n>"),
    )
    return replace(evidence, facts=(*evidence.facts, *facts), mails=(*evidence.mails, mail))


def without(what: str) -> Callable[[Evidence], Evidence]:
    return lambda evidence: replace(evidence, facts=tuple(fact for fact in evidence.facts if (fact.case_id, fact.what) != (SURGE, what)))


def twice(evidence: Evidence) -> Evidence:
    queued = next(fact for fact in evidence.facts if fact.case_id == SURGE and fact.what == "notice.queued")
    return replace(evidence, facts=(*evidence.facts, replace(queued, id="other", sequence=3)))


def test_a_surge_that_was_told_once_passes() -> None:
    evidence = surged()
    assert every_fact_is_told(evidence).problems == every_notice_arrived_once(evidence).problems == ()


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (without("notice.queued"), "35.22 was not told"),
        (without("surge.detected"), "which pulse did not say"),
        (twice, "told 2 times by mail"),
    ],
    ids=["nobody told", "no such surge", "told twice"],
)
def test_a_surge_that_is_told_wrongly_is_found(spoil: Callable[[Evidence], Evidence], problem: str) -> None:
    assert any(problem in found for found in every_fact_is_told(spoil(surged())).problems)
