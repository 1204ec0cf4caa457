"""What becomes of a submission."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.base import Decision, Draw, Event
from schemas.inbound.complaint_submitted_v1 import ComplaintSubmitted
from services.intake.domain import Reference, Submission, VaultEntry, decide, nearest_region

AT = datetime(2026, 11, 2, 1, 15, 30, tzinfo=UTC)
DRAW = Draw(UUID("01a199d3-6350-847e-bb6d-40d3af184332"), "YBT7-S96S-FTP3")
REFERENCE = Reference(categories=frozenset({"agama", "pekerjaan-umum.jalan"}), regions=frozenset({"35", "35.22", "35.22.05"}))


def submit(reference: Reference = REFERENCE, time: datetime = AT, **data: Any) -> Decision[Submission]:
    filed = ComplaintSubmitted.model_validate({"text": "Lampu jalan padam.", **data})
    return decide(None, Event("lpr-1", "urn:example:kanal", filed.TYPE, time, filed), AT, reference, DRAW)


def accepted(**data: Any) -> dict[str, Any]:
    (event,) = submit(**data).events
    told: dict[str, Any] = orjson.loads(event.to_json())
    return told


def test_a_bare_text_becomes_a_case_with_every_field_of_the_contract() -> None:
    assert accepted() == {
        "case_id": str(DRAW.case_id),
        "tracking_id": DRAW.tracking_id,
        "kind": "complaint",
        "category": "other",
        "category_given": None,
        "region": None,
        "addressed_to": None,
        "channel": "other",
        "submitted_at": "2026-11-02T01:15:30Z",
        "accepted_at": "2026-11-02T01:15:30Z",
        "anonymous": False,
        "confidential": False,
        "publisher": "urn:example:kanal",
        "external_ref": None,
        "title": "Lampu jalan padam",
        "text": "Lampu jalan padam.",
    }


def test_a_known_category_stands_and_an_unknown_one_is_other_with_its_words_kept() -> None:
    assert (accepted(category="pekerjaan-umum.jalan")["category"], accepted(category="pungutan liar")["category"]) == (
        "pekerjaan-umum.jalan",
        "other",
    )
    assert accepted(category="pungutan liar")["category_given"] == "pungutan liar"


@pytest.mark.parametrize(
    ("given_region", "region"),
    [("35.22.05", "35.22.05"), ("35.22.05.2001", "35.22.05"), ("35.22.99.2001", "35.22"), ("35.99", "35"), ("99.01", None), (None, None)],
)
def test_an_unknown_region_becomes_the_nearest_one_above(given_region: str | None, region: str | None) -> None:
    assert accepted(region=given_region)["region"] == region


@given(st.lists(st.integers(0, 99), min_size=1, max_size=4), st.sets(st.sampled_from(["35", "35.22", "11.01.01", "07"])))
def test_the_nearest_region_is_a_known_prefix_and_no_longer_one_is_known(numbers: list[int], known: set[str]) -> None:
    given_region = ".".join(f"{number:02}" for number in numbers)
    prefixes = [".".join(given_region.split(".")[:n]) for n in range(len(numbers), 0, -1)]
    assert nearest_region(given_region, frozenset(known)) == next((prefix for prefix in prefixes if prefix in known), None)


def test_the_time_of_filing_is_the_events_own_when_none_is_given() -> None:
    yesterday = AT - timedelta(days=1)
    assert accepted(time=yesterday)["submitted_at"] == "2026-11-01T01:15:30Z"
    assert accepted(time=yesterday, submitted_at="2026-11-01T09:00:00+07:00")["submitted_at"] == "2026-11-01T02:00:00Z"


@pytest.mark.parametrize(
    ("given_time", "event_time", "code", "path"),
    [
        (AT + timedelta(hours=24, seconds=1), AT, "time_in_future", "/data/submitted_at"),
        (None, AT + timedelta(hours=24, seconds=1), "time_in_future", "/time"),
        (None, datetime(1999, 12, 31, tzinfo=UTC), "schema_violation", "/time"),
    ],
)
def test_a_time_that_cannot_be_is_refused(given_time: datetime | None, event_time: datetime, code: str, path: str) -> None:
    decision = submit(time=event_time, submitted_at=given_time)
    assert (decision.answer.outcome, decision.answer.code, [p.path for p in decision.answer.errors]) == ("rejected", code, [path])
    assert not decision.events
    assert not decision.effects


def test_a_clock_that_is_a_day_ahead_is_still_believed() -> None:
    assert submit(submitted_at=AT + timedelta(hours=24)).answer.outcome == "accepted"


@pytest.mark.parametrize("data", [{"confidential": True}, {"kind": "whistleblowing"}])
def test_neither_title_nor_text_of_a_secret_case_travels(data: dict[str, Any]) -> None:
    told = accepted(title="Pungutan", **data)
    assert "title" not in told
    assert "text" not in told


def test_only_whistle_blowing_goes_the_restricted_way() -> None:
    assert submit(kind="whistleblowing").restricted
    assert not submit(confidential=True).restricted


def test_the_vault_gets_all_that_does_not_travel_unredacted() -> None:
    data = {
        "text": "nama saya Budi, NIK 3522010101900001",
        "title": "Dari Budi",
        "reporter": {"name": "Budi", "phone": "0812", "shoe_size": 43},
        "location": {"lat": -7.2, "lon": 111.8},
        "attachments": [{"url": "https://contoh.id/1.jpg"}],
        "reply_to": "https://contoh.id/balas",
    }
    decision = submit(**data)
    (entry,) = decision.effects
    assert isinstance(entry, VaultEntry)
    assert (entry.text.decode(), (entry.title or b"").decode()) == (data["text"], data["title"])
    assert orjson.loads(entry.reporter or b"") == {"name": "Budi", "phone": "0812"}
    assert orjson.loads(entry.location or b"") == data["location"]
    assert orjson.loads(entry.attachments or b"") == data["attachments"]
    assert entry.reply_to == b"https://contoh.id/balas"
    (said,) = decision.events
    assert (b"Budi" in said.to_json(), b"3522" in said.to_json()) == (False, False)


def test_a_title_is_redacted_and_one_that_is_made_comes_from_the_redacted_text() -> None:
    assert accepted(title="Laporan Budi", reporter={"name": "Budi"})["title"] == "Laporan [nama]"
    assert accepted(title=" ", text="Hubungi 081234567890 segera.")["title"] == "Hubungi [telepon] segera"


def test_while_authentication_is_off_everybody_is_the_same_publisher() -> None:
    reference = replace(REFERENCE, publisher="urn:salur:open")
    (event,) = submit(reference).events
    assert orjson.loads(event.to_json())["publisher"] == "urn:salur:open"


def test_where_a_publisher_wants_to_hear_of_a_case_is_told_only_when_it_said_so() -> None:
    assert "reply_to" not in accepted()
    assert accepted(reply_to="https://contoh.id/balas", confidential=True)["reply_to"] == "https://contoh.id/balas"


def test_deciding_twice_decides_the_same() -> None:
    assert submit(region="35.22", title="x") == submit(region="35.22", title="x")
