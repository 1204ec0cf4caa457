"""A reader of the pages, beside one real stack as `make up` starts it."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from deploy.local.supervisor import Stack
from tests.docs.pages import Snippet
from tests.shared import Plain

PAGE_SECONDS = 120.0
_MARK = "\x1e"
_PORTS = {
    8101: "intake_port",
    8102: "routing_port",
    8103: "sla_port",
    8104: "notify_port",
    8105: "pulse_port",
    8126: "mailbox_port",
    8127: "sink_port",
    9092: "kafka_port",
}


@dataclass
class Desk:
    """Where a reader sits: a folder with `.venv` and `.salur` in it, and a stack that is up."""

    stack: Stack
    folder: Path
    http: httpx.AsyncClient

    def url(self, service: str) -> str:
        return self.stack.process(service).part.address

    async def get(self, service: str, path: str) -> Any:
        answer = await self.http.get(f"{self.url(service)}{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def until(self, holds: Any, seconds: float = 30) -> None:
        """Wait until a coroutine function returns something true."""
        async with asyncio.timeout(seconds):
            while not await holds():
                await asyncio.sleep(0.2)

    async def copy_and_run(self, snippets: list[Snippet]) -> dict[str, str]:
        """Run a page's snippets in one shell, one after the other; return what each of them printed. The last command of each must succeed."""
        lines = []
        for snippet in snippets:
            text = self._here(snippet.text)
            if snippet.language == "python":
                (self.folder / f"{snippet.name}.py").write_text(text)
                text = f".venv/bin/python {snippet.name}.py\n"
            lines.append(f"{text}printf '{_MARK}%s{_MARK}' $?\n")
        (self.folder / "page.sh").write_text("".join(lines))
        process = await asyncio.create_subprocess_exec(
            *("bash", "page.sh"), cwd=self.folder, env=self._environment(), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        async with asyncio.timeout(PAGE_SECONDS):
            said, _ = await process.communicate()
        pieces = said.decode().split(_MARK)
        outputs, codes = pieces[:-1:2], pieces[1::2]
        assert [code for code in codes if code != "0"] == [], said.decode()
        return {snippet.name: output for snippet, output in zip(snippets, outputs, strict=True)}

    def _here(self, text: str) -> str:
        """Return a snippet with this stack's ports in the place of those of `make up`."""
        return re.sub(r"\b(8101|8102|8103|8104|8105|8126|8127|9092)\b", lambda found: str(getattr(self.stack.settings, _PORTS[int(found[0])])), text)

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("SALUR_")}
        store = {"SALUR_POSTGRES_OWNER_URL": self.stack.postgres_owner_url, "SALUR_PARTITIONS": "3"}
        return kept | store | {"SALUR_KAFKA_BOOTSTRAP": self.stack.kafka_bootstrap, "PYTHONUNBUFFERED": "1", "COLUMNS": "160"}


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def desk(plain: Plain, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    if shutil.which("curl") is None:
        pytest.skip("not run: the pages use curl, which is not here")
    folder: Path = tmp_path_factory.mktemp("reader")
    async with plain.lend("docs") as stack, httpx.AsyncClient(timeout=20) as http:
        (folder / ".salur").symlink_to(stack.settings.data)
        (folder / ".venv").symlink_to(Path(sys.prefix))
        yield Desk(stack, folder, http)
