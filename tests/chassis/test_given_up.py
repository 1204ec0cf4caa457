"""What a service hears instead of an event of its own topics that an operator gave up."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import httpx
import pytest

from chassis.giving_up import instead
from chassis.item import Item, Origin, Raw, Unreadable
from schemas.base import Answer, Event, GivenUp
from tests.chassis import counting
from tests.chassis.conftest import Bench

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def unreadable(*headers: tuple[str, bytes], origin: Origin = Origin.OWN) -> Unreadable:
    return Unreadable(Raw("salur.letters", 0, 7, 0, None, b"?", headers), Answer("parked", "undecodable"), NOW, origin)


def test_of_what_could_be_read_everything_is_told() -> None:
    case, kept = uuid4(), uuid4()
    event = Event("e", "urn:salur:letters", counting.Added.TYPE, NOW, counting.Added(case_id=case, number=3), sequence=5, tracking="7K3M-9QWD-2F5H")
    item = instead(Item(Origin.OWN, event, case, NOW), kept, case, NOW)
    assert item is not None
    assert (item.origin, item.case_id, item.event.sequence, item.event.tracking, item.event.source) == (
        *(Origin.TIMER, case, 5, "7K3M-9QWD-2F5H"),
        "urn:salur:letters",
    )
    assert item.event.data == GivenUp(type=counting.Added.TYPE, said={"case_id": str(case), "number": 3})
    again = instead(item, uuid4(), case, NOW)
    assert again is not None
    assert (again.event.data, again.event.sequence, again.event.id == item.event.id) == (item.event.data, 5, False)


@pytest.mark.parametrize(
    ("value", "sequence"),
    [(b"5", 5), (b"", None), (b"0", None), (b"-1", None), (b"x", None), (b"5" * 5_000, None), ("\u0663".encode(), None), (b"\xff", None)],
)
def test_of_what_could_not_be_read_the_headers_tell(value: bytes, sequence: int | None) -> None:
    case = uuid4()
    headers = [("salur_sequence", value), ("salur_type", b"salur.x.v1"), ("salur_tracking", b"a\0b"), ("sequence", b"9"), ("salur_sequence", b"8")]
    item = instead(unreadable(*headers), uuid4(), case, NOW)
    assert item is not None
    assert (item.event.sequence, item.event.tracking, item.event.data) == (sequence, None, GivenUp(type="salur.x.v1", said=None))


def test_what_others_sent_has_nothing_in_its_place() -> None:
    assert instead(unreadable(origin=Origin.INBOUND), uuid4(), uuid4(), NOW) is None


async def test_what_a_service_cannot_do_without_stays_parked_until_it_can(bench: Bench) -> None:
    await bench.start()
    case = uuid4()
    await bench.feed([case], [1])
    await bench.feed([case], [2], boom=True, note=counting.INSIST)
    await bench.feed([case], [3])
    assert await bench.until("SELECT count(*) FROM kept WHERE state = 'parked'", 2) == 2
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{bench.port}") as http:
        first, second = [row["id"] for row in (await http.get("/ops/v1/parked")).json()["parked"]]
        kept = (await http.post(f"/ops/v1/parked/{first}:discard")).json()
        assert kept == {"id": first, "state": "parked", "behind": second}
        assert [row["id"] for row in (await http.get("/ops/v1/parked")).json()["parked"]] == [first, second]
        (bench.folder / "mended").touch()
        gone = (await http.post(f"/ops/v1/parked/{first}:discard")).json()
        assert gone == {"id": first, "state": "discarded", "behind": second}
        assert (await http.post(f"/ops/v1/parked/{second}:redrive")).json()["state"] == "redriven"
    assert list((await bench.query("SELECT seen FROM tally"))[0]["seen"]) == [1, 3]
    assert (await bench.query("SELECT count(*) FROM head WHERE blocked_by IS NOT NULL"))[0][0] == 0
