"""Acting on a case as offices and publishers do: half of it by HTTP, half by Kafka, each time until Salur has said what followed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any, Final
from uuid import UUID

import orjson

from chassis.clock import Clock
from deploy.demo.doors import Doors
from deploy.demo.evidence import Act, Answer, Fact
from schemas import topics

RECEIPT_SECONDS: Final = 120.0
SOURCE: Final = "urn:demo:instansi"
NAMES: Final = ("Petugas A", "Petugas B", "Petugas C")
WORDS: Final[Mapping[str, str]] = {"supplement": "supplemented", "withdraw": "withdrawn", "rate": "rated"}
"""What a publisher says about a case later, and the last part of its event's type."""
_JSON: Final = {"content-type": "application/json"}
_EVENT: Final = {"content-type": "application/cloudevents+json"}


@dataclass(slots=True)
class View:
    """A case as its offices know it from the topics; `dues` are (set at, due at) by clock and agency. One play waits on it."""

    case_id: str
    tracking: str = ""
    owner: str = ""
    state: str = ""
    kind: str = ""
    version: int = 0
    decider: str = ""
    dues: dict[tuple[str, str], tuple[datetime, datetime]] = field(default_factory=dict)
    climbed: set[tuple[str, str]] = field(default_factory=set)
    """The clocks and agencies whose breach the agency above was told of."""
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, true: Callable[[], bool]) -> None:
        """Return once it is true of the case."""
        while not true():
            await self.changed.wait()
            self.changed.clear()

    def hear(self, fact: Fact) -> None:
        """Take a fact of the case in."""
        if fact.speaker == "routing":
            self.tracking, self.version = fact.tracking, fact.sequence
            self.owner, self.state = fact.data["owner"], fact.data["state"]
            self.decider, self.kind = fact.data.get("decider", self.decider), fact.data.get("kind", self.kind)
        elif fact.what == "deadline.set":
            self.dues[fact.data["clock"], fact.data["agency"]] = (fact.time, fact.instant("due_at"))
        elif fact.what in {"deadline.moved", "deadline.resumed"}:
            place = (fact.data["clock"], fact.data["agency"])
            self.dues[place] = (self.dues.get(place, (fact.time, fact.time))[0], fact.instant("due_at"))
        elif fact.what == "escalation.raised":
            self.climbed.add((fact.data["clock"], fact.data["agency"]))
        self.changed.set()


class Desk:
    """Sends actions and words and waits for their answers; `acts` is what was done, for the checks."""

    def __init__(self, doors: Doors, clock: Clock) -> None:
        self.acts: list[Act] = []
        self._doors = doors
        self._clock = clock
        self._waiting: dict[str, asyncio.Future[Fact]] = {}

    def hear(self, receipt: Fact) -> None:
        """Take a receipt in."""
        waiting = self._waiting.get(str(receipt.data["received_id"]))
        if waiting is not None and not waiting.done():
            waiting.set_result(receipt)

    async def act(self, view: View, rng: Random, action: str, data: dict[str, Any], role: str, *, agency: str | None = None) -> bool:
        """Take one action of an office (or the reporter's own) and return whether it was accepted, once routing has said what followed."""
        by: dict[str, Any] = {"role": role} if role == "reporter" else {"agency": agency or view.owner, "role": role, "name": rng.choice(NAMES)}
        key, by_kafka = _id(rng), rng.random() < 0.5
        if by_kafka:
            event = self._event(f"salur.case.{action}.v1", key, SOURCE, {**data, "by": by, "case_id": view.case_id})
            doing = self._say(topics.ACTIONS, view.case_id, key, event)
        else:
            body = orjson.dumps({"action": action, "by": by, "data": data})
            doing = self._doors.ask(f"{self._doors.routing}/v1/cases/{view.case_id}/actions", body, {**_JSON, "idempotency-key": key})
        return await self._done(view, Act(view.case_id, action, by.get("agency", ""), _door(by_kafka), key, self._clock.now()), doing)

    async def word(self, view: View, rng: Random, word: str, data: dict[str, Any], names: dict[str, str], source: str) -> bool:
        """Let the publisher say more of a case (`names` says which), and return whether it was accepted; a rating changes no state."""
        key, by_kafka = _id(rng), rng.random() < 0.5
        event = self._event(f"salur.complaint.{WORDS[word]}.v1", key, source, {**names, **data})
        doing = self._say(topics.SUBMISSIONS, key, key, event) if by_kafka else self._doors.ask(f"{self._doors.intake}/v1/complaints", event, _EVENT)
        return await self._done(view, Act(view.case_id, word, "", _door(by_kafka), key, self._clock.now()), doing, changes=word != "rate")

    async def _done(self, view: View, act: Act, doing: Any, *, changes: bool = True) -> bool:
        version = view.version
        answer: Answer | None = await doing
        answered = None if answer is None else self._clock.now()
        outcome, code = (None, None) if answer is None else (answer.outcome, answer.code)
        self.acts.append(Act(act.case_id, act.action, act.agency, act.door, act.id, act.sent, answered, outcome, code))
        if outcome == "accepted" and changes:
            await view.until(lambda: view.version > version)
        return outcome == "accepted"

    def _event(self, type_: str, key: str, source: str, data: dict[str, Any]) -> bytes:
        return orjson.dumps({"specversion": "1.0", "id": key, "source": source, "type": type_, "time": self._clock.now().isoformat(), "data": data})

    async def _say(self, topic: str, record_key: str, key: str, event: bytes) -> Answer | None:
        waiting = self._waiting[key] = asyncio.get_running_loop().create_future()
        await self._doors.say(topic, record_key, event, _EVENT)
        try:
            receipt = await asyncio.wait_for(waiting, RECEIPT_SECONDS)
        except TimeoutError:
            return None
        return Answer(0, receipt.data["outcome"], receipt.data["code"])


def _door(by_kafka: bool) -> str:
    return "kafka" if by_kafka else "http"


def _id(rng: Random) -> str:
    return str(UUID(int=rng.getrandbits(128), version=4))
