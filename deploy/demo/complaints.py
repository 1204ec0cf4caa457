"""What publishers send: good submissions in a real-looking mix, a few of them twice, and a few that are wrong. Seeded and pure."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final
from uuid import UUID

import orjson

from deploy.demo.scripts import Script, draw
from deploy.demo.settings import WIB
from deploy.demo.writing import Person, Topic, person, phrases, topics, write
from schemas.inbound.complaint_submitted_v1 import ComplaintSubmitted

REGENCY: Final = "35.22"
ELSEWHERE: Final = ("32.73", "31.74", "33.74", "61.71", "12.71", "51.71", "64.72", "73.71", "81.71", "91.71")
"""Cities of all three zones."""
OPEN: Final = "urn:salur:open"
PUBLISHERS: Final = ("urn:demo:lapor", "urn:demo:aplikasi-kota", "urn:demo:hotline")
CHANNELS: Final = {
    "web": 1148, "android": 470, "widget": 177, "hotline": 155, "instagram": 81, "sms": 42, "email": 17, "walk_in": 10, "letter": 5, "whatsapp": 4,
}  # fmt: skip
KINDS: Final = {"oversight_complaint": 1131, "complaint": 556, None: 273, "information_request": 122, "aspiration": 45, "whistleblowing": 21}
FLAGS: Final = {(False, False): 264, (True, False): 844, (False, True): 439, (True, True): 580}
"""Anonymous, confidential. All three are counts of a regency's four years (but whistle-blowing: about one in a hundred)."""
REPLY_TO_SHARE: Final = 0.15
"""Publishers that read no Kafka and are told by webhook."""
BATCH_EVERY: Final = timedelta(hours=6)
DAY_WEIGHTS: Final = (16, 16, 16, 16, 16, 10, 10)
HOUR_WEIGHTS: Final = (1, 1, 1, 1, 1, 2, 4, 8, 14, 18, 18, 14, 8, 9, 14, 15, 11, 8, 7, 7, 6, 4, 3, 2)


class Door(StrEnum):
    """The way in: half of all come by Kafka, half by HTTP."""

    KAFKA = "kafka"
    KAFKA_BINARY = "kafka, binary"
    HTTP_EVENT = "http, event"
    HTTP_DATA = "http, data alone"
    HTTP_BATCH = "http, in a batch"


@dataclass(frozen=True, slots=True)
class Sending:
    """One record or request: `code` is the answer it must get, `twin_of` the number of the sending whose id it bears again."""

    number: int
    door: Door
    id: str
    source: str
    data: dict[str, Any]
    after: timedelta
    code: str = "ok"
    type: str = ComplaintSubmitted.TYPE
    raw: bytes | None = None
    twin_of: int | None = None

    @property
    def by_kafka(self) -> bool:
        """Return whether the receipt is said on the topic."""
        return self.door in {Door.KAFKA, Door.KAFKA_BINARY}


@dataclass(frozen=True, slots=True)
class Part:
    """What happens to one case: its script, to whom it is handed over, who filed it, and its publisher's name and number for it."""

    reference: str
    source: str
    script: Script
    elsewhere: str
    reporter: Person | None = None


@dataclass(frozen=True, slots=True)
class Week:
    """All that is sent, the part of each case by its publisher's number, and who must not be found anywhere."""

    sendings: tuple[Sending, ...]
    parts: dict[str, Part] = field(default_factory=dict)
    people: tuple[Person, ...] = ()


def plan(seed: int, cases: int, sink: str = "http://127.0.0.1:8127") -> Week:
    """Return a week of `cases` good submissions and what comes beside them; equal for equal arguments. Webhooks go to `sink`."""
    rng = Random(seed)  # noqa: S311 - a play, no secret
    good, parts, people = [], {}, []
    for number in range(cases):
        reporter = person(rng, number) if rng.random() < 0.9 else None
        topic = rng.choices(topics(), weights=[topic.weight for topic in topics()])[0]
        sending = _good(rng, number, topic, reporter, sink)
        good.append(sending)
        reference = sending.data["external_ref"]
        parts[reference] = Part(reference, sending.source, draw(rng, sending.data.get("kind")), topic.elsewhere, reporter)
        people += [] if reporter is None else [reporter]
    twins = [_twin(rng, number, good) for number in range(cases, cases + round(cases * 0.015) + 1)]
    bad = [_bad(rng, cases + len(twins) + i, kind, good) for i, kind in enumerate(BAD)]
    return Week((*good, *twins, *bad), parts, tuple(people))


def filed_at(week: Week, sending: Sending, opening: datetime) -> datetime:
    """Return when the reporter filed it: a twin repeats the content of the first to the letter."""
    return _moment(sending if sending.twin_of is None else week.sendings[sending.twin_of], opening)


