"""The answer of one check."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was checked, in numbers, and every counterexample."""

    name: str
    numbers: str
    problems: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Return whether no counterexample was found."""
        return not self.problems


def verdict(name: str, numbers: str, problems: Iterable[str]) -> Verdict:
    """Return a verdict of problems as they were found."""
    return Verdict(name, numbers, tuple(problems))
