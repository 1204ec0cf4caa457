"""The offices and publishers: each case is played by its script, all at once, on the facts that Salur says."""

from __future__ import annotations

import asyncio
from random import Random

from chassis.clock import Clock
from deploy.demo.complaints import Week
from deploy.demo.desk import Desk, View
from deploy.demo.doors import Doors
from deploy.demo.evidence import Act, Fact
from deploy.demo.play import Play


class Agencies:
    """Plays all cases at once."""

    def __init__(self, week: Week, doors: Doors, clock: Clock, seed: int) -> None:
        self._week = week
        self._clock = clock
        self._seed = seed
        self._desk = Desk(doors, clock)
        self._views: dict[str, View] = {}
        self._plays: set[asyncio.Task[None]] = set()

    @property
    def acts(self) -> list[Act]:
        """Return what was done, for the checks."""
        return self._desk.acts

    @property
    def busy(self) -> int:
        """Return how many cases still have something to come from an office or a reporter."""
        return sum(not play.done() for play in self._plays)

    def hear(self, fact: Fact) -> None:
        """Take a fact in; a new case begins to be played."""
        if fact.what == "receipt":
            self._desk.hear(fact)
        if not fact.sequence:  # not of a case's way
            return
        view = self._views.setdefault(fact.case_id, View(fact.case_id))
        if fact.what == "complaint.accepted":
            part = self._week.parts.get(str(fact.data["external_ref"]))
            if part is not None:
                play = Play(view, part, self._desk, self._clock, Random(f"{self._seed} {part.reference}"))  # noqa: S311 - a play, no secret
                self._plays.add(asyncio.create_task(play.run()))
        view.hear(fact)

    async def end(self) -> None:
        """Stop playing; an error of a play comes out here."""
        for play in self._plays:
            play.cancel()
        for done in await asyncio.gather(*self._plays, return_exceptions=True):
            if isinstance(done, Exception):
                raise done
