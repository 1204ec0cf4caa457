"""What a receipt bears of what it answers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson

from chassis.item import Origin, Raw, Unreadable
from chassis.saying import receipt
from schemas.base import ACCEPTED, Answer, Event

NOW = datetime(2026, 3, 2, tzinfo=UTC)
RECORD = Raw("salur.letters", 2, 7, 0, None, b"{}")
REQUEST = Raw("http:/v1/letters", 0, 4_263_112_626_038_570_303, 0, None, b"{}")
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def told(raw: Raw, about: Any) -> dict[str, Any]:
    """Return a receipt's attributes and data, once its headers were found to say the same."""
    record = receipt("urn:salur:test", raw, ACCEPTED, NOW, about, again=False)
    document: dict[str, Any] = orjson.loads(record.value or b"")
    headers = {name.removeprefix("salur_"): value.decode() for name, value in record.headers if name != "content-type"}
    assert headers == {name: value for name, value in document.items() if name != "data"}
    return document


def test_a_receipt_belongs_to_the_trace_of_what_it_answers() -> None:
    event: Event[Any] = Event("e1", "urn:x", "t", NOW, None, correlationid="c1", traceparent=TRACE)
    read = told(RECORD, event)
    assert (read["causationid"], read["correlationid"], read["traceparent"]) == ("e1", "c1", TRACE)
    unread = told(RECORD, Unreadable(RECORD, Answer("rejected", "schema_violation"), NOW, Origin.INBOUND, "e2", "urn:x", traceparent=TRACE))
    assert (unread["causationid"], unread["correlationid"], unread["traceparent"]) == ("e2", "e2", TRACE)
    nothing = told(RECORD, Unreadable(RECORD, Answer("rejected", "malformed_json"), NOW, Origin.INBOUND))
    assert not {"causationid", "correlationid", "traceparent"} & nothing.keys()


def test_a_receipt_names_the_place_of_a_record_and_none_for_a_request() -> None:
    event: Event[Any] = Event("e1", "urn:x", "t", NOW, None)
    places = [[told(raw, event)["data"][name] for name in ("topic", "partition", "offset")] for raw in (RECORD, REQUEST)]
    assert places == [["salur.letters", 2, 7], [None, None, None]]
