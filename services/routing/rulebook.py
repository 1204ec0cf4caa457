"""Reads a file of routing rules and says everything that is wrong with it, before any case is decided by it. Pure."""

from __future__ import annotations

import csv
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from io import StringIO
from itertools import product
from typing import Any, Final

from schemas.words import Kind
from services.routing.directory import Directory, is_region
from services.routing.rules import BUILT_IN, REGIONAL, Rule, Rules

_FIELDS: Final = frozenset({"id", "categories", "regions", "kinds", "to", "because"})
_KINDS: Final = frozenset(Kind)


class RulesError(Exception):
    """A rule file that cannot be used; `problems` says every reason, one sentence each, with the rule's id."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(self.problems))


@dataclass(slots=True)
class _Draft:
    """The index while it grows, and what was found wrong so far."""

    directory: Directory
    categories: Collection[str]
    index: dict[str | None, dict[str | None, dict[Kind | None, Rule]]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)


def read_rules(text: str, directory: Directory, categories: Collection[str]) -> Rules:
    """Read the rules of a JSON file against the agencies and categories there are; raises RulesError.

    The file: `{"rules_version", "rules": [{"id", "to", "because", "categories"?, "regions"?, "kinds"?}]}`; a list that is
    absent stands for any, one with several entries for each of them; other fields beside `rules` are notes.
    """
    version, entries = _document(text)
    draft = _Draft(directory, categories)
    for number, entry in enumerate(entries, start=1):
        _add(draft, entry, f"rule {number}")
    if draft.problems:
        raise RulesError(draft.problems)
    return Rules(version, directory, draft.index)


def read_codes(text: str) -> frozenset[str]:
    """Return the codes of a CSV of categories or regions."""
    return frozenset(row["code"] for row in csv.DictReader(StringIO(text)))


def _document(text: str) -> tuple[str, list[Any]]:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise RulesError([f"the file is not JSON: {error}"]) from error
    version = document.get("rules_version") if isinstance(document, dict) else None
    rules = document.get("rules") if isinstance(document, dict) else None
    if not isinstance(version, str) or not version or not isinstance(rules, list):
        raise RulesError(["the file must be an object with rules_version, a text, and rules, a list"])
    return version, rules


def _add(draft: _Draft, entry: Any, position: str) -> None:
    """Add one rule of the file under each of its keys, or note what is wrong with it."""
    name = entry["id"] if isinstance(entry, dict) and isinstance(entry.get("id"), str) and entry["id"] else position
    if problems := [f"{name}: {problem}" for problem in _problems(draft, entry)]:
        draft.problems += problems
        return
    draft.ids.add(name)
    rule = Rule(name, entry["to"], entry["because"])
    kinds = [Kind(kind) for kind in entry["kinds"]] if "kinds" in entry else [None]
    for category, region, kind in product(entry.get("categories", [None]), entry.get("regions", [None]), kinds):
        by_kind = draft.index.setdefault(category, {}).setdefault(region, {})
        if (other := by_kind.setdefault(kind, rule)) is not rule:
            key = f"category {category or 'any'}, region {region or 'any'}, kind {kind or 'any'}"
            draft.problems.append(f"{name}: {other.id} has the same {key}")


def _problems(draft: _Draft, entry: Any) -> Iterator[str]:
    if not isinstance(entry, dict):
        yield "must be an object"
        return
    yield from (f"{name} is not a field of a rule" for name in sorted(entry.keys() - _FIELDS))
    for name in ("id", "to", "because"):
        if not isinstance(entry.get(name), str) or not entry[name]:
            yield f"{name} must be a text that is not empty"
    if entry.get("id") in BUILT_IN:
        yield "this id stands for what decides without a rule"
    if entry.get("id") in draft.ids:
        yield "another rule has this id"
    if isinstance(entry.get("to"), str) and not _is_target(entry["to"], draft.directory):
        yield f"to names {entry['to']}, which is neither an agency of the directory nor {REGIONAL} nor {REGIONAL}/<unit>"
    yield from _list_problems(draft, entry)


def _list_problems(draft: _Draft, entry: Mapping[str, Any]) -> Iterator[str]:
    for name in ("categories", "regions", "kinds"):
        words = entry.get(name, ["any"])
        if not isinstance(words, list) or not words or not all(isinstance(word, str) for word in words):
            yield f"{name} must be a list of texts that is not empty"
            continue
        if len(words) != len(set(words)):
            yield f"{name} names one thing twice"
        if name in entry:
            yield from (f"{name} names {word}, which is unknown" for word in words if not _is_known(draft, name, word))


def _is_known(draft: _Draft, name: str, word: str) -> bool:
    if name == "categories":
        return word in draft.categories
    if name == "kinds":
        return word in _KINDS
    # districts and villages are not in the directory; what they belong to must be
    return is_region(word) and word[:5] in draft.directory.agencies


def _is_target(to: str, directory: Directory) -> bool:
    place, slash, slug = to.partition("/")
    if place == REGIONAL:
        return not slash or bool(slug)
    return directory.get(to) is not None
