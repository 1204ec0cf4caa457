"""What the client did and was told, one JSON object a line, on disk before the deed and before the next thing is believed."""

from __future__ import annotations

import asyncio
import json
import os
import time
from pathlib import Path
from typing import Any


class Ledger:
    """Appends lines; those that come during one sync share the next."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("ab", buffering=0)
        self._turn = asyncio.Lock()
        self._waiting: list[tuple[str, asyncio.Future[None]]] = []
        self.lines: list[dict[str, Any]] = []

    async def note(self, **fields: Any) -> None:
        """Write one line; returns when it is durable."""
        line = {"at": time.time(), **fields}
        self.lines.append(line)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((json.dumps(line), done))
        async with self._turn:
            if not done.done():
                batch, self._waiting = self._waiting, []
                await asyncio.to_thread(self._append, "".join(f"{text}\n" for text, _ in batch).encode())
                for _, synced in batch:
                    synced.set_result(None)

    def close(self) -> None:
        self._file.close()

    def _append(self, lines: bytes) -> None:
        self._file.write(lines)
        os.fsync(self._file.fileno())
