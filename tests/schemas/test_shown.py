"""What operators may see of an event: never what a citizen wrote, and of a private case nothing that an office wrote either."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from schemas.shown import is_private, is_restricted, shown

EXAMPLES = Path(__file__).parents[2] / "schemas" / "examples"
SAID = [orjson.loads(path.read_bytes()) for path in sorted(EXAMPLES.glob("*/*.json"))]
NEVER = {"text", "question", "reply_to", "external_ref", "category_given", "addressed_to", "reporter", "name"}
WRITTEN = {"title": "judul", "reason": "alasan", "to": "Kepolisian", "category": "agama", "region": "35", "publisher": "urn:x", "state": "verified"}


@pytest.mark.parametrize("event", SAID, ids=lambda event: f"{event['type']}")
def test_what_somebody_wrote_is_never_shown(event: dict[str, Any]) -> None:
    told = shown(event["type"], event["data"] | dict.fromkeys(NEVER, "KENARI"), private=False, restricted=False)
    assert not NEVER & told.keys()


@pytest.mark.parametrize(
    ("type_", "private", "restricted", "seen"),
    [
        ("salur.case.referred.v1", False, False, set(WRITTEN)),
        ("salur.case.referred.v1", True, False, {"category", "region", "publisher", "state"}),
        ("salur.case.referred.v1", True, True, {"state"}),
        ("salur.case.transferred.v1", True, True, {"state", "to"}),
        ("salur.escalation.raised.v1", True, True, {"state", "to", "reason"}),
    ],
)
def test_a_private_case_shows_its_way_only(type_: str, private: bool, restricted: bool, seen: set[str]) -> None:
    assert shown(type_, WRITTEN, private=private, restricted=restricted).keys() == seen


def test_a_case_is_private_by_anything_that_was_said_of_it() -> None:
    plain: dict[str, Any] = {"kind": "complaint", "confidential": False}
    assert (is_private([plain]), is_restricted([plain])) == (False, False)
    assert (is_private([plain, {"confidential": True}]), is_restricted([plain, {"confidential": True}])) == (True, False)
    for secret in ({"kind": "whistleblowing"}, {"was_kind": "whistleblowing", "kind": "complaint"}):
        assert (is_private([plain, secret]), is_restricted([plain, secret])) == (True, True)
