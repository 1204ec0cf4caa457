"""The calendars and policies that come with the repository, read from `data/`."""

from functools import cache
from pathlib import Path
from typing import Any, Final

import orjson

from services.sla.calendars import Calendar, read_calendar

DATA: Final = Path(__file__).resolve().parents[2] / "data"
NATIONAL: Final = "id-national"
ZONES: Final = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")  # WIB, WITA, WIT


@cache
def national_calendar(timezone: str = ZONES[0]) -> Calendar:
    """Return the national working calendar by the wall clock of an Indonesian zone."""
    return read_calendar(orjson.loads((DATA / "calendars" / f"{NATIONAL}.json").read_bytes())).in_zone(timezone)


@cache
def default_policies() -> dict[str, Any]:
    """Return the document of data/policies/default.json: one row a clock and kind, each with the rule it rests on and where that was found."""
    document: dict[str, Any] = orjson.loads((DATA / "policies" / "default.json").read_bytes())
    return document
