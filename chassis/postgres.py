"""PostgreSQL: connections that cannot hang for ever, its errors in two kinds, and migrations under a lock."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeAlias

import asyncpg
import orjson

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"

COMMAND_SECONDS: Final = 30.0
IDLE_IN_TRANSACTION: Final = "3s"
"""A process that hangs inside a transaction holds the heads of its cases; after this its successor gets them (docs/adr/0004)."""
_MIGRATION_LOCK: Final = 0x5A1012


class AwayError(Exception):
    """The database is away, or refused for now; nothing is known of the transaction. Try the same again later."""


class DataFaultError(Exception):
    """The database refused what one of the rows holds; trying the same again cannot help."""


_FAULTS: Final = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, asyncpg.ProgramLimitExceededError)
_AWAY: Final = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
    asyncpg.LockNotAvailableError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.PostgresSystemError,
    asyncpg.InvalidAuthorizationSpecificationError,
    OSError,
    TimeoutError,
)


@contextmanager
def named_errors() -> Iterator[None]:
    """Turn the driver's errors into AwayError or DataFaultError; what is neither is a bug and passes."""
    try:
        yield
    except _FAULTS as error:
        raise DataFaultError(type(error).__name__) from error
    except _AWAY as error:
        raise AwayError(type(error).__name__) from error


def array(values: Iterable[Any]) -> str:
    """Return ids, numbers or booleans (or None) as one text, for `unnest($1::text::uuid[])` and only there: elsewhere it is read for each row.

    Given a list the driver asks each element whether it is a list itself: 14 µs of every event's 200 (docs/adr/0010).
    """
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def times(values: Sequence[datetime | None]) -> str:
    """Return instants (or None) as one text, for `unnest($1::text::timestamptz[])`: as `array`, at a tenth of its cost."""
    return "{" + orjson.dumps(values)[1:-1].decode() + "}"


def texts(values: Iterable[str | None]) -> str:
    """Return short texts (or None) as one text, for `unnest($1::text::text[])`: as `array`."""
    given = list(values)
    if not given:
        return "{}"
    if None not in given:
        whole = "\0".join(given)  # type: ignore[arg-type] # none of them is None
        if '"' not in whole and "\\" not in whole and whole.count("\0") == len(given) - 1:
            return '{"' + whole.replace("\0", '","') + '"}'  # as a rule: a value costs a tenth of what it costs one by one
    quoted = ["NULL" if value is None else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in given]
    return "{" + ",".join(quoted) + "}"


async def _keep(_connection: Any) -> None:
    """Give a connection back as it is: every statement here leaves the session as it found it."""


async def connect(url: str, *, name: str, schema: str, size: int) -> Pool:
    """Open a pool of at most `size` connections whose search path is `schema`; raises AwayError."""
    with named_errors():
        return await asyncpg.create_pool(
            url,
            min_size=1,
            max_size=size,
            timeout=5,
            command_timeout=COMMAND_SECONDS,
            max_inactive_connection_lifetime=0,
            reset=_keep,
            server_settings={
                "application_name": name,
                "search_path": schema,
                "idle_in_transaction_session_timeout": IDLE_IN_TRANSACTION,
                "statement_timeout": f"{int(COMMAND_SECONDS)}s",
                "timezone": "UTC",
                "jit": "off",
            },
        )


@asynccontextmanager
async def borrow(pool: Pool) -> AsyncIterator[Connection]:
    """Lend a connection; on any trouble it is thrown away, for a close that waits for the server may never return."""
    with named_errors():
        connection = await pool.acquire(timeout=5)
    try:
        with named_errors():
            yield connection
    except BaseException:
        with suppress(asyncpg.InterfaceError):  # the pool has let go of a connection that was lost
            connection.terminate()
        raise
    finally:
        with named_errors():
            await pool.release(connection)


@asynccontextmanager
async def transaction(pool: Pool) -> AsyncIterator[Connection]:
    """Lend a connection inside a transaction; it commits at the end and is thrown away, rolled back, on any error."""
    async with borrow(pool) as connection:
        await connection.execute("BEGIN")
        yield connection
        await connection.execute("COMMIT")


async def migrate(connection: Connection, schema: str, folders: list[Path]) -> list[str]:
    """Bring `schema` up to date with the SQL files of `folders`, in order of name, once each; returns what was applied.

    Runs under a lock of the database, so that several starters wait for one another.
    """
    await connection.execute("SELECT pg_advisory_lock($1)", _MIGRATION_LOCK)
    try:
        await connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
        await connection.execute(f'CREATE TABLE IF NOT EXISTS "{schema}".migration (name text PRIMARY KEY, at timestamptz DEFAULT now())')
        done = {row["name"] for row in await connection.fetch(f'SELECT name FROM "{schema}".migration')}  # noqa: S608 - our own name
        applied = []
        for file in (file for folder in folders for file in sorted(folder.glob("*.sql"))):
            name = f"{file.parent.parent.name}/{file.name}"
            if name not in done:
                async with connection.transaction():
                    await connection.execute(f'SET LOCAL search_path TO "{schema}"')
                    await connection.execute(file.read_text())
                    await connection.execute(f'INSERT INTO "{schema}".migration (name) VALUES ($1)', name)  # noqa: S608 - our own name
                applied.append(name)
        return applied
    finally:
        await connection.execute("SELECT pg_advisory_unlock($1)", _MIGRATION_LOCK)
