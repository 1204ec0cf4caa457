"""The report that stays: one page with the flow, the checks, the story of one case, and every mail."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader

from deploy.demo.checks.verdict import Verdict
from deploy.demo.evidence import Evidence, Fact
from deploy.demo.settings import WIB, DemoSettings
from deploy.demo.tally import moment, tell

COUNTEREXAMPLES = 20
_FLOW = (
    ("Aduan diterima", "complaint.accepted"),
    ("Disalurkan", "case.routed"),
    ("Diverifikasi", "case.verified"),
    ("Dialihkan", "case.transferred"),
    ("Ditindaklanjuti", "case.followed_up"),
    ("Ditutup", "case.closed"),
    ("Peringatan", "deadline.warned"),
    ("Terlampaui", "deadline.breached"),
    ("Eskalasi", "escalation.raised"),
    ("Surel terkirim", "notice.delivered"),
)
_WEIGHTS = {
    "case.transferred": 5,
    "case.transfer_requested": 5,
    "deadline.breached": 4,
    "escalation.raised": 1,
    "case.closed": 8,
    "deadline.elapsed": 3,
}


def leave(out: Path, evidence: Evidence, verdicts: Sequence[Verdict], settings: DemoSettings, logs: Path, seconds: float) -> None:
    """Write `report.html` and the mails beside it, in place of those of an earlier run."""
    shutil.rmtree(out / "mails", ignore_errors=True)
    (out / "mails").mkdir(parents=True)
    for mail in evidence.mails:
        (out / "mails" / f"{mail['id']}.html").write_text(mail["html"] or mail["text"], encoding="utf-8")
    counts = Counter(fact.what for fact in evidence.once)
    templates = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    facts = [fact.time for fact in evidence.said("intake") + evidence.said("routing")]
    page = templates.get_template("report.html.j2").render(
        flow=[(label, counts[what]) for label, what in _FLOW],
        verdicts=verdicts,
        holds=all(verdict.holds for verdict in verdicts),
        most=COUNTEREXAMPLES,
        story=_story(evidence),
        mails=evidence.mails,
        settings=settings,
        seconds=round(seconds),
        begins=_date(min(facts, default=evidence.now)),
        ends=_date(evidence.now),
        logs=logs.as_uri(),
    )
    (out / "report.html").write_text(page, encoding="utf-8")


def _date(at: datetime) -> str:
    return f"{at.astimezone(WIB):%d %b %Y}"


def _story(evidence: Evidence) -> Mapping[str, Any] | None:
    """Return the case in which most happened, from the door to its end."""
    ways: dict[str, list[Fact]] = {}
    for fact in evidence.once:
        if fact.sequence:
            ways.setdefault(fact.case_id, []).append(fact)
    open_to_all = {case: facts for case, facts in ways.items() if all(fact.topic != "salur.restricted" for fact in facts)}
    if not open_to_all:
        return None
    facts = max(
        open_to_all.values(), key=lambda way: len({fact.what for fact in way}) + sum(_WEIGHTS[w] for w in {f.what for f in way} & _WEIGHTS.keys())
    )
    accepted = next((fact.data for fact in facts if fact.what == "complaint.accepted"), {})
    by_message = {mail["message_id"]: mail for mail in evidence.mails}
    steps = [
        {
            "at": moment(fact.time),
            "speaker": fact.speaker,
            "what": fact.what,
            "sentence": _sentence(fact),
            "bad": fact.what in {"deadline.breached", "escalation.raised", "escalation.unaddressed"},
            "mail": by_message.get(fact.data.get("message_id")),
        }
        for fact in sorted(facts, key=lambda fact: (fact.time, fact.speaker != "intake", fact.speaker != "routing", fact.speaker, fact.sequence))
        if fact.what != "notice.queued"
    ]
    return {"tracking": facts[0].tracking, "accepted": accepted, "steps": steps}


def _sentence(fact: Fact) -> str:
    told = tell(fact)
    if told is not None:
        because = fact.data.get("because")
        return f"{told} — {' '.join(because)}" if because else told
    match fact.what:
        case "complaint.accepted":
            return f"accepted by {fact.data['channel']}, {fact.data['kind']}"
        case "notice.delivered":
            return f"mail to {fact.data['recipient']['agency']} ({fact.data['rule']})"
    clock = fact.data.get("clock")
    if clock is None:
        return fact.what
    return f"{clock} of {fact.data['agency']}: {fact.what.rpartition('.')[2]}, due {moment(fact.instant('due_at'))}"
