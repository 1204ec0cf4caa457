"""Whose a new case is: rules of region, category and kind, as versioned data, with an explanation. Pure.

The most specific rule decides: category first (sub-topic, topic, any), then region (village, district, regency, province,
any), then kind (this one, any). The rules lie in an index of these three, so a decision costs a few look-ups however many
rules there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final, NamedTuple

from schemas.words import Kind
from schemas.workdays import Workdays
from services.routing.directory import NATIONAL, Agency, Directory, prefixes

ADDRESSED: Final = "addressed_to"
WHISTLEBLOWING: Final = "whistleblowing"
TRIAGE: Final = "triage"
BUILT_IN: Final = frozenset({ADDRESSED, WHISTLEBLOWING, TRIAGE})
"""What decides where no rule of the file does; no rule may bear these names."""

REGIONAL: Final = "regional"
"""The target that is the government of the case's region; `regional/<slug>` is that government's unit."""

RUNNERS_UP: Final = 3

Index = Mapping[str | None, Mapping[str | None, Mapping[Kind | None, "Rule"]]]
"""Rules by category, region and kind; None stands for any."""


class Question(NamedTuple):
    """What of a submission counts for its owner; `addressed_to` is a code or name as the reporter gave it."""

    kind: Kind
    category: str
    region: str | None
    addressed_to: str | None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: `to` is an agency's code, `regional` or `regional/<slug>`; `because` is a sentence for people."""

    id: str
    to: str
    because: str


class Routed(NamedTuple):
    """An owner, what decided it (a rule's id or one of BUILT_IN), and why in sentences."""

    owner: Agency
    rule: str
    because: tuple[str, ...]

    @property
    def triage(self) -> bool:
        """Whether the owner is a coordinator that must find the right agency."""
        return self.rule in {TRIAGE, WHISTLEBLOWING}


@dataclass(frozen=True, slots=True)
class Explanation:
    """Who would own a case, and who would if that rule were not there, the nearest first."""

    routed: Routed
    runners_up: tuple[Routed, ...]
    rules_version: str


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules of one version, read against one directory; `services.routing.rulebook` reads and checks them."""

    version: str
    directory: Directory
    index: Index

    def route(self, question: Question) -> Routed:
        """Return the owner of a new case; there always is one."""
        return next(self._candidates(question))

    def explain(self, question: Question) -> Explanation:
        """Return the same owner as `route`, with up to RUNNERS_UP that come after it."""
        first, *others = islice(self._candidates(question), 1 + RUNNERS_UP)
        return Explanation(first, tuple(others), self.version)

    def _candidates(self, question: Question) -> Iterator[Routed]:
        if question.kind is Kind.WHISTLEBLOWING:
            # an agency may be the reported party: nobody but the national coordinator sees it (domain §1.4)
            yield Routed(self.directory.agencies[NATIONAL], WHISTLEBLOWING, (_WHISTLEBLOWING,))
            return
        known: tuple[str, ...] = ()
        if question.addressed_to is not None:
            if (chosen := self.directory.find(question.addressed_to)) is not None:
                yield Routed(chosen, ADDRESSED, (f"Pelapor memilih sendiri instansi tujuan: {chosen.name}.",))
            else:
                known = (_UNKNOWN_ADDRESS,)
        for rule in self._matching(question):
            if (owner := self._target(rule, question.region)) is not None:
                yield Routed(owner, rule.id, known + _because(rule, question, owner))
        coordinator = self.directory.coordinator_of(question.region)
        search = f"{coordinator.name} sebagai koordinator menentukan instansi yang berwenang."
        yield Routed(coordinator, TRIAGE, (*known, _NO_RULE, search))

    def _matching(self, question: Question) -> Iterator[Rule]:
        regions = (*prefixes(question.region or ""), None)
        for category in (*prefixes(question.category), None):
            if (by_region := self.index.get(category)) is None:
                continue
            for region in regions:
                if (by_kind := by_region.get(region)) is None:
                    continue
                for kind in (question.kind, None):
                    if (rule := by_kind.get(kind)) is not None:
                        yield rule

    def _target(self, rule: Rule, region: str | None) -> Agency | None:
        """Return the agency a rule names; None when it names the region's government and that is not known."""
        if rule.to == REGIONAL:
            return None if region is None else self.directory.government_of(region)
        place, _, slug = rule.to.partition("/")
        if place == REGIONAL:
            return None if region is None else self.directory.unit_of(region, slug)
        return self.directory.agencies[rule.to]


@dataclass(frozen=True, slots=True)
class Reference:
    """What routing's decisions rest on: agencies, rules, the codes of categories and regions, the working days, and two numbers.

    `hop_limit`: transfers after which a coordinator must decide; `reopen_days`: working days for which a reporter may reopen.
    """

    directory: Directory
    rules: Rules
    categories: frozenset[str]
    regions: frozenset[str]
    workdays: Workdays
    hop_limit: int = 3
    reopen_days: int = 10


_WHISTLEBLOWING: Final = "Laporan whistleblowing hanya diterima koordinator nasional: instansi lain dapat menjadi pihak terlapor."
_UNKNOWN_ADDRESS: Final = "Instansi tujuan yang disebut pelapor tidak tercatat dalam direktori."
_NO_RULE: Final = "Tidak ada aturan yang menentukan instansi yang berwenang."


def _because(rule: Rule, question: Question, owner: Agency) -> tuple[str, ...]:
    place = "tanpa wilayah" if question.region is None else f"wilayah {question.region}"
    matched = f"Kategori {question.category}, {place}: aturan {rule.id} berlaku."
    slug = rule.to.removeprefix(f"{REGIONAL}/")
    if rule.to == REGIONAL:
        answer = f"Pemerintah daerah di wilayah itu adalah {owner.name}."
    elif slug == rule.to:
        answer = f"Yang berwenang adalah {owner.name}."
    elif owner.code.endswith(f"/{slug}"):
        answer = f"Unit yang menanganinya di wilayah itu adalah {owner.name}."
    else:
        answer = f"Unit {slug} tidak tercatat di bawah {owner.name}, maka {owner.name} sendiri menerimanya."
    return (matched, rule.because, answer)
