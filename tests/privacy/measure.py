"""Measures the redaction on a corpus: what went of what must go, and what is missing of what must stay."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from services.intake.redaction import redact
from services.intake.reference_data import read_reference
from tests.privacy import forms
from tests.privacy.corpus import Piece, Sample

HARD = frozenset(
    (label, form)
    for label, hard in (("NIK", forms.NIK_HARD), ("telephone", forms.PHONE_HARD), ("e-mail", forms.EMAIL_HARD), ("own name", forms.NAME_HARD))
    for form in hard
)
PUBLIC = read_reference(None).public
"""What a running intake leaves in its texts."""
_TOKEN = re.compile(r"\[[A-Za-z]+\]")
_WORD = re.compile(r"[^\W_]+")
_EDGES = " .,:;()#\n"
_CARRIERS = frozenset(str.split("nik no kk hp wa hubungi pak bu ibu bapak sdr mbak nya lah id at dot titik com co go"))
"""Words of a planted piece that tell nothing."""
_LEAK = 3
"""So many letters or figures left over are a leak."""
_KEPT = 12
"""Examples of what went wrong that are kept of each sort."""


@dataclass
class Count:
    """How many there were, how many of them were taken out, and some that went wrong."""

    total: int = 0
    taken: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, *, taken: bool, wrong: bool, example: str) -> None:
        self.total += 1
        self.taken += taken
        if wrong and len(self.wrong) < _KEPT:
            self.wrong.append(example)

    @property
    def share(self) -> float:
        return self.taken / self.total if self.total else 0.0


@dataclass
class Figures:
    """Recall by class and form, and by class what was taken out though it must stay."""

    texts: int = 0
    found: dict[tuple[str, str], Count] = field(default_factory=lambda: defaultdict(Count))
    stays: dict[str, Count] = field(default_factory=lambda: defaultdict(Count))

    def recall(self, label: str, *, hard: bool = False) -> Count:
        """Return the counts of a class's usual forms, or of its hard ones, as one."""
        told = [
            count
            for (of, form), count in self.found.items()
            if of == label and ((of, form) in HARD) == hard and not form.startswith(("own", "a word"))
        ]
        return Count(sum(count.total for count in told), sum(count.taken for count in told))

    @property
    def false_positives(self) -> int:
        """Return how often something that must stay was taken out."""
        return sum(count.taken for count in self.stays.values())


def measure(samples: Iterable[Sample]) -> Figures:
    """Redact every sample and look for its pieces."""
    figures = Figures()
    for sample in samples:
        figures.texts += 1
        _look(figures, sample, redact(sample.text, sample.reporter, PUBLIC))
    return figures


def _look(figures: Figures, sample: Sample, told: str) -> None:
    at = 0
    waiting: list[Piece] = []
    for piece in sample.pieces:
        if piece.goes:
            waiting.append(piece)
            continue
        words = piece.text.strip(_EDGES)
        if not words:
            continue
        place = told.find(words, at)
        lost = place < 0
        figures.stays[piece.label or "words"].add(taken=lost, wrong=lost, example=f"{piece.text!r} in {told!r}")
        if not lost:
            _judge(figures, waiting, told[at:place])
            at, waiting = place + len(words), []
    _judge(figures, waiting, told[at:])


def _judge(figures: Figures, pieces: list[Piece], left: str) -> None:
    """Count what should have gone from a stretch of the redacted text."""
    words = [word.casefold() for word in _WORD.findall(_TOKEN.sub(" ", left))]
    for piece in pieces:
        secret = {word.casefold() for word in _WORD.findall(piece.text)} - _CARRIERS
        leaked = sum(len(word) for word in words if word in secret) >= _LEAK
        figures.found[piece.label, piece.form].add(taken=not leaked, wrong=leaked, example=f"{piece.text!r} left {left!r}")


def table(figures: Figures) -> str:
    """Return the figures as a table in Markdown."""
    rows = [f"{figures.texts} texts", "", "| must go | form | found | of | recall |", "|---|---|---:|---:|---:|"]
    for (label, form), count in sorted(figures.found.items()):
        hard = " (hard)" if (label, form) in HARD else ""
        rows.append(f"| {label} | {form}{hard} | {count.taken} | {count.total} | {count.share:.1%} |")
    rows += ["", "| must stay | taken out | of |", "|---|---:|---:|"]
    rows += [f"| {label} | {count.taken} | {count.total} |" for label, count in sorted(figures.stays.items())]
    rows += ["", f"false positives: {figures.false_positives}, {100 * figures.false_positives / max(figures.texts, 1):.2f} in 100 texts"]
    return "\n".join(rows)
