"""Who is competent for a category in a region, by the rules that routing has in force (data/README.md tells their form). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from schemas.words import Kind

REGIONAL: Final = "regional"
"""What stands in a rule for the government of the region."""

Key = tuple[str | None, str | None]
"""A category and a region; None stands for any."""


@dataclass(frozen=True, slots=True)
class Competence:
    """Whom the rules name for complaints, by category and region: a code, `regional`, or `regional/<unit>`."""

    by_key: Mapping[Key, str]

    def names(self, category: str, region: str) -> str | None:
        """Return whom the most specific rule names, by the category before the region, as routing reads them; None without a rule."""
        keys = ((each, place) for each in _wider(category) for place in _wider(region))
        return next((self.by_key[key] for key in keys if key in self.by_key), None)


NOBODY: Final = Competence({})


def of_rules(rules: Iterable[Mapping[str, Any]]) -> Competence:
    """Return what a rule file's `rules` say of complaints; one for complaints alone stands before one for any kind."""
    listed = list(rules)
    general = {key: str(rule["to"]) for rule in listed if rule.get("kinds") is None for key in _keys(rule)}
    special = {key: str(rule["to"]) for rule in listed if Kind.COMPLAINT in (rule.get("kinds") or ()) for key in _keys(rule)}
    return Competence(general | special)


def _keys(rule: Mapping[str, Any]) -> Iterator[Key]:
    for category in rule.get("categories") or (None,):
        for region in rule.get("regions") or (None,):
            yield category, region


def _wider(code: str) -> Iterator[str | None]:
    """Yield a code, those that it lies in, and None for any."""
    parts = code.split(".")
    yield from (".".join(parts[:depth]) for depth in range(len(parts), 0, -1))
    yield None
