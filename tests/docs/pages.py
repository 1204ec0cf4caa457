"""The pages that people read, and the snippets in them: fenced blocks of `sh` and `python`, each with a name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PASSING = ROOT / "docs" / "progress.md"
"""Speaks of the work, not of Salur, and goes when nothing is open any more."""
PAGES = sorted({ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")} - {PASSING})
_BLOCK = re.compile(r"^```(\S*)[ ]?([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RUN = ("sh", "python")


@dataclass(frozen=True, slots=True)
class Snippet:
    """One block that a reader may copy and run."""

    page: str
    language: str
    name: str
    text: str


def snippets(page: Path) -> list[Snippet]:
    """Return what can be run on a page, in its order."""
    found = _BLOCK.findall(page.read_text())
    return [Snippet(page.stem, language, name, text) for language, name, text in found if language in RUN]


def all_snippets() -> list[Snippet]:
    return [snippet for page in PAGES for snippet in snippets(page)]
