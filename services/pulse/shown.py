"""What `GET /v1/pulse` answers, field by field."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel


class SurgeNow(BaseModel):
    """A surge that is on; `steps` are the arrivals of its last hour by five minutes, the step that goes on last."""

    category: str
    category_name: str
    region: str
    region_name: str
    began_at: datetime
    detected_at: datetime
    arrivals: int
    peak: int
    peak_expected: float
    steps: list[int]


class SilenceNow(BaseModel):
    """Who is silent since when: an agency with so many `cases` waiting, or a publisher (`cases` null)."""

    about: Literal["agency", "publisher"]
    who: str
    name: str
    since: datetime
    detected_at: datetime
    cases: int | None


class Numbers(BaseModel):
    """How many there are in all, beyond the lists."""

    surges: int
    agency: int
    publisher: int


class CategoryRate(BaseModel):
    """A category's cases of the last 24 hours, by hour."""

    category: str
    category_name: str
    cases: int
    hours: list[int]


class PlaceRate(BaseModel):
    """A category in a regency: the last hour, by five minutes."""

    category: str
    category_name: str
    region: str
    region_name: str
    last_hour: int
    steps: list[int]


class AgencyRate(BaseModel):
    """What came to an agency within the window, how often it answered, and how often it broke a deadline."""

    agency: str
    agency_name: str
    arrived: int
    followed: int
    breached: int


class PublisherRate(BaseModel):
    """What a publisher sent within the window."""

    publisher: str
    accepted: int
    rejected: int


class Rates(BaseModel):
    """How much comes: `hours` from `first_hour` on, the hour that goes on last; the windows of agencies and publishers hop by the hour."""

    first_hour: datetime | None
    cases: int
    hours: list[int]
    categories: list[CategoryRate]
    places: list[PlaceRate]
    window_hours: int
    agencies: list[AgencyRate]
    publishers: list[PublisherRate]


class Pulse(BaseModel):
    """All of it, in Salur time: everything that happened until `heard_until` is counted."""

    as_of: datetime
    heard_until: datetime | None
    surges: list[SurgeNow]
    silences: list[SilenceNow]
    counts: Numbers
    rates: Rates