def due(sending: Sending, opening: datetime) -> datetime:
    """Return when a sending is due: when it is filed, in a batch when the next one leaves."""
    if sending.door is not Door.HTTP_BATCH:
        return _moment(sending, opening)
    return max(opening, _midnight(opening) + BATCH_EVERY * (sending.after // BATCH_EVERY + 1))


def _moment(sending: Sending, opening: datetime) -> datetime:
    """Return a sending's own time, counted from the midnight before the opening, never before the opening."""
    return max(opening, _midnight(opening) + sending.after)


def _midnight(opening: datetime) -> datetime:
    return opening.astimezone(WIB).replace(hour=0, minute=0, second=0, microsecond=0)


def body(sending: Sending, filed: datetime) -> tuple[bytes, dict[str, str]]:
    """Return the bytes and header fields of a sending, filed at `filed`; for HTTP a header `ce_x` is written `ce-x`."""
    if sending.raw is not None:
        return sending.raw, {}
    data = {"submitted_at": filed.isoformat(timespec="seconds"), **sending.data}
    if sending.door is Door.HTTP_DATA:
        return orjson.dumps(data), {"content-type": "application/json", "idempotency-key": sending.id}
    attributes = {"specversion": "1.0", "id": sending.id, "source": sending.source, "type": sending.type, "time": filed.isoformat(timespec="seconds")}
    if sending.door is Door.KAFKA_BINARY:
        return orjson.dumps(data), {"content-type": "application/json"} | {f"ce_{name}": value for name, value in attributes.items()}
    return orjson.dumps({**attributes, "datacontenttype": "application/json", "data": data}), {"content-type": "application/cloudevents+json"}


@cache
def districts() -> dict[str, str]:
    """Return the names of the regency's districts and of the other cities, by code."""
    with (Path(__file__).parents[2] / "data" / "regions.csv").open(encoding="utf-8") as file:
        rows = [(row["code"], row["name"]) for row in csv.DictReader(file)]
    return {code: name for code, name in rows if code in ELSEWHERE or (code.startswith(f"{REGENCY}.") and code.count(".") == 2)}


def _good(rng: Random, number: int, topic: Topic, reporter: Person | None, sink: str) -> Sending:
    kind = _one(rng, KINDS)
    special = {"whistleblowing": "whistle", "information_request": "information", "aspiration": "aspiration"}.get(kind or "")
    cores = tuple(phrases()[special]) if special else topic.cores
    here = rng.random() < 0.72
    region = rng.choice([code for code in districts() if (code not in ELSEWHERE) is here])
    anonymous, confidential = _one(rng, FLAGS)
    data: dict[str, Any] = {
        "text": write(rng, cores, districts()[region].removeprefix("Kota ").removeprefix("Administrasi "), reporter),
        "category": topic.category or "Topik Lainnya",
        "region": region,
        "channel": _one(rng, CHANNELS),
        "external_ref": f"DEMO-{number:05d}",
        "anonymous": anonymous,
        "confidential": confidential,
    }
    data |= {"kind": kind} if kind else {}
    data |= {"addressed_to": topic.elsewhere} if rng.random() < 0.09 else {}
    if reporter is not None:
        data["reporter"] = {"name": reporter.name, "nik": reporter.nik, "phone": reporter.phone, "email": reporter.email}
    door = _door(number)
    source = OPEN if door is Door.HTTP_DATA else rng.choice(PUBLISHERS)
    if rng.random() < REPLY_TO_SHARE:
        data["reply_to"] = f"{sink}/{source.rpartition(':')[2]}"
    day = rng.choices(range(7), weights=DAY_WEIGHTS)[0]
    hour = rng.choices(range(24), weights=HOUR_WEIGHTS)[0]
    after = timedelta(days=day, hours=hour, seconds=rng.randrange(3600))
    return Sending(number, door, _id(rng), source, data, after)


def _door(number: int) -> Door:
    by_kafka = Door.KAFKA_BINARY if number % 16 == 2 else Door.KAFKA
    alone = Door.HTTP_BATCH if number % 8 == 7 else Door.HTTP_DATA
    return (Door.KAFKA, Door.HTTP_EVENT, by_kafka, alone)[number % 4]


def _twin(rng: Random, number: int, good: list[Sending]) -> Sending:
    """Return a second sending of the same submission, at times by another door."""
    first = rng.choice(good)
    door = first.door
    if door is not Door.HTTP_DATA and rng.random() < 0.5:
        door = Door.HTTP_EVENT if first.by_kafka else Door.KAFKA
    return replace(first, number=number, door=door, after=first.after + timedelta(hours=rng.uniform(8, 40)), code="duplicate", twin_of=first.number)


BAD: Final = ("not json", "no text", "wrong region", "unknown type", "from the future", "other content")
"""One of each is sent."""


def _bad(rng: Random, number: int, kind: str, good: list[Sending]) -> Sending:
    base = replace(rng.choice(good), number=number, twin_of=None)
    data = {**base.data, "external_ref": f"DEMO-X{number}"}
    base = replace(base, id=_id(rng), data=data, door=rng.choice((Door.KAFKA, Door.HTTP_EVENT)), source=PUBLISHERS[0])
    match kind:
        case "not json":
            return replace(base, door=Door.KAFKA, raw=b'{"specversion": "1.0", "data": {"text": "terputus di teng', code="malformed_json")
        case "no text":
            return replace(base, data={name: value for name, value in data.items() if name != "text"}, code="schema_violation")
        case "wrong region":
            return replace(base, data={**data, "region": "3522"}, code="schema_violation")
        case "unknown type":
            return replace(base, type="salur.complaint.shouted.v1", code="unknown_type")
        case "from the future":
            return replace(base, data={**data, "submitted_at": "2199-01-01T00:00:00Z"}, code="time_in_future")
    first = next(sending for sending in good if sending.door is not Door.HTTP_DATA)
    changed = {**first.data, "text": "Teks lain di bawah nomor yang sama."}
    return replace(first, number=number, data=changed, after=first.after + timedelta(days=2), code="idempotency_conflict", twin_of=first.number)


def _id(rng: Random) -> str:
    return str(UUID(int=rng.getrandbits(128), version=4))


def _one(rng: Random, shares: dict[Any, int]) -> Any:
    return rng.choices(list(shares), weights=list(shares.values()))[0]
