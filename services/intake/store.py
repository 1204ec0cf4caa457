"""All SQL of intake: cases by id and by what their publishers call them, the vault with its read log, the tracking view."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

import orjson
from asyncpg import Record
from asyncpg.pgproto.pgproto import UUID as Id  # noqa: N811 - the driver's own kind, read and written in a tenth of the time

from chassis.item import Write
from chassis.postgres import Connection, Pool, array, borrow, texts, times, transaction
from schemas.base import Event
from schemas.inbound.aftermath import Aftermath
from schemas.inbound.complaint_submitted_v1 import Reporter
from schemas.words import Kind
from services.intake.domain import Submission, Supplement, VaultEntry
from services.intake.heard import Moved, Reclassified, Timed
from services.intake.tracking import Step, own_step, step_of
from services.intake.vault import WRAPPED_BYTES, Vault

# Who filed is looked up for cases that are there: a join would look for it in every batch of new ones.
LOAD: Final = """
SELECT case_id, tracking_id, kind, category, anonymous, confidential, publisher, external_ref, accepted_at,
       (SELECT v.wrapped_key || v.reporter FROM vault v WHERE v.case_id = s.case_id) AS reporter
FROM submission s WHERE case_id = ANY($1::uuid[])"""
RESOLVE: Final = """
SELECT asked.name, (array_agg(found.case_id))[1] AS case_id
FROM (SELECT name, name::jsonb AS told FROM (SELECT DISTINCT unnest($1::text[]) AS name) AS given) AS asked
CROSS JOIN LATERAL (
    SELECT case_id FROM submission
    WHERE tracking_id = told->>1 AND publisher = told->>0 AND (told->>2 IS NULL OR external_ref = told->>2)
    UNION ALL (
        SELECT case_id FROM submission
        WHERE told->>1 IS NULL AND external_ref COLLATE "C" = told->>2 AND publisher COLLATE "C" = told->>0 AND external_ref IS NOT NULL LIMIT 2)
) AS found
GROUP BY asked.name HAVING count(*) = 1"""
_SAVE: Final = """
INSERT INTO submission (case_id, tracking_id, kind, category, anonymous, confidential, publisher, external_ref, accepted_at)
SELECT * FROM unnest({}::uuid[], {}::text[], {}::text[], {}::text[], {}::bool[], {}::bool[], {}::text[], {}::text[], {}::timestamptz[])"""
_SEAL: Final = """
INSERT INTO vault (case_id, wrapped_key, text, title, reporter, location, attachments, reply_to)
SELECT * FROM unnest({}::uuid[], {}::bytea[], {}::bytea[], {}::bytea[], {}::bytea[], {}::bytea[], {}::bytea[], {}::bytea[])"""
_SUPPLEMENT: Final = """
INSERT INTO supplement (case_id, at, wrapped_key, text) SELECT * FROM unnest({}::uuid[], {}::timestamptz[], {}::bytea[], {}::bytea[])"""
_OPEN: Final = "SELECT * FROM vault WHERE case_id = $1"
_OPEN_SUPPLEMENTS: Final = "SELECT at, wrapped_key, text FROM supplement WHERE case_id = $1 AND wrapped_key IS NOT NULL ORDER BY place"
_WRITE_DOWN: Final = "INSERT INTO content_read (case_id, at, who, link) VALUES ($1, $2, $3, $4)"
_MIRROR: Final = """
INSERT INTO step (case_id, speaker, sequence, at, what, who, state, owner, clock, agency, due_at)
SELECT * FROM unnest(
    $1::text::uuid[], $2::text::text[], $3::text::int[], $4::text::timestamptz[], $5::text::text[], $6::text::text[],
    $7::text::text[], $8::text::text[], $9::text::text[], $10::text::text[], $11::text::timestamptz[])
ON CONFLICT DO NOTHING"""
# What once was whistle-blowing stays hidden, whatever it is found to be.
_RECLASSIFY: Final = """
UPDATE submission s SET kind = CASE WHEN s.kind = 'whistleblowing' THEN s.kind ELSE r.kind END, category = r.category, classified = r.sequence
FROM (SELECT DISTINCT ON (case_id) * FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[]) AS given (case_id, sequence, kind, category)
      ORDER BY case_id, sequence DESC) AS r
WHERE s.case_id = r.case_id AND s.classified < r.sequence"""
_FIND: Final = """
SELECT case_id, tracking_id, kind, category, anonymous, confidential, publisher, external_ref, accepted_at FROM submission WHERE tracking_id = $1"""
_STEPS: Final = "SELECT speaker, sequence, at, what, who, state, owner, clock, agency, due_at FROM step WHERE case_id = $1"
_OWN_STEPS: Final = "SELECT sequence, header FROM event WHERE case_id = $1 AND sequence > 1"
_OWNER: Final = "SELECT owner FROM step WHERE case_id = $1 AND speaker = 'routing' ORDER BY sequence DESC LIMIT 1"

VAULT_FIELDS: Final = ("text", "title", "reporter", "location", "attachments", "reply_to")


_MIRRORED: Final[tuple[Callable[[Sequence[Any]], str], ...]] = (array, texts, array, times, texts, texts, texts, texts, texts, texts, times)
"""How each column of `_MIRROR` travels as one text (docs/adr/0010)."""


class Names:
    """What RESOLVE is asked: who speaks, and what they call their case, as JSON.

    It is made before it is known whether doors are open, and told when the service is wired.
    """

    def __init__(self) -> None:
        self._everybody: str | None = None

    def arm(self, everybody: str | None) -> None:
        """Say who every publisher is while authentication is off; None: the event's source."""
        self._everybody = everybody

    def __call__(self, event: Event[Any]) -> str | None:
        """Return the name of an event's case; a tracking id that is none names no case, whatever else is given."""
        match event.data:
            case Aftermath() as later:
                name = (self._everybody or event.source, event.tracking or later.tracking_id, later.external_ref)
                return orjson.dumps(name).decode()
        return None


