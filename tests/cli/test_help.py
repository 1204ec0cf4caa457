"""What a stranger meets first: the help of every command, in good time, and the list of settings."""

from __future__ import annotations

import asyncio
import os
import re
import time
from pathlib import Path

import pytest

from tests.cli.conftest import PROGRAM, Salur

ROOT = Path(__file__).parents[2]
COMMANDS = ["publish", "validate", "trace", "parked list", "parked show", "parked redrive", "parked discard", "routing explain"]
COMMANDS += ["sla compute", "verify-chain", "status", "settings"]


@pytest.mark.parametrize("command", COMMANDS)
async def test_every_command_says_what_it_does_and_how_it_ends(alone: Salur, command: str) -> None:
    done = await alone(*command.split(), "--help", COLUMNS="200")
    assert done.code == 0
    assert "--json" in done.out
    assert command == "settings" or "Exit code" in done.out


async def test_the_help_is_there_at_once() -> None:
    spent = []
    for _ in range(3):
        before = os.times()
        process = await asyncio.create_subprocess_exec(PROGRAM, "--help", stdout=asyncio.subprocess.PIPE)
        out, _ = await process.communicate()
        after = os.times()
        spent.append(after.children_user + after.children_system - before.children_user - before.children_system)
    assert (process.returncode, "Exit codes: 0 done" in " ".join(out.decode().split())) == (0, True)
    assert min(spent) < 0.5, "seconds of CPU"


async def test_every_setting_is_listed_once_with_why(alone: Salur) -> None:
    rows = (await alone("settings", "--json")).documents[0]
    names = [row["name"] for row in rows]
    assert len(names) == len(set(names))
    assert all(row["why"] and row["name"].startswith("SALUR_") for row in rows)
    code = "\n".join(path.read_text() for folder in ("chassis", "services", "deploy", "cli") for path in (ROOT / folder).rglob("*.py"))
    spoken = set(re.findall(r"SALUR_[A-Z][A-Z_]*[A-Z]", code)) - {"SALUR_FAILPOINT", "SALUR_NOTIFY", "SALUR_DEMO_OUT"}
    assert spoken <= set(names), spoken - set(names)


async def test_a_wrong_command_is_wrong_use(alone: Salur) -> None:
    started = time.monotonic()
    assert (await alone("traec")).code == 2
    assert (await alone()).code in (0, 2)
    assert time.monotonic() - started < 20
