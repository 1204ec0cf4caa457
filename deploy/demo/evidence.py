"""What a run leaves to be judged: what was sent and answered, what was said, mailed and logged. All of it seen from outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final

import orjson

from chassis.kafka import Record
from deploy.demo.complaints import Week
from schemas.topics import RESTRICTED

SALUR = "urn:salur:"
WEBHOOKS: Final = ("35.22/dinas-perhubungan", "35.22/dinas-sosial", "ID.BPJSKES", "31.74", "32.73")
"""The agencies whose coordinators are told by webhook besides: those with a complaint system of their own."""
FLIGHT_SECONDS: Final = 5.0
"""Real time that a fact may need to all who read it, on any machine that keeps up with the clock."""
MOST_BEHIND: Final = timedelta(days=7)
"""What the checks allow for at most when it does not: less than the shortest time that is waited for a reporter."""

_BEGIN: Final = frozenset({"deadline.set", "deadline.moved", "deadline.resumed"})
_FIRED: Final = frozenset({"deadline.breached", "deadline.elapsed"})


def hook_path(agency: str) -> str:
    """Return where the sink takes the webhooks of an agency."""
    return f"/agencies/{agency.replace('/', '-')}"


@dataclass(frozen=True, slots=True)
class Fact:
    """One record of a topic that Salur speaks on, read by somebody who knows CloudEvents only."""

    topic: str
    partition: int
    offset: int
    id: str
    speaker: str
    what: str
    """The type without prefix and version: `case.routed`."""
    time: datetime
    case_id: str
    tracking: str
    sequence: int
    """1…n; 0 for receipts and reference data, which are not of a case's way."""
    cause: str
    data: Mapping[str, Any]
    said_at: float = 0.0
    """When it came on its topic: real seconds from the Unix epoch."""

    def instant(self, name: str) -> datetime:
        """Return a time of the data."""
        return datetime.fromisoformat(self.data[name])


