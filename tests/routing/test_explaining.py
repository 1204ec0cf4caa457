"""Whose a submission would be: the same as it would really be, with the reasons, and nothing changes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from schemas.envelope import EnvelopeError
from services.routing.explaining import explain

NOW = datetime(2026, 3, 2, 5, tzinfo=UTC)


def explained(world: Any, **data: Any) -> dict[str, Any]:
    return explain({"text": "x", **data}, NOW, world.reference)


@pytest.mark.parametrize(
    "data",
    [
        {"category": "pekerjaan-umum.jalan-berlubang", "region": "35.22.05"},
        {"category": "pekerjaan-umum.jalan-berlubang", "region": "35.22.05.2001", "addressed_to": "35"},
        {"category": "legalisasi-konsuler"},
        {"category": "agama", "kind": "whistleblowing"},
        {"kind": "information_request", "region": "32.73"},
        {},
    ],
)
def test_it_says_what_a_real_one_would_come_to(world: Any, data: dict[str, Any]) -> None:
    told = explained(world, **data)
    really = world.decide(None, world.accepted(**{"region": None, "category": "other", "kind": "complaint", **data})).events[0]
    assert [told[name] for name in ("owner", "level", "triage", "rule", "rules_version", "directory_version")] == [
        really.owner,
        really.level,
        really.triage,
        really.rule,
        really.rules_version,
        really.directory_version,
    ]
    assert told["because"] == list(really.because)


def test_the_runners_up_come_with_their_reasons(world: Any) -> None:
    told = explained(world, category="pekerjaan-umum.jalan-berlubang", region="35.22.05", addressed_to="ID.PUPR")
    assert (told["owner"], told["rule"]) == ("ID.PUPR", "addressed_to")
    assert told["runners_up"][0]["rule"] == "jalan-dan-tata-ruang"
    assert told["runners_up"][-1]["triage"]
    assert all(other["because"] and other["owner"] and other["name"] for other in told["runners_up"])


@pytest.mark.parametrize(
    ("given", "category", "region"),
    [
        ({"category": "jalan rusak", "region": "35.22.99"}, "other", "35.22"),
        ({"category": "agama", "region": "99.01"}, "agama", None),
        ({"region": "35.99.01.2001"}, "other", "35"),
    ],
)
def test_codes_nobody_knows_are_read_as_intake_reads_them(world: Any, given: dict[str, str], category: str, region: str | None) -> None:
    told = explained(world, **given)
    assert (told["category"], told["region"]) == (category, region)


@pytest.mark.parametrize(
    ("data", "code", "path"),
    [
        ({}, "schema_violation", "/data/text"),
        ([], "schema_violation", "/data"),
        ({"text": "x", "kind": "keluhan"}, "schema_violation", "/data/kind"),
        ({"text": "x", "region": "35-22"}, "schema_violation", "/data/region"),
        ({"text": "x", "submitted_at": "2026-03-03T05:00:01Z"}, "time_in_future", "/data/submitted_at"),
    ],
)
def test_what_intake_would_refuse_is_refused(world: Any, data: Any, code: str, path: str) -> None:
    with pytest.raises(EnvelopeError) as refused:
        explain(data, NOW, world.reference)
    assert (refused.value.code, refused.value.problems[0].path) == (code, path)
