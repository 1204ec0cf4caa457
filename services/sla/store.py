"""All SQL of sla, and how a case's clocks become bytes."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
from asyncpg import Record

from chassis.item import Write
from chassis.postgres import Pool, borrow, transaction
from schemas.words import Clock, Kind
from services.sla.clocks import TIMER_KIND, Arm, Case, Change, ChangeKind, ClockRun, Count, Disarm, Standing, Tally

FORMAT: Final = 2
"""The first word of a document: how the rest is read; 1 knew neither pauses nor changes of a clock."""

LOAD: Final = "SELECT case_id, agency, document FROM clocks WHERE case_id = ANY($1::uuid[])"
_ONE: Final = "SELECT case_id, agency, document FROM clocks WHERE case_id = $1"
_OVERDUE: Final = "SELECT count(*) FROM (SELECT FROM timer WHERE due_at <= $1 LIMIT 100000) t"
_FOLD: Final = """
WITH gone AS (
    DELETE FROM tally WHERE ctid = ANY(ARRAY(SELECT ctid FROM tally LIMIT 20000)) RETURNING agency, sla_state, cases, clockless, timers
)
INSERT INTO open_count AS o (agency, sla_state, cases, clockless, timers)
SELECT agency, sla_state, sum(cases), sum(clockless), sum(timers) FROM gone GROUP BY agency, sla_state ORDER BY agency, sla_state
ON CONFLICT (agency, sla_state) DO UPDATE
SET cases = o.cases + EXCLUDED.cases, clockless = o.clockless + EXCLUDED.clockless, timers = o.timers + EXCLUDED.timers"""
_COUNTS: Final = "SELECT agency, sla_state, cases, clockless, timers FROM open_count"


def pack(case: Case) -> bytes:
    """Return a case as its document; its agency and id stand in columns."""
    runs = [
        [
            *(run.clock, run.agency, run.zone, run.started_at, run.due_at, run.basis, run.policy_version, run.calendar_version),
            *(run.state, run.warned, run.level, run.breached_at, run.ended_at, run.epoch, run.next_at, run.pauses),
            *(run.kind, run.paused_at, run.extra_days, [[*change] for change in run.changes]),
        ]
        for run in case.runs
    ]
    return orjson.dumps(
        [FORMAT, case.tracking_id, case.kind, case.open, case.sequence, case.armings, case.revision, runs, case.restricted],
    )


def unpack(case_id: UUID, agency: str, document: bytes) -> Case:
    """Return the case that `pack` wrote."""
    format_, tracking_id, word, open_, sequence, armings, revision, told, *more = orjson.loads(document)
    kind = Kind(word)
    if format_ == 1:
        told, more = [[*run, kind, None, 0, ()] for run in told], [kind is Kind.WHISTLEBLOWING]
    return Case(case_id, tracking_id, kind, agency, tuple(_run(run) for run in told), open_, sequence, armings, revision, *more)


def _run(told: list[Any]) -> ClockRun:
    clock, agency, zone, started, due, basis, policy, calendar, state, warned, level, breached, ended, epoch, following, pauses, *more = told
    kind, paused, extra_days, changes = more
    return ClockRun(
        clock=Clock(clock),
        agency=agency,
        zone=zone,
        started_at=datetime.fromisoformat(started),
        due_at=datetime.fromisoformat(due),
        basis=basis,
        policy_version=policy,
        calendar_version=calendar,
        kind=Kind(kind),
        state=Standing(state),
        warned=warned,
        level=level,
        breached_at=_moment(breached),
        ended_at=_moment(ended),
        epoch=epoch,
        next_at=_moment(following),
        pauses=tuple((datetime.fromisoformat(a), datetime.fromisoformat(b)) for a, b in pauses),
        paused_at=_moment(paused),
        extra_days=extra_days,
        changes=tuple(_change(change) for change in changes),
    )


def _change(told: list[str]) -> Change:
    what, at, was, detail = told
    return Change(ChangeKind(what), datetime.fromisoformat(at), datetime.fromisoformat(was), detail)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def state(row: Record) -> Case | None:
    """Return the clocks of a loaded row."""
    return None if row["document"] is None else unpack(row["case_id"], row["agency"], row["document"])


def _clocks_row(pair: tuple[UUID, Case]) -> tuple[Any, ...]:
    return pair[0], pair[1].owner, pack(pair[1])


WRITES: Final[dict[type, Write]] = {
    Case: Write(
        "INSERT INTO clocks (case_id, agency, document) SELECT * FROM unnest({}::uuid[], {}::text[], {}::bytea[]) "
        "ON CONFLICT (case_id) DO UPDATE SET agency = EXCLUDED.agency, document = EXCLUDED.document",
        _clocks_row,
    ),
    Arm: Write(
        "INSERT INTO timer (case_id, clock, kind, epoch, due_at) "
        "SELECT * FROM unnest({}::uuid[], {}::text[], {}::text[], {}::int[], {}::timestamptz[]) "
        "ON CONFLICT (case_id, clock, kind) DO UPDATE SET epoch = EXCLUDED.epoch, due_at = EXCLUDED.due_at",
        lambda arm: (arm.case_id, arm.clock, TIMER_KIND, arm.epoch, arm.due_at),
    ),
    Disarm: Write(
        "DELETE FROM timer USING unnest({}::uuid[], {}::text[]) AS d (case_id, clock) WHERE timer.case_id = d.case_id AND timer.clock = d.clock",
        lambda disarm: (disarm.case_id, disarm.clock),
    ),
    Tally: Write(
        "INSERT INTO tally (agency, sla_state, cases, clockless, timers) "
        "SELECT * FROM unnest({}::text[], {}::text[], {}::int[], {}::int[], {}::int[])",
        lambda tally: (tally.agency, tally.sla_state, tally.cases, tally.clockless, tally.timers),
    ),
}


async def clocks_of(pool: Pool, case_id: UUID) -> Case | None:
    """Return the clocks of one case, None when it is not known; raises AwayError."""
    async with borrow(pool) as connection:
        row = await connection.fetchrow(_ONE, case_id)
    return None if row is None else state(row)


async def counts(pool: Pool) -> list[Count]:
    """Add up what has changed and return the counts of open cases by agency and state; raises AwayError."""
    async with transaction(pool) as connection:
        await connection.execute(_FOLD)
        return [Count(**row) for row in await connection.fetch(_COUNTS)]


async def overdue(pool: Pool, now: datetime) -> int:
    """Return how many timers are due by `now`, 100,000 at most; raises AwayError."""
    async with borrow(pool) as connection:
        return int(await connection.fetchval(_OVERDUE, now))
