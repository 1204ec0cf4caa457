"""What pulse says, as records: the same envelope as everybody's, about a surge or a silence instead of a case."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson

from chassis.hashing import key_hash
from chassis.kafka import Outgoing
from schemas.base import Data
from schemas.envelope import Stamp, join
from schemas.ids import caused_id, caused_text
from schemas.pulse.silence_detected_v1 import SilenceDetected
from schemas.pulse.silence_ended_v1 import SilenceEnded
from schemas.pulse.surge_detected_v1 import SurgeDetected
from schemas.pulse.surge_ended_v1 import Peak, SurgeEnded
from schemas.pulse.window import Window
from schemas.registry import dataschema
from schemas.topics import PULSE
from schemas.words import Silent, SurgeEnd, SurgeRule
from services.pulse import silence, surge

SOURCE: Final = "urn:salur:pulse"


class Said(NamedTuple):
    """Something to say: its record's key, what it is about, which of that thing's events it is, and its data."""

    key: str
    about: UUID
    sequence: int
    time: datetime
    data: Data

    def pack(self) -> bytes:
        """Return it as the row that holds it until it is acknowledged."""
        record = self.outgoing()
        headers = [(name, value.decode()) for name, value in record.headers]
        return orjson.dumps({"key": self.key, "value": record.value.decode() if record.value else "", "headers": headers})

    def outgoing(self) -> Outgoing:
        """Return its record; equal for equal arguments, so that who hears it twice can tell."""
        about = str(self.about)
        own: dict[str, Any] = {
            "id": caused_text(about, self.data.TYPE, self.time),
            "time": f"{self.time.astimezone(UTC).isoformat()[:-6]}Z",
            "subject": about,
            "sequence": self.sequence,
            "correlationid": about,
        }
        stamp = _stamp(self.data.TYPE)
        key = self.key.encode()
        return Outgoing(PULSE, key, key_hash(key), join(stamp.header(own), self.data.to_json()), stamp.headers(own))


def unpack(row: bytes) -> Outgoing:
    """Return the record that `pack` wrote down."""
    read = orjson.loads(row)
    key = read["key"].encode()
    return Outgoing(PULSE, key, key_hash(key), read["value"].encode(), [(name, value.encode()) for name, value in read["headers"]])


@cache
def _stamp(type_: str) -> Stamp:
    return Stamp(SOURCE, type_, dataschema(type_))


def of_surge(topic: str, region: str, found: surge.Detected | surge.Ended, now: datetime) -> Said:
    """Return what is said when a surge is found or over."""
    window = found.window if isinstance(found, surge.Detected) else found.whole
    about = caused_id(f"{topic}\n{region}", "surge", window.start_at)
    common = {
        "surge_id": about,
        "category": topic,
        "region": region,
        "window": _window(window),
        "observed": window.observed,
        "expected": round(window.expected, 2),
    }
    if isinstance(found, surge.Detected):
        data: Data = SurgeDetected(**common, chance=found.chance, rule=SurgeRule(found.rule))
        return Said(f"{topic}/{region}", about, 1, now, data)
    peak = Peak(window=_window(found.peak), observed=found.peak.observed, expected=round(found.peak.expected, 2))
    data = SurgeEnded(**common, detected_at=found.detected_at, peak=peak, reason=SurgeEnd(found.reason))
    return Said(f"{topic}/{region}", about, 2, now, data)


def of_silence(about: Silent, name: str, found: silence.Silent | silence.Heard, now: datetime) -> Said:
    """Return what is said when somebody has gone silent or is heard again."""
    window = found.window
    id_ = caused_id(f"{about}\n{name}", "silence", window.start_at)
    common = {
        "silence_id": id_,
        "about": about,
        "agency": name if about is Silent.AGENCY else None,
        "publisher": name if about is Silent.PUBLISHER else None,
        "window": _window(window),
        "observed": window.observed,
        "expected": round(window.expected, 2),
        "working_days": found.working_days,
    }
    if isinstance(found, silence.Silent):
        return Said(name, id_, 1, now, SilenceDetected(**common))
    return Said(name, id_, 2, now, SilenceEnded(**common, detected_at=found.detected_at))


def _window(window: surge.Window) -> Window:
    return Window(from_=window.start_at, until=window.until_at)
