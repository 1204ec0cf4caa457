"""How the command fails: one sentence for people, one document for programs, and no harm done by what nobody confirmed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from chassis.metrics import REASONS
from cli.kept import Reason
from tests.cli.conftest import Salur, lines


@pytest.mark.parametrize(
    ("arguments", "code", "name"),
    [
        (("trace", "x"), 2, "wrong_use"),
        (("trace", str(uuid4())), 3, "away"),
        (("parked", "show", "x"), 2, "wrong_use"),
        (("parked", "discard", str(uuid4())), 2, "wrong_use"),
        (("parked", "redrive"), 2, "wrong_use"),
        (("parked", "redrive", "--all", "--reason", "foo"), 2, "wrong_use"),
        (("publish", "/nowhere"), 2, "wrong_use"),
        (("verify-chain", "--case", "x"), 2, "wrong_use"),
    ],
)
async def test_a_program_that_asked_for_json_gets_json_when_the_command_fails(alone: Salur, arguments: tuple[str, ...], code: int, name: str) -> None:
    done = await alone(*arguments, "--json")
    assert (done.code, [document["error"]["code"] for document in done.documents]) == (code, [name])
    assert done.documents[0]["error"]["message"]
    assert done.err
    person = await alone(*arguments)
    assert (person.code, person.out) == (code, "")


async def test_what_was_answered_before_a_failure_stays_the_only_document(alone: Salur) -> None:
    listed = await alone("parked", "list", "--json")
    assert (listed.code, listed.documents[0]["away"]) == (3, ["intake", "routing", "sla", "notify"])
    assert len(listed.documents) == 1
    computed = await alone("sla", "compute", "--json", "/nowhere")
    assert (computed.code, computed.out) == (2, "")


async def test_a_reason_that_there_is_not_is_answered_with_those_there_are(alone: Salur) -> None:
    done = await alone("parked", "redrive", "--all", "--reason", "foo", COLUMNS="300")
    assert done.code == 2
    assert all(reason in done.err for reason in REASONS)
    assert {*Reason} == {*REASONS}


@contextlib.asynccontextmanager
async def starting() -> AsyncIterator[int]:
    """An intake that answers 503 for ever."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield int(server.sockets[0].getsockname()[1])


async def test_an_intake_that_starts_is_waited_for_and_that_is_said_once(alone: Salur) -> None:
    async with starting() as port:
        done = await alone("publish", "-", "--http", "--timeout", "3", given=lines({"text": "a"}), SALUR_INTAKE_URL=f"http://127.0.0.1:{port}")
    assert (done.code, done.err.count("trying again for 3 s"), "line 1: unanswered" in done.out) == (3, 1, True)
