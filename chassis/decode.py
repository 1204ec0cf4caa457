"""From a record to an item: sift by header, parse, validate; what cannot be read is told apart by whose fault it is."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final, Literal, Required

import orjson
from asyncpg.pgproto.pgproto import UUID
from pydantic import TypeAdapter
from pydantic_core import SchemaValidator
from typing_extensions import TypedDict

from chassis.item import INTERNAL, Item, Origin, Raw, Service, Unreadable
from chassis.kafka import UNREADABLE, Record
from schemas import registry
from schemas.base import Answer, Data, Draw, Event, Problem
from schemas.envelope import MAX_BYTES, MAX_ID_BYTES, Envelope, EnvelopeError, clean, fits, parse, read_json
from schemas.ids import new_case_text, new_tracking_id, read_tracking_id

log = logging.getLogger(__name__)

_CONTROLS: Final = re.compile(rb"\\u00|\\[bf]")
"""C0 control characters can stand in JSON only as one of these escapes."""
UNDECODABLE: Final = "undecodable"
_BROKEN: Final = Answer("parked", "internal_error", (Problem("", "a fault of ours kept the event from being read; it will be taken up"),))


class Decoder:
    """Reads records for one service; counts nothing, keeps nothing."""

    def __init__(self, service: Service[Any]) -> None:
        self._service = service
        self._readers = {
            topic: {name.encode(): (name, _reader(name, model)) for name, model in types.items()} for topic, types in service.reads.items()
        }

    def __call__(self, record: Record, now: datetime) -> Item | Unreadable | None:
        """Return the item of a record, or why there is none; None when the service does not react to its type."""
        if record.topic == self._service.inbound:
            raw = Raw(record.topic, record.partition, record.offset, record.timestamp, record.key, record.value, record.headers)
            return self.inbound(raw, now) if record.headers is not UNREADABLE else Unreadable(raw, _BROKEN, now, Origin.INBOUND)
        known = self._readers[record.topic]
        for name, value in record.headers:
            if name == "salur_type":
                reader = known.get(value)
                return None if reader is None else self._own(record, *reader, now)
        return self._unmarked(record, now)

    def _unmarked(self, record: Record, now: datetime) -> Item | Unreadable | None:
        """Read a record of our own topics whose headers do not say its type."""
        try:
            said = orjson.loads(record.value or b"")["type"].encode()
        except (ValueError, KeyError, TypeError, AttributeError):
            said = b""
        known = self._readers[record.topic]
        reader = known.get(said) if said else next(iter(known.values()))
        return None if reader is None else self._own(record, *reader, now)

    def _own(self, record: Record, type_: str, reader: SchemaValidator, now: datetime) -> Item | Unreadable | None:
        try:
            read = reader.validate_json(record.value or b"")
            subject, instant, get = read["subject"], read["time"], read.get
            case_id = UUID(subject)
            event: Event[Data] = Event(
                read["id"],
                read["source"],
                type_,
                datetime.fromisoformat(instant),
                read["data"],
                subject,
                get("tracking"),
                get("sequence"),
                get("causationid"),
                get("correlationid"),
                get("traceparent"),
            )
            key = UUID(event.id)
        except (ValueError, TypeError) as error:
            raw = Raw(record.topic, record.partition, record.offset, record.timestamp, record.key, record.value, record.headers)
            answer = Answer("parked", UNDECODABLE, (Problem("", type(error).__name__),))
            return Unreadable(raw, answer, now, Origin.OWN, case_id=_case_of(record))
        item = Item(Origin.OWN, event, case_id, event.time, raw=record)  # type: ignore[arg-type] # a Raw is made only if it is kept
        item.key = key
        if instant.endswith("Z"):
            item.instant = instant
        return item

    def inbound(self, raw: Raw, now: datetime, origin: Origin = Origin.INBOUND, also: Mapping[str, Any] | None = None) -> Item | Unreadable:
        """Read what somebody else wrote, from a topic or (with `origin` HTTP) from a request.

        `also` are attributes that stand outside the bytes: the idempotency key and source of bare data sent over HTTP.
        """
        envelope = None
        try:
            envelope = parse(raw.value, {name.lower(): value or b"" for name, value in raw.headers}) if also is None else _bare(raw, also)
            model = self._model(envelope.type)
            data = clean(envelope.data) if _is_suspect(raw.value or b"") else envelope.data
            return self._item(envelope, registry.read(model, data), raw, now, origin)
        except EnvelopeError as error:
            known_id = error.id or (envelope.id if envelope else None)
            known_source = error.source or (envelope.source if envelope else None)
            outcome = "parked" if error.code == "unsupported_version" and origin is Origin.INBOUND else "rejected"
            case_id = _named_case(envelope) if outcome == "parked" else None
            unreadable = Unreadable(raw, Answer(outcome, error.code, error.problems), now, origin, known_id, known_source, case_id)
            return _traced(unreadable, envelope)
        except Exception:  # a bug of ours, which must not stop what comes behind
            log.exception("reading failed", extra={"topic": raw.topic, "partition": raw.partition, "offset": raw.offset})
            known = (envelope.id, envelope.source, _named_case(envelope)) if envelope else (None, None, None)
            return _traced(Unreadable(raw, _BROKEN, now, origin, *known), envelope)

    def internal(self, raw: Raw, now: datetime) -> Item | Unreadable:
        """Read what a service told itself, after it was parked."""
        type_ = raw.topic.removeprefix(INTERNAL).split("/", 1)[0]
        try:
            read = orjson.loads(raw.value or b"")
            data = self._service.internal[type_].model_validate(read["data"])
            case_id = UUID(read.pop("case_id"))
            event: Event[Data] = Event(**{**read, "time": _time(read["time"]), "data": data})
        except (ValueError, KeyError, TypeError) as error:
            return Unreadable(raw, Answer("parked", UNDECODABLE, (Problem("", type(error).__name__),)), now, Origin.TIMER)
        return Item(Origin.TIMER, event, case_id, now, raw=raw)

    def _model(self, type_: str) -> type[Data]:
        if type_ in self._service.orders:
            return self._service.orders[type_]
        if registry.newer_major(type_, self._service.orders):
            raise EnvelopeError("unsupported_version", [Problem("/type", "this version is not known here yet")])
        raise EnvelopeError("unknown_type", [Problem("/type", "this type is not taken here")])

    def _item(self, envelope: Envelope, data: Data, raw: Raw, now: datetime, origin: Origin) -> Item:
        read, given = envelope.attributes, data.__dict__  # a model that is asked for a field it does not have takes six microseconds
        case_id, draw, tracking = given.get("case_id"), None, given.get("tracking_id")
        if envelope.type in self._service.draws:
            draw = drawn(now)
            case_id, tracking = draw.case_id, draw.tracking_id
        elif tracking:
            tracking = read_tracking_id(tracking)
        event = Event(
            id=envelope.id,
            source=envelope.source,
            type=envelope.type,
            time=envelope.time or now,
            data=data,
            tracking=tracking or None,
            correlationid=read.get("correlationid"),
            traceparent=read.get("traceparent"),
        )
        item = Item(origin, event, case_id, now, raw=raw)
        item.digest, item.draw = digest(envelope.type, envelope.data), draw
        return item


def drawn(at: datetime) -> Draw:
    """Return the two ids of a new case, random and of this time."""
    noise = os.urandom(17)
    return Draw(UUID(new_case_text(at, noise[:9])), new_tracking_id(noise[9:]))


def digest(type_: str, data: Any) -> bytes:
    """Return what tells two contents apart: the type and the data, whatever the order of keys (contracts §2)."""
    return blake2b(type_.encode() + b"\n" + orjson.dumps(data, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()


def _reader(type_: str, model: type[Data]) -> SchemaValidator:
    """Return what reads a whole event of ours in one go, its data as `model`: half the cost of parsing first, then validating."""
    known = {**dict.fromkeys(("id", "source", "time", "subject"), Required[str]), "type": Required[Literal[type_]], "data": Required[model]}
    maybe = {**dict.fromkeys(("tracking", "causationid", "correlationid", "traceparent"), str), "sequence": int}
    return TypeAdapter(TypedDict("Said", known | maybe, total=False)).validator  # type: ignore[operator, return-value] # made while running


def _is_suspect(value: bytes) -> bool:
    """Tell whether JSON may hold control characters: as escapes, or hidden in base64."""
    return (b"\\" in value and _CONTROLS.search(value) is not None) or b"data_base64" in value


def _bare(raw: Raw, also: Mapping[str, Any]) -> Envelope:
    if len(raw.value or b"") > MAX_BYTES:
        raise EnvelopeError("too_large", [Problem("", f"the value is larger than {MAX_BYTES} bytes")])
    if not fits(also["id"]):
        raise EnvelopeError("schema_violation", [Problem("/headers/idempotency-key", f"must have at most {MAX_ID_BYTES} bytes in UTF-8")])
    return Envelope(also["id"], also["source"], also["type"], None, read_json(raw.value), {})


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _traced(unreadable: Unreadable, envelope: Envelope | None) -> Unreadable:
    """Note what the envelope says of its type and its part in something larger."""
    if envelope is not None:
        unreadable.type = envelope.type
        unreadable.correlationid, unreadable.traceparent = (envelope.attributes.get(name) for name in ("correlationid", "traceparent"))
    return unreadable


def _named_case(envelope: Envelope | None) -> UUID | None:
    """Return the case that an order names which cannot be read whole: what comes after it must queue behind it."""
    try:
        return UUID(envelope.data["case_id"])  # type: ignore[union-attr] # None has no data: an AttributeError like any other
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _case_of(record: Record) -> UUID | None:
    """Return the case that a record of our own says it is about in its header, when it says so readably."""
    for name, value in record.headers:
        if name == "salur_subject":
            try:
                return UUID((value or b"").decode())
            except ValueError:
                return None
    return None
