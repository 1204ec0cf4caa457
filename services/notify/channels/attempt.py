"""What comes of handing one message over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Attempt:
    """The message was taken (`reason` None), refused for good, or is to be tried again, not before `after_seconds` where that was asked.

    `away` means that the server itself could not be reached or used, so that other messages would fare the same.
    """

    reason: str | None = None
    for_good: bool = False
    away: bool = False
    after_seconds: float = 0.0


TAKEN: Final = Attempt()
