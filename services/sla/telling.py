"""How a case's clocks are told over HTTP (contracts §6): each with its reckoning in words and numbers. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from services.sla.because import explain
from services.sla.clocks import Case, ClockRun, Standing
from services.sla.directory import Reference
from services.sla.ladder import percent_used
from services.sla.wording import CLOCKS, at_time, budget_words, step_words


def deadlines(case: Case, now: datetime, reference: Reference) -> dict[str, Any]:
    """Return every clock of a case, the oldest first, as it stands at `now`."""
    told = [_clock(case, run, now, reference) for run in case.runs]
    return {"case_id": case.case_id, "tracking_id": case.tracking_id, "owner": case.owner, "deadlines": told, "as_of": _moment(now)}


def _clock(case: Case, run: ClockRun, now: datetime, reference: Reference) -> dict[str, Any]:
    until = run.ended_at or max(now, run.started_at)
    return {
        "clock": run.clock,
        "agency": run.agency,
        "state": run.state,
        "started_at": _moment(run.started_at),
        "due_at": _moment(run.due_at),
        "breached_at": _moment(run.breached_at),
        "ended_at": _moment(run.ended_at),
        "consumed_percent": max(0, percent_used(run, until, reference.calendar)),
        "level": run.level,
        "policy_version": run.policy_version,
        "calendar_version": run.calendar_version,
        "because": list(_because(case, run, reference)),
    }


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _because(case: Case, run: ClockRun, reference: Reference) -> list[str]:
    policy = reference.policies.of(run.clock, case.kind)
    calendar = reference.calendar(run.zone)
    sentences = [
        f"Kebijakan {run.policy_version}: {CLOCKS[run.clock]} dalam {budget_words(policy.budget)} ({policy.citation}).",
        f"Dihitung sejak {at_time(run.started_at, run.zone)} untuk {reference.directory.find(run.agency).name}.",
    ]
    due = run.due_at.astimezone(calendar.table.zone)
    steps = explain(run.started_at, due, policy.budget, calendar, options=policy.options, pauses=run.pauses)
    sentences += [step_words(step, run.zone) for step in steps]
    if run.breached_at is not None:
        sentences.append(f"Terlampaui; dicatat pada {at_time(run.breached_at, run.zone)}.")
    if run.ended_at is not None:
        sentences.append(f"{_ENDS[run.state]} pada {at_time(run.ended_at, run.zone)}.")
    return sentences


_ENDS = {
    Standing.MET: "Dipenuhi",
    Standing.BREACHED: "Berakhir setelah terlampaui",
    Standing.ELAPSED: "Habis waktunya",
    Standing.CANCELLED: "Dibatalkan",
}
