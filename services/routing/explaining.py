"""Whose a submission would be, and why, without making a case of it. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from schemas.base import Problem
from schemas.envelope import EnvelopeError
from schemas.inbound.complaint_submitted_v1 import ComplaintSubmitted
from schemas.registry import read
from services.routing.directory import prefixes
from services.routing.rules import Question, Reference, Routed

OTHER: Final = "other"
"""The category of what names none, or one that the tree does not have (contracts §4)."""
AHEAD: Final = timedelta(hours=24)
"""How far a publisher's clock may be ahead of ours (contracts §4)."""


def explain(data: Any, now: datetime, reference: Reference) -> dict[str, Any]:
    """Return who would own a submission of this `data`, by which rule, and who comes after; raises EnvelopeError as intake would."""
    filed = read(ComplaintSubmitted, data)
    if filed.submitted_at is not None and filed.submitted_at > now + AHEAD:
        raise EnvelopeError("time_in_future", [Problem("/data/submitted_at", "must not lie more than 24 hours in the future")])
    category = filed.category if filed.category in reference.categories else OTHER
    region = next((code for code in prefixes(filed.region or "") if code in reference.regions), None)
    explanation = reference.rules.explain(Question(filed.kind, category, region, filed.addressed_to))
    return {
        "kind": filed.kind,
        "category": category,
        "region": region,
        **_told(explanation.routed),
        "rules_version": explanation.rules_version,
        "directory_version": reference.directory.version,
        "runners_up": [_told(other) for other in explanation.runners_up],
    }


def _told(routed: Routed) -> dict[str, Any]:
    return {
        "owner": routed.owner.code,
        "name": routed.owner.name,
        "level": routed.owner.level,
        "triage": routed.triage,
        "rule": routed.rule,
        "because": list(routed.because),
    }
