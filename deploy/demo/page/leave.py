"""Writes the report and the mails beside it."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from deploy.demo.checks.verdict import Verdict
from deploy.demo.evidence import Evidence
from deploy.demo.page import words
from deploy.demo.page.charts import SHADES, Place, shade, spread, tiles
from deploy.demo.page.figures import Figures, Way, middle, share
from deploy.demo.page.flow import picture, stages
from deploy.demo.page.story import story_of
from deploy.demo.page.words import Both, number, percent, seconds
from deploy.demo.settings import DemoSettings

COUNTEREXAMPLES: Final = 20
AGENCIES: Final = 24


class Figure(NamedTuple):
    """One headline figure with what it means."""

    value: str
    name: Both
    meaning: Both
    tone: str = ""


class Row(NamedTuple):
    """One agency in the tree: how many cases it had, answered in time, answered late, and not answered."""

    name: str
    group: Both
    cases: int
    kept: int
    late: int
    unanswered: int
    other: int


def leave(out: Path, evidence: Evidence, verdicts: Sequence[Verdict], settings: DemoSettings, logs: Path, real_seconds: float) -> None:
    """Write `report.html` and the mails beside it, in place of those of an earlier run."""
    shutil.rmtree(out / "mails", ignore_errors=True)
    (out / "mails").mkdir(parents=True)
    for mail in evidence.mails:
        (out / "mails" / f"{mail['id']}.html").write_text(mail["html"] or mail["text"], encoding="utf-8")
    (out / "report.html").write_text(render(evidence, verdicts, settings, logs, real_seconds), encoding="utf-8")


def render(evidence: Evidence, verdicts: Sequence[Verdict], settings: DemoSettings, logs: Path, real_seconds: float) -> str:
    """Return the report as one page that needs nothing beside it."""
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    templates.globals |= {"number": number, "percent": percent, "seconds": seconds}
    figures = Figures(evidence)
    places = _places(figures.ways)
    times = [fact.time for fact in evidence.said("intake", "complaint.accepted")]
    return templates.get_template("page.html.j2").render(
        figures=_headline(figures),
        numbers=figures,
        flow=picture(figures.ways),
        stages=stages(figures.ways),
        tiles=tiles(places),
        places=sorted(places.values(), key=lambda place: -place.cases),
        shade=shade,
        shades=[(least, colour) for least, colour in SHADES],
        rows=_rows(figures.ways),
        clocks=[(words.CLOCKS[name], figures.clocks[name]) for name in words.CLOCKS if name in figures.clocks],
        to_owner=spread(figures.to_owner, "Waktu sampai ke pemilik"),
        lateness=spread(evidence.lateness, "Ketepatan penghitung waktu"),
        spans={
            "owner": (middle(figures.to_owner), share(figures.to_owner, 0.99)),
            "timers": (middle(evidence.lateness), share(evidence.lateness, 0.99)),
        },
        story=story_of(evidence),
        mails=_samples(evidence),
        verdicts=verdicts,
        holds=all(verdict.holds for verdict in verdicts),
        most=COUNTEREXAMPLES,
        settings=settings,
        real_seconds=real_seconds,
        begins=words.day(min(times, default=evidence.now)),
        arrived=words.day(max(times, default=evidence.now)),
        ends=words.day(_last(evidence)),
        logs=logs.as_uri(),
    )


def _headline(figures: Figures) -> list[Figure]:
    return [*_found(figures), *_promised(figures)]


def _found(figures: Figures) -> list[Figure]:
    """Return what became of the cases themselves."""
    ways, counts = figures.ways, figures.counts
    answered, cases = sum(way.answered for way in ways), len(ways)
    return [
        Figure(
            number(cases),
            Both("laporan, masing-masing satu pemilik", "complaints, each with one owner"),
            Both(
                f"Satu pemilik pada setiap saat; {number(counts['case.transferred'])} kali berpindah tangan.",
                f"One owner at every moment; {counts['case.transferred']:,} changes of hands.",
            ),
        ),
        Figure(
            seconds(middle(figures.to_owner)),
            Both("sampai ke pemilik (median)", "to the owner (median)"),
            Both(
                "Waktu nyata sejak diterima sampai pemilik ditetapkan; sekarang sampai 3 hari kerja.",
                "Real time from acceptance; today up to 3 days.",
            ),
        ),
        Figure(
            percent(answered, cases),
            Both("dijawab tuntas", "finally answered"),
            Both("Bagian laporan yang mendapat jawaban akhir dari instansinya.", "Share of cases that got a final answer."),
        ),
    ]


def _promised(figures: Figures) -> list[Figure]:
    """Return what became of deadlines, and who was told."""
    counts, (kept, judged) = figures.counts, figures.kept
    return [
        Figure(
            percent(kept, judged),
            Both("tenggat ditepati", "deadlines kept"),
            Both(
                f"Dari {number(judged)} tenggat instansi yang telah diuji; {number(judged - kept)} terlampaui.",
                f"Of {judged:,} deadlines of agencies; {judged - kept:,} were missed.",
            ),
            "bad" if judged > kept else "",
        ),
        Figure(
            number(counts["escalation.raised"]),
            Both("eskalasi ke atasan", "escalations"),
            Both("Setiap tenggat yang terlampaui naik setingkat demi setingkat sampai dijawab.", "A missed deadline climbs until it is answered."),
        ),
        Figure(
            number(counts["notice.delivered"]),
            Both("pemberitahuan, tepat satu kali", "notices, exactly once"),
            Both(
                f"{number(len(figures.evidence.mails))} surel dan {number(len(figures.evidence.hooks))} webhook bertanda tangan.",
                f"{len(figures.evidence.mails):,} mails and {len(figures.evidence.hooks):,} signed webhooks.",
            ),
        ),
    ]


def _places(ways: Sequence[Way]) -> Mapping[str, Place]:
    cases, breached = Counter[str](), Counter[str]()
    for way in ways:
        if way.region:
            cases[way.region[:2]] += 1
            breached[way.region[:2]] += way.breached
    return {code: Place(code, cases[code], breached[code], words.short(code).removeprefix("Prov. ")) for code in cases}


def _rows(ways: Sequence[Way]) -> list[tuple[Both, list[Row], int]]:
    """Return the agencies by level, those with most cases first, and how many of each level are not shown."""
    found: dict[str, list[Way]] = {}
    for way in ways:
        found.setdefault(way.owner, []).append(way)
    shown = sorted(found, key=lambda code: -len(found[code]))[:AGENCIES]
    groups: list[tuple[Both, list[Row], int]] = []
    for name in dict.fromkeys(words.LEVELS.values()):
        codes = [code for code in found if words.LEVELS[words.level(code)] == name]
        rows = [_row(code, found[code], name) for code in shown if code in codes]
        if rows:
            groups.append((name, rows, len(codes) - len(rows)))
    return groups


def _row(code: str, ways: Sequence[Way], group: Both) -> Row:
    kept = sum(way.answered and not way.breached for way in ways)
    late = sum(way.answered and way.breached for way in ways)
    unanswered = sum(way.outcome == "open" and not way.answered for way in ways)
    return Row(words.short(code), group, len(ways), kept, late, unanswered, len(ways) - kept - late - unanswered)


def _samples(evidence: Evidence) -> list[Mapping[str, Any]]:
    """Return one mail of each of the first kinds of notice, as they were sent."""
    rules = {fact.data["message_id"]: fact.data["rule"] for fact in evidence.said("notify", "notice.delivered")}
    found: dict[str, Mapping[str, Any]] = {}
    for mail in evidence.mails:
        found.setdefault(rules.get(mail["message_id"], ""), mail)
    return [found[rule] for rule in ("new-case", "warned", "escalated") if rule in found]


def _last(evidence: Evidence) -> datetime:
    return max((fact.time for fact in evidence.said("routing")), default=evidence.now)
