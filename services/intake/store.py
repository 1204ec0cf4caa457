"""All SQL of intake: cases by id, the vault, the tracking view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from asyncpg import Record

from chassis.item import Write
from chassis.postgres import Connection, Pool, borrow
from schemas.base import Event
from schemas.words import Kind
from services.intake.domain import Submission, VaultEntry
from services.intake.tracking import Step, step_of
from services.intake.vault import Vault

LOAD: Final = """
SELECT case_id, tracking_id, kind, category, confidential, publisher, external_ref, accepted_at FROM submission WHERE case_id = ANY($1::uuid[])"""
_SAVE: Final = """
INSERT INTO submission (case_id, tracking_id, kind, category, confidential, publisher, external_ref, accepted_at)
SELECT * FROM unnest({}::uuid[], {}::text[], {}::text[], {}::text[], {}::bool[], {}::text[], {}::text[], {}::timestamptz[])"""
_SEAL: Final = """
INSERT INTO vault (case_id, wrapped_key, text, title, reporter, location, attachments, reply_to)
SELECT * FROM unnest({}::uuid[], {}::bytea[], {}::bytea[], {}::bytea[], {}::bytea[], {}::bytea[], {}::bytea[], {}::bytea[])"""
_OPEN: Final = "SELECT * FROM vault WHERE case_id = $1"
_MIRROR: Final = """
INSERT INTO step (case_id, speaker, sequence, at, what, who, state, owner, clock, agency, due_at)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::int[], $4::timestamptz[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
                     $11::timestamptz[])
ON CONFLICT DO NOTHING"""
_FIND: Final = """
SELECT case_id, tracking_id, kind, category, confidential, publisher, external_ref, accepted_at FROM submission WHERE tracking_id = $1"""
_STEPS: Final = "SELECT speaker, sequence, at, what, who, state, owner, clock, agency, due_at FROM step WHERE case_id = $1"

VAULT_FIELDS: Final = ("text", "title", "reporter", "location", "attachments", "reply_to")


def state(row: Record) -> Submission | None:
    """Return the case of a loaded row, None where there is none."""
    return None if row["tracking_id"] is None else _submission(row)


def writes(vault: Vault) -> Mapping[type, Write]:
    """Return how a case and its vault entry become rows; the entry is sealed on its way."""

    def sealed(entry: VaultEntry) -> tuple[Any, ...]:
        wrapped, fields = vault.seal(entry.case_id, {name: getattr(entry, name) for name in VAULT_FIELDS})
        return (entry.case_id, wrapped, *fields)

    return {Submission: Write(_SAVE, _row), VaultEntry: Write(_SEAL, sealed)}


async def open_entry(connection: Connection, vault: Vault, case_id: UUID) -> VaultEntry | None:
    """Return what the vault keeps of a case in plain; None when there is nothing, or the person was erased."""
    row = await connection.fetchrow(_OPEN, case_id)
    if row is None or row["wrapped_key"] is None:
        return None
    plain = {name: vault.open(case_id, row["wrapped_key"], name, row[name]) for name in VAULT_FIELDS if row[name] is not None}
    return VaultEntry(case_id, **plain)


async def mirror(connection: Connection, events: Sequence[Event[Any]]) -> None:
    """Keep a batch of other speakers' events for the tracking view, each once."""
    rows = [
        (event.data.case_id, step.speaker, step.sequence, step.at, step.what, step.who, step.state, step.owner, step.clock, step.agency, step.due_at)
        for event in events
        if (step := step_of(event)) is not None
    ]
    if rows:
        await connection.execute(_MIRROR, *zip(*rows, strict=True))


async def find(pool: Pool, tracking_id: str) -> tuple[Submission, list[Step]] | None:
    """Return a case by its tracking id, with what was said of it; None when there is none. Raises AwayError."""
    async with borrow(pool) as connection:
        row = await connection.fetchrow(_FIND, tracking_id)
        if row is None:
            return None
        steps = await connection.fetch(_STEPS, row["case_id"])
    return _submission(row), [Step(**step) for step in steps]


def _submission(row: Record) -> Submission:
    return Submission(
        case_id=row["case_id"],
        tracking_id=row["tracking_id"],
        kind=Kind(row["kind"]),
        category=row["category"],
        confidential=row["confidential"],
        publisher=row["publisher"],
        external_ref=row["external_ref"],
        accepted_at=row["accepted_at"],
    )


def _row(given: tuple[UUID, Submission]) -> tuple[Any, ...]:
    case_id, case = given
    return (case_id, case.tracking_id, case.kind, case.category, case.confidential, case.publisher, case.external_ref, case.accepted_at)
