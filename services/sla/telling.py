"""How a case's clocks are told over HTTP (contracts §6): each with its reckoning in words and numbers. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from schemas.words import Kind
from services.sla.because import explain
from services.sla.clocks import Case, Change, ChangeKind, ClockRun
from services.sla.directory import Reference
from services.sla.ladder import percent_used
from services.sla.phrases import CLOCKS, KINDS, Language
from services.sla.wording import at_time, budget_words, step_words, told
from services.sla.worktime import Budget


def language_of(asked: str | None, accepted: str | None) -> Language:
    """Return the language to speak: the one asked for, else the best of an `Accept-Language` header; Indonesian where neither is spoken."""
    wishes = [(1.0, asked)] if asked else [_wish(part) for part in (accepted or "").split(",")]
    for weight, wish in sorted(wishes, key=lambda wish: -wish[0]):
        word = wish.strip().lower().partition("-")[0]
        if weight > 0 and word in {*Language}:
            return Language(word)
    return Language.ID


def _wish(part: str) -> tuple[float, str]:
    """Return one language of the header and how much it is wanted; a weight that is none is the least."""
    word, _, weight = part.partition(";q=")
    try:
        return float(weight or 1), word
    except ValueError:
        return 0.0, word


def deadlines(case: Case, now: datetime, reference: Reference, language: Language = Language.ID) -> dict[str, Any]:
    """Return every clock of a case, the oldest first, as it stands at `now`."""
    clocks = [_clock(run, now, reference, language) for run in case.runs]
    return {"case_id": case.case_id, "tracking_id": case.tracking_id, "owner": case.owner, "deadlines": clocks, "as_of": _moment(now)}


def _clock(run: ClockRun, now: datetime, reference: Reference, language: Language) -> dict[str, Any]:
    until = run.paused_at or run.ended_at or now
    pauses = [{"from": _moment(start), "until": _moment(end)} for start, end in run.pauses]
    if run.paused_at is not None:
        pauses.append({"from": _moment(run.paused_at), "until": _moment(run.ended_at)})
    return {
        "clock": run.clock,
        "agency": run.agency,
        "state": run.state,
        "started_at": _moment(run.started_at),
        "due_at": _moment(run.due_at),
        "breached_at": _moment(run.breached_at),
        "ended_at": _moment(run.ended_at),
        "consumed_percent": max(0, percent_used(run, max(until, run.started_at), reference.calendar)),
        "level": run.level,
        "pauses": pauses,
        "policy_version": run.policy_version,
        "calendar_version": run.calendar_version,
        "because": list(_because(run, reference, language)),
    }


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _because(run: ClockRun, reference: Reference, language: Language) -> Iterator[str]:
    policy, calendar = reference.policies.of(run.clock, run.kind), reference.calendar(run.zone)
    clock, promised = CLOCKS[language][run.clock], budget_words(policy.budget, language)
    yield told(language, "policy", version=run.policy_version, clock=clock, budget=promised, citation=policy.citation[language])
    yield told(language, "since", at=at_time(run.started_at, run.zone, language), agency=reference.directory.find(run.agency).name)
    yield from (_change(change, run.zone, reference, language) for change in run.changes)
    due, budget = run.due_at.astimezone(calendar.table.zone), policy.budget_with(run.extra_days)
    for step in explain(run.started_at, due, budget, calendar, options=policy.options, pauses=run.pauses):
        yield step_words(step, run.zone, language)
    for name, at in (("stands", run.paused_at), ("ran_out", run.breached_at), (run.state, run.ended_at)):
        if at is not None:
            yield told(language, name, at=at_time(at, run.zone, language))


def _change(change: Change, zone: str, reference: Reference, language: Language) -> str:
    match change.what:
        case ChangeKind.EXTENDED:
            detail = budget_words(Budget(working_days=int(change.detail)), language)
        case ChangeKind.RECLASSIFIED:
            detail = KINDS[language][Kind(change.detail)]
        case ChangeKind.BOUND:
            detail = reference.directory.find(change.detail).name
    return told(language, change.what, detail=detail, at=at_time(change.at, zone, language), was=at_time(change.was, zone, language))
