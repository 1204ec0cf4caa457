"""Events as the speakers say them, for pulse to hear: whole CloudEvents with their headers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import orjson

from chassis.hashing import key_hash
from chassis.kafka import Outgoing
from schemas.envelope import Stamp, join
from schemas.registry import EVENTS, dataschema


def said(type_: str, at: datetime, data: dict[str, Any], *, id_: str | None = None) -> Outgoing:
    """An event of one of our own topics, as its speaker would publish it."""
    entry = EVENTS[type_]
    case = data.get("case_id") or str(uuid4())
    own = {"id": id_ or str(uuid4()), "time": at.astimezone(UTC).isoformat().replace("+00:00", "Z"), "subject": case}
    stamp = Stamp(f"urn:salur:{entry.speakers[0]}", type_, dataschema(type_))
    key = case.encode()
    return Outgoing(entry.topic, key, key_hash(key), join(stamp.header(own), orjson.dumps(data)), stamp.headers(own))


def accepted(at: datetime, category: str, region: str | None, *, publisher: str = "urn:kanal:a", id_: str | None = None) -> Outgoing:
    data = {
        **_case(),
        "kind": "complaint",
        "category": category,
        "category_given": None,
        "region": region,
        "addressed_to": None,
        "channel": "web",
        "submitted_at": at.isoformat(),
        "accepted_at": at.isoformat(),
        "anonymous": False,
        "confidential": False,
        "publisher": publisher,
        "external_ref": None,
        "title": "Banjir",
        "text": "Air masuk rumah sejak subuh.",
    }
    return said("salur.complaint.accepted.v1", at, data, id_=id_)


def routed(at: datetime, owner: str) -> Outgoing:
    return said("salur.case.routed.v1", at, {**_case(), "state": "verification", "owner": owner, "by": "system", "triage": False})


def followed_up(at: datetime, owner: str, by: str | None = None) -> Outgoing:
    actor = {"agency": by or owner, "role": "liaison"}
    return said("salur.case.followed_up.v1", at, {**_case(), "state": "followed_up", "owner": owner, "by": actor, "final": True})


def breached(at: datetime, agency: str) -> Outgoing:
    return said("salur.deadline.breached.v1", at, {**_case(), "clock": "verification", "agency": agency})


def receipt(at: datetime, source: str, outcome: str = "accepted") -> Outgoing:
    return said("salur.receipt.v1", at, {"outcome": outcome, "received_source": source, "topic": "salur.submissions"})


def _case() -> dict[str, str]:
    return {"case_id": str(uuid4()), "tracking_id": "7K3M-9QWD-2F5H"}