@dataclass(frozen=True, slots=True)
class Answer:
    """What a sender was told over HTTP."""

    status: int
    outcome: str
    code: str
    case_id: str | None = None
    tracking_id: str | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """One action of an office, or one later word of a publisher (then `agency` is empty, as for the reporter's own actions).

    `sent` and `answered` are Salur times; `outcome` None means that no answer came.
    """

    case_id: str
    action: str
    agency: str
    door: str
    id: str
    sent: datetime
    answered: datetime | None = None
    outcome: str | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where one record of an inbound topic stands."""

    topic: str
    partition: int
    offset: int


@dataclass(frozen=True)
class Evidence:
    """Everything that the checks look at; `now` is the Salur time up to which all that was due must have happened."""

    week: Week
    now: datetime
    speed: float
    anchor: float = 0.0
    """What a real clock showed (seconds from the Unix epoch) when it was `now`."""
    answers: Mapping[int, Answer] = field(default_factory=dict)
    acts: tuple[Act, ...] = ()
    inbound: tuple[Place, ...] = ()
    facts: tuple[Fact, ...] = ()
    """In the order of each partition; repeated records stay in."""
    raw: Mapping[str, bytes] = field(default_factory=dict)
    """All keys, headers and values of each topic, one record a line."""
    cases: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    deadlines: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    tracking: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    mails: tuple[Mapping[str, Any], ...] = ()
    hooks: tuple[Mapping[str, Any], ...] = ()
    """What the webhook sink took, in the order in which it came."""
    pages: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    """Status and page behind the link of some mails, by the mail's id."""
    logs: Mapping[str, bytes] = field(default_factory=dict)

    @cached_property
    def once(self) -> tuple[Fact, ...]:
        """The facts, each id once: readers must expect a record twice."""
        return tuple({fact.id: fact for fact in reversed(self.facts)}.values())[::-1]

    @cached_property
    def turned(self) -> frozenset[str]:
        """The cases that became a whistle-blower's on their way: they go on in another topic, and only `sequence` orders the two."""
        topics: dict[tuple[str, str], set[str]] = {}
        for fact in self.once:
            if fact.sequence:
                topics.setdefault((fact.speaker, fact.case_id), set()).add(fact.topic)
        return frozenset(case for (_, case), found in topics.items() if len(found) > 1)

    def said(self, speaker: str, *whats: str) -> tuple[Fact, ...]:
        """Return what one speaker said of cases (of these kinds), per case in order."""
        return tuple(fact for fact in self.once if fact.speaker == speaker and fact.sequence and (not whats or fact.what in whats))

    @cached_property
    def spoken(self) -> dict[str, dict[str, list[Fact]]]:
        """What each speaker said, by case, in the order in which it stands on the topic."""
        found: dict[str, dict[str, list[Fact]]] = {}
        for fact in self.once:
            if fact.sequence:
                found.setdefault(fact.speaker, {}).setdefault(fact.case_id, []).append(fact)
        for cases in found.values():
            for case in self.turned & cases.keys():
                cases[case].sort(key=lambda fact: fact.topic == RESTRICTED)
        return found

    def by_case(self, speaker: str) -> dict[str, list[Fact]]:
        """Return what one speaker said, by case, in the order in which it stands on the topic."""
        return self.spoken.get(speaker, {})

    @cached_property
    def cases_of(self) -> dict[str, list[str]]:
        """The ids of the cases that came of each publisher's number."""
        found: dict[str, list[str]] = {}
        for fact in self.said("intake", "complaint.accepted"):
            found.setdefault(str(fact.data["external_ref"]), []).append(fact.case_id)
        return found

    def real(self, at: datetime) -> float:
        """Return what a real clock showed at a Salur time: seconds from the Unix epoch."""
        return self.anchor + (at - self.now).total_seconds() / self.speed

    @cached_property
    def lateness(self) -> list[float]:
        """Real seconds from the end of a clock until it was said, of each breach and each end of waiting that time found, sorted.

        A clock that was set when it was over already is counted from then.
        """
        routing, found = {fact.id for fact in self.said("routing")}, list[float]()
        for facts in self.by_case("sla").values():
            begun: dict[str, datetime] = {}
            for fact in facts:
                if fact.what in _BEGIN:
                    begun[fact.data["clock"]] = fact.time
                elif fact.what in _FIRED and fact.cause not in routing:
                    due = fact.instant("due_at")
                    found.append(max(0.0, fact.said_at - self.real(max(due, begun.get(fact.data["clock"], due)))))
        return sorted(found)

    @cached_property
    def behind(self) -> float:
        """The most real seconds that routing or sla took to say what follows from another's fact, or from the end of a clock."""
        said = {fact.id: fact for fact in self.once}
        heard = [(fact, said[fact.cause]) for fact in (*self.said("routing"), *self.said("sla")) if fact.cause in said]
        return max((*self.lateness, *(fact.said_at - cause.said_at for fact, cause in heard if fact.speaker != cause.speaker)), default=0.0)

    @property
    def flight(self) -> timedelta:
        """Return how much Salur time two services may need to know the same: a timer may go off meanwhile."""
        behind = min(timedelta(seconds=self.behind * self.speed), MOST_BEHIND)
        return max(timedelta(seconds=FLIGHT_SECONDS * self.speed), behind)


def read_fact(record: Record) -> Fact | None:
    """Return a record of ours as a fact, None when it is not an event of one of Salur's speakers."""
    try:
        event = orjson.loads(record.value or b"")
        source, data = event["source"], event["data"]
        what = event["type"].removeprefix("salur.").rpartition(".")[0]
        time = datetime.fromisoformat(event["time"])
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return None
    return Fact(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        id=event["id"],
        speaker=source.removeprefix(SALUR),
        what=what,
        time=time,
        case_id=event.get("subject", ""),
        tracking=event.get("tracking", ""),
        sequence=event.get("sequence", 0),
        cause=event.get("causationid", ""),
        data=data,
        said_at=record.timestamp / 1000,
    )
