"""The offices: each case is played by its script, on the facts that Salur says; half of all actions by HTTP, half by Kafka."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final
from uuid import UUID

import orjson

from chassis.clock import Clock
from deploy.demo.complaints import REGENCY, Week
from deploy.demo.doors import Doors
from deploy.demo.evidence import Act, Fact
from deploy.demo.scripts import Ending, Handover, Pace, Script
from deploy.demo.writing import phrases
from schemas import topics

RECEIPT_SECONDS: Final = 30.0
SOURCE: Final = "urn:demo:instansi"
NAMES: Final = ("Petugas A", "Petugas B", "Petugas C")


@dataclass(slots=True)
class View:
    """A case as its offices know it from the topics; `dues` are (set at, due at) by clock and agency. One play waits on it."""

    case_id: str
    owner: str = ""
    state: str = ""
    version: int = 0
    decider: str = ""
    dues: dict[tuple[str, str], tuple[datetime, datetime]] = field(default_factory=dict)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, true: Callable[[], bool]) -> None:
        """Return once it is true of the case."""
        while not true():
            await self.changed.wait()
            self.changed.clear()


class Agencies:
    """Plays all cases at once; `acts` is what was done, for the checks."""

    def __init__(self, week: Week, doors: Doors, clock: Clock, seed: int) -> None:
        self.acts: list[Act] = []
        self._week = week
        self._doors = doors
        self._clock = clock
        self._seed = seed
        self._views: dict[str, View] = {}
        self._waiting: dict[str, asyncio.Future[Fact]] = {}
        self._plays: set[asyncio.Task[None]] = set()

    @property
    def busy(self) -> int:
        """Return how many cases still have something to come from an office."""
        return sum(not play.done() for play in self._plays)

    def hear(self, fact: Fact) -> None:
        """Take a fact in; a new case begins to be played."""
        if fact.what == "receipt":
            waiting = self._waiting.get(str(fact.data["received_id"]))
            if waiting is not None and not waiting.done():
                waiting.set_result(fact)
        if not fact.sequence:  # not of a case's way
            return
        view = self._views.setdefault(fact.case_id, View(fact.case_id))
        if fact.what == "complaint.accepted":
            reference = str(fact.data["external_ref"])
            if (script := self._week.scripts.get(reference)) is not None:
                play = self._play(view, script, self._week.elsewhere[reference], Random(f"{self._seed} {reference}"))  # noqa: S311 - a play, no secret
                self._plays.add(asyncio.create_task(play))
        elif fact.speaker == "routing":
            view.owner, view.state, view.version = fact.data["owner"], fact.data["state"], fact.sequence
            view.decider = fact.data.get("decider", view.decider)
        elif fact.what == "deadline.set":
            view.dues[fact.data["clock"], fact.data["agency"]] = (fact.time, fact.instant("due_at"))
        view.changed.set()

    async def end(self) -> None:
        """Stop playing; an error of a play comes out here."""
        for play in self._plays:
            play.cancel()
        for done in await asyncio.gather(*self._plays, return_exceptions=True):
            if isinstance(done, Exception):
                raise done

    async def _play(self, view: View, script: Script, elsewhere: str, rng: Random) -> None:
        await view.until(lambda: view.version > 0)
        if script.handover is not Handover.NONE:
            await self._hand_over(view, script, elsewhere, rng)
        if not await self._wait(view, "verification", script.verify, rng):
            return
        await self._act(view, rng, "verify", {}, script.role)
        if not await self._wait(view, "follow_up", script.answer, rng):
            return
        if script.interim:
            await self._act(view, rng, "follow_up", {"text": rng.choice(phrases()["interims"]), "final": False}, "technical_officer")
            await self._sleep(timedelta(days=rng.uniform(0.5, 2)))
        await self._act(view, rng, "follow_up", {"text": rng.choice(phrases()["answers"]), "final": True}, "technical_officer")
        if script.ending is not Ending.SYSTEM:
            await self._sleep(timedelta(days=rng.uniform(1, 4)))
            await self._act(view, rng, "close", {}, "reporter" if script.ending is Ending.REPORTER else script.role)

    async def _hand_over(self, view: View, script: Script, elsewhere: str, rng: Random) -> None:
        first = view.owner
        await self._sleep(timedelta(days=rng.uniform(0.2, 1.0)))
        to = None if script.handover is Handover.ASK else elsewhere
        to = REGENCY if to == first else to
        if to != first:
            await self._act(view, rng, "transfer", {"to": to, "reason": rng.choice(phrases()["reasons"])}, script.role)
        if script.handover is Handover.BOUNCE and view.owner != first:
            await self._sleep(timedelta(days=rng.uniform(0.2, 0.8)))
            await self._act(view, rng, "transfer", {"to": first, "reason": rng.choice(phrases()["reasons"])}, script.role)
        if view.state == "transfer_requested":
            await self._wait(view, "decision", script.decide, rng)
            data = {"to": elsewhere, "reason": rng.choice(phrases()["decisions"])}
            await self._act(view, rng, "decide_transfer", data, "coordinator", agency=view.decider)

    async def _wait(self, view: View, clock: str, pace: Pace, rng: Random) -> bool:
        """Wait as the pace asks, measured by the clock; False: the office stays silent."""
        agency = view.decider if clock == "decision" else view.owner
        await view.until(lambda: (clock, agency) in view.dues)
        start, due = view.dues[clock, agency]
        at = {
            Pace.PROMPT: start + timedelta(days=rng.uniform(0.1, 0.9)),
            Pace.SLOW: start + (due - start) * rng.uniform(0.55, 0.68),
            Pace.LATE: due + timedelta(days=rng.uniform(0.2, 1.5)),
            Pace.NEVER: None,
        }[pace]
        if at is None:
            return False
        await self._sleep(at - self._clock.now())
        return True

    async def _sleep(self, salur: timedelta) -> None:
        await asyncio.sleep(max(0.0, self._clock.real_seconds(salur)))

    async def _act(self, view: View, rng: Random, action: str, data: dict[str, Any], role: str, *, agency: str | None = None) -> None:
        """Take one action and return when Salur has said what followed; what is not accepted is a finding of its own."""
        by: dict[str, Any] = {"role": role} if role == "reporter" else {"agency": agency or view.owner, "role": role, "name": rng.choice(NAMES)}
        key = str(UUID(int=rng.getrandbits(128), version=4))
        by_kafka, version, sent = rng.random() < 0.5, view.version, self._clock.now()
        door = "kafka" if by_kafka else "http"
        done = await (self._say(view, action, data, by, key) if by_kafka else self._ask(view, action, data, by, key))
        outcome, code = done if done is not None else (None, None)
        answered = None if done is None else self._clock.now()
        self.acts.append(Act(view.case_id, action, by.get("agency", ""), door, key, sent, answered, outcome, code))
        if outcome == "accepted":
            await view.until(lambda: view.version > version)

    async def _ask(self, view: View, action: str, data: dict[str, Any], by: dict[str, Any], key: str) -> tuple[str, str]:
        body = orjson.dumps({"action": action, "by": by, "data": data})
        headers = {"content-type": "application/json", "idempotency-key": key}
        answer = await self._doors.ask(f"{self._doors.routing}/v1/cases/{view.case_id}/actions", body, headers)
        return answer.outcome, answer.code

    async def _say(self, view: View, action: str, data: dict[str, Any], by: dict[str, Any], key: str) -> tuple[str, str] | None:
        attributes = {"specversion": "1.0", "id": key, "source": SOURCE, "type": f"salur.case.{action}.v1", "time": self._clock.now().isoformat()}
        body = orjson.dumps({**attributes, "data": {**data, "by": by, "case_id": view.case_id}})
        waiting = self._waiting[key] = asyncio.get_running_loop().create_future()
        await self._doors.say(topics.ACTIONS, view.case_id, body, {"content-type": "application/cloudevents+json"})
        try:
            receipt = await asyncio.wait_for(waiting, RECEIPT_SECONDS)
        except TimeoutError:
            return None
        return receipt.data["outcome"], receipt.data["code"]
