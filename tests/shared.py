"""The whole of Salur at normal speed, for the folders of tests that only look at it from outside, each with ids of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from deploy.local.settings import LocalSettings
from deploy.local.supervisor import Stack


class Plain:
    """One stack as `make up` starts it: up for the first folder that asks for it, down after the last one.

    Whoever borrows it gives it back as it was: what was stopped is up again, what was parked is settled, and no crowd is left waiting
    before the others' mails.
    """

    def __init__(self, data: Path, coming: Iterable[str]) -> None:
        self._settings = LocalSettings.with_free_ports(data=data, partitions=3)
        self._coming = set(coming)
        self._stack: Stack | None = None

    @asynccontextmanager
    async def lend(self, folder: str) -> AsyncIterator[Stack]:
        """Yield the stack to the tests of a folder."""
        if self._stack is None:
            stack = Stack(self._settings)
            await stack.start()
            self._stack = stack
        try:
            yield self._stack
        finally:
            self._coming.discard(folder)
            if not self._coming:
                await self.end()

    async def end(self) -> None:
        """Stop it, if it is up."""
        stack, self._stack = self._stack, None
        if stack is not None:
            await stack.stop()
