"""The workload of one hop: complaint reports of about 1 KB with 21 fields, the same for everybody, from a fixed seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, ClassVar, Final, Literal
from uuid import UUID

import orjson
from pydantic import Field

from chassis.hashing import key_hash
from chassis.kafka import Outgoing
from schemas.base import Data, UtcTime
from schemas.envelope import Stamp, join
from schemas.ids import caused_id, new_case_text, new_tracking_id

CASES: Final = 20_000
RECENT: Final = 200
"""A fifth of the events are about one of so many recent cases: what belongs together comes together."""
SEED: Final = 20_260_302
_START: Final = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
_CATEGORIES: Final = ("infrastructure.road", "health.clinic", "education.school-fee", "utility.water", "civil-registry", "other")
_CHANNELS: Final = ("web", "android", "whatsapp", "sms", "hotline")
_WORDS: Final = (
    *("jalan", "rusak", "berlubang", "sudah", "tiga", "minggu", "belum", "diperbaiki", "lampu", "penerangan", "mati", "warga", "khawatir"),
    *("kecelakaan", "malam", "hari", "dekat", "sekolah", "mohon", "segera", "ditindaklanjuti", "oleh", "dinas", "terkait", "air", "bersih"),
    *("tidak", "mengalir", "antrean", "puskesmas", "panjang", "petugas", "ada", "di", "loket"),
)


class Place(Data):
    """Where it is."""

    TYPE: ClassVar[str] = "place"

    lat: Annotated[float, Field(ge=-11, le=7)]
    lon: Annotated[float, Field(ge=94, le=142)]


class Reported(Data):
    """A report about a case: 21 fields, validated as our own contracts are."""

    TYPE: ClassVar[str] = "salur.bench.reported.v1"

    case_id: UUID
    tracking_id: Annotated[str, Field(pattern=r"^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$")]
    serial: Annotated[int, Field(ge=1)]
    weight: Annotated[int, Field(ge=1, le=100)]
    kind: Literal["complaint", "aspiration", "information_request"]
    category: Annotated[str, Field(max_length=100)]
    category_given: Annotated[str, Field(max_length=100)] | None = None
    region: Annotated[str, Field(pattern=r"^\d\d(\.\d\d){0,2}$")]
    addressed_to: Annotated[str, Field(max_length=200)] | None = None
    channel: Literal["web", "android", "whatsapp", "sms", "hotline"]
    submitted_at: UtcTime
    accepted_at: UtcTime
    anonymous: bool
    confidential: bool
    publisher: Annotated[str, Field(max_length=200)]
    external_ref: Annotated[str, Field(max_length=100)] | None = None
    title: Annotated[str, Field(max_length=200)]
    text: Annotated[str, Field(min_length=1, max_length=20_000)]
    language: Literal["id", "en"]
    location: Place
    reply_to: Annotated[str, Field(pattern=r"^https://", max_length=2_000)] | None = None


_STAMP: Final = Stamp("urn:salur:feeder", Reported.TYPE)


@dataclass(frozen=True, slots=True)
class Sent:
    """One event of the workload: its record, and what the checks need to know of it."""

    id: str
    case_id: str
    serial: int
    weight: int
    value: bytes
    headers: Sequence[tuple[str, bytes]]

    def outgoing(self, topic: str) -> Outgoing:
        """Return it as a record for `topic`."""
        key = self.case_id.encode()
        return Outgoing(topic, key, key_hash(key), self.value, self.headers)


def make(count: int, seed: int = SEED) -> list[Sent]:
    """Return the first `count` events; more of them begin with the same ones."""
    draw = random.Random(seed)
    cases = [_case(draw) for _ in range(CASES)]
    serials: dict[str, int] = {}
    recent: list[int] = []
    sent = []
    texts = [" ".join(draw.choices(_WORDS, k=28)) for _ in range(500)]
    for number in range(count):
        again = recent and draw.random() < 0.2
        place = draw.choice(recent[-RECENT:]) if again else draw.randrange(CASES)
        if not again:
            recent.append(place)
        case_id, tracking = cases[place]
        serials[case_id] = serials.get(case_id, 0) + 1
        sent.append(_event(draw, number, case_id, tracking, serials[case_id], draw.choice(texts)))
    return sent


def _case(draw: random.Random) -> tuple[str, str]:
    return new_case_text(_START, draw.randbytes(10)), new_tracking_id(draw.randbytes(8))


def _event(draw: random.Random, number: int, case_id: str, tracking: str, serial: int, text: str) -> Sent:
    at = _START + timedelta(milliseconds=7 * number)
    time = at.isoformat().replace("+00:00", "Z")
    weight = draw.randint(1, 100)
    event_id = str(caused_id(f"workload\n{number}", "reported", at))
    own = {
        "id": event_id,
        "time": time,
        "subject": case_id,
        "tracking": tracking,
        "sequence": serial,
        "correlationid": event_id,
    }
    data = orjson.dumps(_data(draw, number, case_id, tracking, time) | {"serial": serial, "weight": weight, "title": text[:40], "text": text})
    return Sent(event_id, case_id, serial, weight, join(_STAMP.header(own), data), _STAMP.headers(own))


def _data(draw: random.Random, number: int, case_id: str, tracking: str, time: str) -> dict[str, object]:
    category = draw.choice(_CATEGORIES)
    return {
        "case_id": case_id,
        "tracking_id": tracking,
        "kind": "complaint",
        "category": category,
        "category_given": category.replace(".", " "),
        "region": f"{draw.randint(11, 94)}.{draw.randint(1, 79):02}",
        "addressed_to": "dinas-pekerjaan-umum",
        "channel": draw.choice(_CHANNELS),
        "submitted_at": time,
        "accepted_at": time,
        "anonymous": draw.random() < 0.1,
        "confidential": False,
        "publisher": "urn:bench:publisher",
        "external_ref": f"REF-{number:08}",
        "language": "id",
        "location": {"lat": round(draw.uniform(-10, 6), 5), "lon": round(draw.uniform(95, 141), 5)},
        "reply_to": "https://publisher.example/hook",
    }
