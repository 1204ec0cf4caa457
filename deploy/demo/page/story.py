"""One case told from door to close: what happened, who was told, and what caused it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from deploy.demo.evidence import Evidence, Fact
from deploy.demo.page.words import CLOCKS, Both, agency, moment
from schemas.topics import RESTRICTED

_WEIGHTS: Final = {
    "case.transferred": 3, "case.deferred": 4, "case.replied": 4, "deadline.breached": 4, "escalation.raised": 1, "case.closed": 8,
    "case.extended": 2, "case.handed_down": 2, "deadline.warned": 2, "case.acknowledged": 1,
}  # fmt: skip
LONGEST: Final = 34
"""A story of more steps is not told: nobody would read it."""
_BAD: Final = frozenset({"deadline.breached", "escalation.raised", "escalation.unaddressed"})
_GOOD: Final = frozenset({"case.followed_up", "case.closed", "complaint.accepted"})


def _a(data: Mapping[str, Any], name: str) -> str:
    return agency(str(data[name]))


def _clock(data: Mapping[str, Any], language: int) -> str:
    return CLOCKS[data["clock"]][language].lower()


_TOLD: Final[Mapping[str, Callable[[Mapping[str, Any]], Both]]] = {
    "complaint.accepted": lambda _: Both("Laporan diterima; pelapor mendapat nomor pelacakan.", "Accepted; the reporter has a tracking number."),
    "complaint.supplement_accepted": lambda _: Both("Pelapor menambahkan keterangan.", "The reporter adds to it."),
    "complaint.rating_accepted": lambda d: Both(f"Pelapor menilai penanganan: {d['rating']} dari 4.", f"The reporter rates it: {d['rating']} of 4."),
    "case.routed": lambda d: Both(f"Disalurkan kepada {_a(d, 'owner')}.", "Routed to its first owner."),
    "case.acknowledged": lambda d: Both(f"{_a(d, 'owner')} menyatakan sudah membaca.", "Its owner has seen it."),
    "case.verified": lambda d: Both(f"Diverifikasi oleh {_a(d, 'owner')}.", "Verified by its owner."),
    "case.deferred": lambda _: Both("Instansi bertanya kepada pelapor; tenggat dihentikan sementara.", "The reporter is asked; clocks stand still."),
    "case.resumed": lambda _: Both("Pekerjaan dilanjutkan; tenggat berjalan lagi.", "Work goes on; clocks run again."),
    "case.transferred": lambda d: Both(f"Dialihkan dari {_a(d, 'from')} kepada {_a(d, 'to')}.", "Handed over."),
    "case.transfer_requested": lambda d: Both(f"{_a(d, 'owner')} meminta koordinator memutuskan.", "A coordinator is asked to decide."),
    "case.handed_down": lambda d: Both(f"Pekerjaan diteruskan kepada {_a(d, 'to')}.", "The work is handed down."),
    "case.extended": lambda d: Both(f"Waktu penyelesaian ditambah {d['days']} hari kerja.", f"{d['days']} more working days are taken."),
    "case.reclassified": lambda _: Both("Klasifikasi diperbaiki.", "Reclassified."),
    "case.followed_up": lambda d: (
        Both(f"Dijawab oleh {_a(d, 'owner')}.", "Answered.") if d["final"] else Both("Jawaban sementara.", "An interim answer.")
    ),
    "case.replied": lambda _: Both("Pelapor menanggapi: belum selesai.", "The reporter replies: not done yet."),
    "case.closed": lambda d: Both(f"Ditutup oleh {_by(d['by']).id}.", f"Closed by {_by(d['by']).en}."),
    "case.reopened": lambda _: Both("Dibuka kembali.", "Reopened."),
    "deadline.warned": lambda d: Both(
        f"Peringatan: {d['consumed_percent']} % waktu {_clock(d, 0)} terpakai.", f"Warning: {d['consumed_percent']} % of {_clock(d, 1)} used."
    ),
    "deadline.breached": lambda d: Both(f"Tenggat {_clock(d, 0)} terlampaui.", f"The {_clock(d, 1)} deadline is missed."),
    "deadline.elapsed": lambda d: Both(f"Waktu {_clock(d, 0)} habis tanpa tanggapan.", f"The time for {_clock(d, 1)} is over."),
    "escalation.raised": lambda d: Both(f"Dinaikkan kepada {_a(d, 'to')} (tingkat {d['level']}).", f"Escalated to level {d['level']}."),
    "escalation.unaddressed": lambda _: Both("Tidak ada lagi instansi di atasnya.", "Nobody is left above."),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened; `notices` are who was told of it and how, `because` the reasons that were given."""

    at: str
    said: Both
    speaker: str
    tone: str
    because: Sequence[str]
    notices: Sequence[str]


@dataclass(frozen=True, slots=True)
class Story:
    """The case, its text as far as it may be shown, and its steps."""

    tracking: str
    title: str | None
    text: str | None
    steps: Sequence[Step]


def story_of(evidence: Evidence) -> Story | None:
    """Return the story of the case in which most happened and that may be shown, None when there is none."""
    ways: dict[str, list[Fact]] = {}
    for fact in evidence.once:
        if fact.sequence:
            ways.setdefault(fact.case_id, []).append(fact)
    shown = {case: facts for case, facts in ways.items() if all(fact.topic != RESTRICTED for fact in facts) and _told(facts)}
    if not shown:
        return None
    facts = max(shown.values(), key=_worth)
    accepted: Mapping[str, Any] = next((fact.data for fact in facts if fact.what == "complaint.accepted"), {})
    notices: dict[str, list[str]] = {}
    for fact in facts:
        if fact.what == "notice.delivered":
            way = "surel" if fact.data["channel"] == "mail" else "webhook"
            who = fact.data["recipient"]
            name = "penerbit laporan" if who["role"] == "publisher" else agency(who["agency"])
            notices.setdefault(fact.data["cause"], []).append(f"{way} → {name}")
    order = sorted(facts, key=lambda fact: (fact.time, fact.speaker != "intake", fact.speaker != "routing", fact.sequence))
    steps = [_step(fact, notices.get(fact.id, ())) for fact in order if fact.what in _TOLD]
    return Story(facts[0].tracking, accepted.get("title"), accepted.get("text"), steps)


def _told(facts: Sequence[Fact]) -> bool:
    return sum(fact.what in _TOLD for fact in facts) <= LONGEST


def _worth(facts: Sequence[Fact]) -> float:
    """Say how much there is to tell: a case that may be read, that was answered and closed, and to which much happened."""
    whats = {fact.what for fact in facts}
    read = any(fact.what == "complaint.accepted" and fact.data.get("text") for fact in facts)
    return len(whats) + sum(_WEIGHTS[what] for what in whats & _WEIGHTS.keys()) + 12 * read


def _step(fact: Fact, notices: Sequence[str]) -> Step:
    tone = "bad" if fact.what in _BAD else "soon" if fact.what == "deadline.warned" else "good" if fact.what in _GOOD else ""
    because: Sequence[str] = fact.data.get("because", ()) if fact.what == "case.routed" else ()
    return Step(moment(fact.time), _TOLD[fact.what](fact.data), fact.speaker, tone, because, notices)


def _by(by: object) -> Both:
    if isinstance(by, dict):
        return Both(agency(str(by["agency"])), "its agency")
    return Both("pelapor", "the reporter") if by == "reporter" else Both("sistem: masa tanggapan selesai", "the system: the time to reply is over")
