"""The history grows by COPY: its rows are made in the driver's binary format while a batch is decided on (docs/adr/0013)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Final
from uuid import UUID

from chassis.postgres import Connection

_COLUMNS: Final = ("case_id", "sequence", "header", "proof", "body")
_BEGINNING: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END: Final = b"\xff\xff"
_ROW: Final = b"\x00\x05" + b"\x00\x00\x00\x10%b" + b"\x00\x00\x00\x04%b" + b"%b%b" + b"\x00\x00\x00\x40%b%b" + b"%b%b%b"
"""Five fields, each after its length: 16 bytes of case, 4 of sequence, the header, 64 of proof, the body."""


def row(case_id: UUID, sequence: int, header: bytes, mac: bytes, link: bytes, salt: bytes, data: bytes) -> bytes:
    """Return an event's row: `proof` is MAC and link (32 bytes each), `body` is salt and data."""
    header_length, body_length = len(header).to_bytes(4), (len(salt) + len(data)).to_bytes(4)
    return _ROW % (case_id.bytes, sequence.to_bytes(4), header_length, header, mac, link, body_length, salt, data)


async def append(connection: Connection, rows: Sequence[bytes]) -> None:
    """Append rows to the history, all or none; raises what the driver raises."""

    async def whole() -> AsyncIterator[bytes]:  # the driver takes bytes only from a file or an iterator
        yield b"".join((_BEGINNING, *rows, _END))

    await connection.copy_to_table("event", source=whole(), columns=_COLUMNS, format="binary")