@dataclass(frozen=True, slots=True)
class Content:
    """What a case's reporter wrote; `entry` is None when the person was erased."""

    entry: VaultEntry | None
    supplements: Sequence[tuple[datetime, str]]


def states(vault: Vault) -> Callable[[Record], Submission | None]:
    """Return what makes a case of a loaded row, None where there is none; who filed is opened only when it is asked for."""

    def state(row: Record) -> Submission | None:
        if row["tracking_id"] is None:
            return None
        sealed = row["reporter"]
        return _submission(row, **({"reporter": partial(_reporter, vault, row["case_id"], sealed)} if sealed else {}))

    return state


def _reporter(vault: Vault, case_id: UUID, sealed: bytes) -> Reporter:
    return Reporter.model_validate_json(vault.open(case_id, sealed[:WRAPPED_BYTES], "reporter", sealed[WRAPPED_BYTES:]))


def writes(vault: Vault) -> Mapping[type, Write]:
    """Return how a case and its vault entry become rows; the entry is sealed on its way."""

    def sealed(entry: VaultEntry) -> tuple[Any, ...]:
        wrapped, fields = vault.seal(entry.case_id, {name: getattr(entry, name) for name in VAULT_FIELDS})
        return (entry.case_id, wrapped, *fields)

    def added(more: Supplement) -> tuple[Any, ...]:
        wrapped, (text,) = vault.seal(more.case_id, {"supplement": more.text})
        return more.case_id, more.at, wrapped, text

    return {Submission: Write(_SAVE, _row), VaultEntry: Write(_SEAL, sealed), Supplement: Write(_SUPPLEMENT, added)}


async def open_entry(connection: Connection, vault: Vault, case_id: UUID) -> VaultEntry | None:
    """Return what the vault keeps of a case in plain; None when there is nothing, or the person was erased."""
    row = await connection.fetchrow(_OPEN, case_id)
    if row is None or row["wrapped_key"] is None:
        return None
    plain = {name: vault.open(case_id, row["wrapped_key"], name, row[name]) for name in VAULT_FIELDS if row[name] is not None}
    return VaultEntry(case_id, **plain)


async def read_content(pool: Pool, vault: Vault, case_id: UUID, *, at: datetime, who: str, link: bytes | None) -> Content:
    """Write down who reads a case's content, then return it; raises AwayError, and then nothing was read."""
    async with transaction(pool) as connection:
        await connection.execute(_WRITE_DOWN, case_id, at, who, link)
        entry = await open_entry(connection, vault, case_id)
        rows = await connection.fetch(_OPEN_SUPPLEMENTS, case_id)
    return Content(entry, [(row["at"], vault.open(case_id, row["wrapped_key"], "supplement", row["text"]).decode()) for row in rows])


async def owned(pool: Pool, tracking_id: str) -> tuple[Submission, str | None] | None:
    """Return a case by its tracking id and its owner now, as far as routing has told; None when there is none. Raises AwayError."""
    async with borrow(pool) as connection:
        row = await connection.fetchrow(_FIND, tracking_id)
        return None if row is None else (_submission(row), await connection.fetchval(_OWNER, row["case_id"]))


async def mirror(connection: Connection, events: Sequence[Event[Moved | Timed]]) -> None:
    """Keep a batch of other speakers' events for the tracking view, each once."""
    rows = [(_case_of(event), *step_of(event)) for event in events]
    await connection.execute(_MIRROR, *(write(column) for write, column in zip(_MIRRORED, zip(*rows, strict=True), strict=True)))
    found = [(_case_of(event), event.sequence, said.kind, said.category) for event in events if isinstance(said := event.data, Reclassified)]
    if found:
        await connection.execute(_RECLASSIFY, *zip(*found, strict=True))


def _case_of(event: Event[Any]) -> UUID:
    """Return the case that an event is about: its subject, of which the decoder has seen that it is an id."""
    return Id(event.subject or "")


async def find(pool: Pool, tracking_id: str) -> tuple[Submission, list[Step]] | None:
    """Return a case by its tracking id, with what was said of it; None when there is none. Raises AwayError."""
    async with borrow(pool) as connection:
        row = await connection.fetchrow(_FIND, tracking_id)
        if row is None:
            return None
        steps = await connection.fetch(_STEPS, row["case_id"])
        own = await connection.fetch(_OWN_STEPS, row["case_id"])
    return _submission(row), [*(Step(**step) for step in steps), *(own_step(said["sequence"], said["header"]) for said in own)]


def _submission(row: Record, **more: Any) -> Submission:
    return Submission(
        case_id=UUID(bytes=row["case_id"].bytes),  # the driver's own kind of UUID does not travel
        tracking_id=row["tracking_id"],
        kind=Kind(row["kind"]),
        category=row["category"],
        anonymous=row["anonymous"],
        confidential=row["confidential"],
        publisher=row["publisher"],
        external_ref=row["external_ref"],
        accepted_at=row["accepted_at"],
        **more,
    )


def _row(given: tuple[UUID, Submission]) -> tuple[Any, ...]:
    case_id, case = given
    return (
        case_id,
        case.tracking_id,
        case.kind,
        case.category,
        case.anonymous,
        case.confidential,
        case.publisher,
        case.external_ref,
        case.accepted_at,
    )
