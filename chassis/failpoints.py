"""The places between two steps of the carrying at which a test may let the process die.

`reach` does nothing, and nothing in the product can change that: a test's own start module replaces it before it runs a service.
The enumeration is complete: the tests iterate over it, so a new step without a test fails.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum


class Point(StrEnum):
    """A moment between two steps, in the order in which a batch comes to them."""

    AFTER_FETCH = "after_fetch"
    AFTER_BEGIN = "after_begin"
    AFTER_CLAIM = "after_claim"
    AFTER_LOAD = "after_load"
    AFTER_DECIDE = "after_decide"
    AFTER_SAVE = "after_save"
    AFTER_COMMIT = "after_commit"
    AFTER_OFFSETS = "after_offsets"
    RELAY_AFTER_READ = "relay_after_read"
    RELAY_AFTER_PUBLISH = "relay_after_publish"
    RELAY_AFTER_DELETE = "relay_after_delete"
    FIRING_AFTER_PEEK = "firing_after_peek"
    FIRING_AFTER_CLAIM = "firing_after_claim"


def _nothing(_point: Point) -> None:
    """Go on."""


reach: Callable[[Point], None] = _nothing
