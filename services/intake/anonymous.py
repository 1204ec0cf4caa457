"""What is shown of an anonymous reporter's case besides its words: where it is, and what the publisher keeps of it. Pure.

An agency must find the pothole, and must not find who told of it (docs/privacy.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from schemas.inbound.complaint_submitted_v1 import Reporter
from schemas.redaction import LABELS
from services.intake.redaction import redact, redact_own
from services.intake.redaction.own import place_words

_HOME = "[alamat]"


def location_of(given: Mapping[str, Any], reporter: Reporter | None, public: frozenset[str]) -> dict[str, Any]:
    """Return the place redacted as a text is; without its point where the address tells that it is the reporter's home, or in their street."""
    shown = dict(given)
    if not (address := given.get("address")):
        return shown
    place, home = place_words(address), place_words(reporter.address or "") if reporter else ()
    shown["address"] = _HOME if place == home else redact(address, reporter, public)
    if shown["address"] != address or (place and home[: len(place)] == place):
        shown.pop("lat", None)
        shown.pop("lon", None)
    return shown


def attachments_of(given: Iterable[Mapping[str, Any]], reporter: Reporter | None, public: frozenset[str]) -> list[dict[str, Any]]:
    """Return the files; an address that holds what the reporter gave, such as a file named after them, is replaced by a token whole."""
    return [{**file, "url": _url(file["url"], reporter, public)} for file in given]


def _url(url: str, reporter: Reporter | None, public: frozenset[str]) -> str:
    plain = unquote(url)
    redacted = redact_own(plain, reporter, public)
    return url if redacted == plain else next(token for label in sorted(LABELS) if (token := f"[{label}]") in redacted)
