"""What the form of a submission alone does not tell: an address that can be no URL, a time beyond what is kept."""

from datetime import UTC, datetime

import pytest

from schemas.base import Problem
from schemas.envelope import EnvelopeError
from schemas.inbound.complaint_submitted_v1 import ComplaintSubmitted
from schemas.registry import read

NO_URL = (
    "https://[::1/",
    "https://[::1]x/",
    "https://[zz]/",
    "https://kanal.example.org:65536/",
    "http://localhost:65536/",
    "https://kanal.example.org:https/",
    "https://kanal..example.org/",
    f"https://{'a' * 64}.example.org/",
    "https://kanal.example.org/a\\b",
    "https://kanal.example.org/\u200b",
)


def problems(**fields: str) -> tuple[Problem, ...]:
    with pytest.raises(EnvelopeError) as caught:
        read(ComplaintSubmitted, {"text": "Air mati.", **fields})
    return caught.value.problems


def test_a_time_of_filing_is_cut_to_the_microsecond_and_to_the_calendar() -> None:
    cut = read(ComplaintSubmitted, {"text": "Air mati.", "submitted_at": "2026-11-02T08:14:55.12345678901234567890+07:00"}).submitted_at
    assert cut == datetime(2026, 11, 2, 1, 14, 55, 123456, tzinfo=UTC)
    last = read(ComplaintSubmitted, {"text": "Air mati.", "submitted_at": "9999-12-31T23:59:59-23:59"}).submitted_at
    assert last == datetime.max.replace(tzinfo=UTC)


@pytest.mark.parametrize("url", NO_URL)
def test_a_status_address_that_can_be_no_url_is_refused_like_one_of_another_form(url: str) -> None:
    said = problems(reply_to="ftp://kanal.example.org")
    assert problems(reply_to=url) == said
