"""What operators may see of an event's data: codes, times, counts, and sentences of our own; of what a citizen wrote the redacted title at most.

A field that is not named here is not shown, so that a new one is hidden until somebody has thought about it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from schemas.words import Kind

_ALWAYS: Final = frozenset(
    {
        *("kind", "was_kind", "submitted_at", "accepted_at", "anonymous", "confidential"),
        *("state", "owner", "by", "level", "triage", "rule", "rules_version", "directory_version", "because"),
        *("from", "hop", "decider", "decided_by", "days", "final", "followed_up_at", "rating"),
        *("clock", "agency", "due_at", "was", "why", "policy_version", "calendar_version", "consumed_percent", "fired_at", "basis"),
        *("notice_id", "cause", "channel", "recipient", "message_id", "about"),
    }
)
_NOT_OF_WHISTLEBLOWING: Final = frozenset({"category", "was_category", "region", "publisher"})
_OFTEN_CODES: Final = frozenset({"to"})
"""The code of an agency, but where an office names somebody outside Salur in its own words."""
_WRITTEN: Final = frozenset({"title", "reason"})
"""Redacted, or written by an office: on the topics of every ordinary case, and nowhere else."""
_REASONS_OF_OURS: Final = ("salur.escalation.", "salur.notice.", "salur.case.archived.")
_TO_OUTSIDE: Final = "salur.case.referred."


def is_restricted(said: Iterable[Mapping[str, Any]]) -> bool:
    """Return whether a case is whistle-blowing by anything that was said of it."""
    return any(Kind.WHISTLEBLOWING in (data.get("kind"), data.get("was_kind")) for data in said)


def is_private(said: Iterable[Mapping[str, Any]]) -> bool:
    """Return whether a case is confidential or whistle-blowing by anything that was said of it."""
    told = list(said)
    return is_restricted(told) or any(data.get("confidential") is True for data in told)


def shown(type_: str, data: Mapping[str, Any], *, private: bool, restricted: bool) -> dict[str, Any]:
    """Return the fields of an event's data that operators may see; `private` and `restricted` speak of its case."""
    names = set(_ALWAYS)
    if not restricted:
        names |= _NOT_OF_WHISTLEBLOWING
    if not private:
        names |= _WRITTEN
    if type_.startswith(_REASONS_OF_OURS):
        names.add("reason")
    if not (private and type_.startswith(_TO_OUTSIDE)):
        names |= _OFTEN_CODES
    return {name: value for name, value in data.items() if name in names}
