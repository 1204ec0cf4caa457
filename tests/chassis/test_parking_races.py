"""What rarely happens to what is kept aside: copies, redrives at once, other versions, guilt in the wrong place; nothing lost, nothing twice."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from chassis import parking
from chassis.history import name_of
from chassis.item import Item, Origin, Unreadable, Work
from schemas.base import Answer, Problem
from tests.chassis import counting
from tests.chassis.conftest import Bench, order_event
from tests.chassis.versions import AddAgain, Feed, Narrow, Spelled, Trapped, blocked, carry, kept, newer, receipts, seen, version


async def test_what_was_rejected_and_is_delivered_again_does_not_swallow_its_mended_copy(bench: Bench) -> None:
    carrier, feed, case = await version(bench), Feed(bench), uuid4()
    refused, mended = feed.order(order_event(case, -1, "once")), feed.order(order_event(case, 5, "once"))
    await carry(carrier, feed.own(case, 1), refused)
    await carry(carrier, refused, mended)
    assert await receipts(bench) == [("once", "rejected", "illegal_action"), ("once", "accepted", "ok")]
    assert await seen(bench, case) == [1, 5]
    carrier.pool.terminate()


async def test_many_redrives_of_one_input_without_a_case_give_one_final_receipt(bench: Bench) -> None:
    old, feed, case = await version(bench), Feed(bench), uuid4()
    await carry(old, feed.own(case, 1), feed.order(newer(order_event(case, 2, "new"))))
    new = await version(bench, orders=(counting.Add, AddAgain))
    (row,) = await kept(bench)
    await asyncio.gather(*(parking.redrive(new, row["id"]) for _ in range(4)))
    assert await receipts(bench) == [("new", "parked", "unsupported_version"), ("new", "accepted", "ok")]
    assert await seen(bench, case) == [1, 2]
    old.pool.terminate()
    new.pool.terminate()


async def test_many_redrives_of_what_is_still_wrong_then_refused_give_one_final_receipt(bench: Bench) -> None:
    old, feed, case = await version(bench), Feed(bench), uuid4()
    event = json.loads(newer(order_event(case, 2, "new")))
    event["data"]["number"] = "two"
    await carry(old, feed.order(json.dumps(event).encode()))
    new = await version(bench, orders=(counting.Add, AddAgain))
    (row,) = await kept(bench)
    await parking.redrive(old, row["id"])
    await asyncio.gather(*(parking.redrive(new, row["id"]) for _ in range(4)))
    assert await receipts(bench) == [("new", "parked", "unsupported_version"), ("new", "rejected", "schema_violation")]
    old.pool.terminate()
    new.pool.terminate()


async def test_a_copy_of_an_own_event_that_could_not_be_read_lets_its_case_go_on(bench: Bench) -> None:
    old, feed, case, id_ = await version(bench), Feed(bench), uuid4(), str(uuid4())
    await carry(old, feed.own(case, "seven", id_), feed.own(case, "seven", id_), feed.own(case, 8))
    new = await version(bench, added=Spelled)
    rows = await kept(bench)
    assert [row["reason"] for row in rows] == ["undecodable", "undecodable", "queued_behind"]
    await parking.redrive(new, rows[0]["id"])
    assert (await seen(bench, case), await kept(bench), await blocked(bench)) == ([7, 8], [], 0)
    old.pool.terminate()
    new.pool.terminate()


async def test_what_cannot_be_redriven_before_its_case_is_mended_is_not_lost(bench: Bench) -> None:
    old, feed, case = await version(bench), Feed(bench), uuid4()
    await carry(old, feed.own(case, 1), feed.own(case, 2, boom=True), feed.order(newer(order_event(case, 3, "new"))))
    new = await version(bench, orders=(counting.Add, AddAgain))
    failed, unknown = await kept(bench)
    assert (await name_of(old, unknown["id"]))["type"] == "salur.test.add.v2"
    again = await parking.redrive(new, unknown["id"])
    assert again is not None
    assert again["state"] == "parked"
    (bench.folder / "mended").touch()
    await parking.redrive(new, failed["id"])
    await parking.redrive(new, unknown["id"])
    assert await receipts(bench) == [("new", "parked", "unsupported_version"), ("new", "accepted", "ok")]
    assert await seen(bench, case) == [1, 2, 3]
    old.pool.terminate()
    new.pool.terminate()


async def test_what_is_redriven_and_must_wait_for_its_case_is_no_longer_parked(bench: Bench) -> None:
    old, feed, case = await version(bench), Feed(bench), uuid4()
    await carry(old, feed.order(newer(order_event(case, 3, "new"))))
    new = await version(bench, orders=(counting.Add, AddAgain))
    (row,) = await kept(bench)
    await parking.redrive(new, row["id"])
    assert await kept(bench) == []
    await carry(new, feed.own(case, 1))
    assert await receipts(bench) == [("new", "parked", "unsupported_version"), ("new", "accepted", "ok")]
    assert await seen(bench, case) == [1, 3]
    old.pool.terminate()
    new.pool.terminate()


async def test_what_was_held_and_cannot_be_read_any_more_is_parked_in_its_place(bench: Bench) -> None:
    """Held: two orders for a case that is not known yet; a process of a version that cannot read the first brings the case."""
    new, feed, case = await version(bench, orders=(counting.Add, AddAgain)), Feed(bench), uuid4()
    await carry(new, feed.order(newer(order_event(case, 2, "first"))), feed.order(order_event(case, 3, "second")))
    assert (await bench.query("SELECT count(*) FROM held"))[0][0] == 2
    old = await version(bench)
    await carry(old, feed.own(case, 1))
    assert (await bench.query("SELECT count(*) FROM held"))[0][0] == 0
    assert [row["reason"] for row in await kept(bench)] == ["unsupported_version", "queued_behind"]
    assert await seen(bench, case) == [1]
    await parking.redrive(new, (await kept(bench))[0]["id"])
    assert await seen(bench, case) == [1, 2, 3]
    assert await receipts(bench) == [
        ("first", "parked", "unsupported_version"),
        ("second", "parked", "queued_behind"),
        ("first", "accepted", "ok"),
        ("second", "accepted", "ok"),
    ]
    assert (await bench.query("SELECT waiting, blocked_by FROM head"))[0] == (False, None)
    old.pool.terminate()
    new.pool.terminate()


async def test_what_was_held_and_is_wrong_for_this_version_is_refused_and_its_id_is_free(bench: Bench) -> None:
    new, feed, case = await version(bench), Feed(bench), uuid4()
    await carry(new, feed.order(order_event(case, 13, "held")))
    other = await version(bench, orders=(Narrow,))
    await carry(other, feed.own(case, 1))
    assert await receipts(bench) == [("held", "rejected", "schema_violation")]
    await carry(other, feed.order(order_event(case, 2, "held")))
    assert (await receipts(bench))[1:] == [("held", "accepted", "ok")]
    assert (await seen(bench, case), await blocked(bench), await kept(bench)) == ([1, 2], 0, [])
    new.pool.terminate()
    other.pool.terminate()


async def test_a_parked_order_that_this_version_refuses_lets_its_case_go_on(bench: Bench) -> None:
    old, feed, case = await version(bench), Feed(bench), uuid4()
    await carry(old, feed.own(case, 1), feed.order(order_event(case, 13, "bad", boom=True)), feed.own(case, 2))
    new = await version(bench, orders=(Narrow,))
    await parking.redrive(new, (await kept(bench))[0]["id"])
    assert await receipts(bench) == [("bad", "parked", "internal_error"), ("bad", "rejected", "schema_violation")]
    assert (await seen(bench, case), await blocked(bench), await kept(bench)) == ([1, 2], 0, [])
    await carry(new, feed.order(order_event(case, 3, "bad")))
    assert await seen(bench, case) == [1, 2, 3]
    old.pool.terminate()
    new.pool.terminate()


async def test_guilt_that_lies_in_an_unreadable_record_is_put_on_no_other(bench: Bench) -> None:
    carrier, feed, case = await version(bench), Feed(bench), uuid4()
    items = [carrier.decoder(feed.own(case, number), datetime.now(UTC)) for number in range(3)]  # type: ignore[arg-type]
    answer = Answer("rejected", "schema_violation", (Problem("/data/\0", "a path that the database refuses"),))
    guilty = Unreadable(feed.order(b"{}"), answer, datetime.now(UTC), Origin.INBOUND, id="guilty", source="urn:test")
    for number, read in enumerate([items[0], guilty, items[1], items[2]]):
        assert read is not None
        read.order = number
    await carrier.carry(Work([item for item in items if isinstance(item, Item)], [guilty]))
    assert (await seen(bench, case), await kept(bench)) == ([0, 1, 2], [])
    assert await receipts(bench) == [("guilty", "rejected", "schema_violation")]
    carrier.pool.terminate()


async def test_a_record_whose_reading_fails_is_parked_and_its_neighbours_go_on(bench: Bench) -> None:
    carrier, feed, case, other = await version(bench, orders=(Trapped,)), Feed(bench), uuid4(), uuid4()
    await carry(carrier, feed.own(case, 1), feed.own(other, 1), feed.order(order_event(case, 13, "trap")), feed.order(order_event(other, 4, "good")))
    assert sorted(await receipts(bench)) == [("good", "accepted", "ok"), ("trap", "parked", "internal_error")]
    assert await seen(bench, other) == [1, 4]
    mended = await version(bench)
    await parking.redrive(mended, (await kept(bench))[0]["id"])
    assert await seen(bench, case) == [1, 13]
    assert sorted(await receipts(bench))[1:] == [("trap", "accepted", "ok"), ("trap", "parked", "internal_error")]
    carrier.pool.terminate()
    mended.pool.terminate()


@pytest.mark.parametrize("boom", [True, False])
async def test_what_is_discarded_gets_a_final_receipt_and_its_id_is_free(bench: Bench, boom: bool) -> None:
    carrier, feed, case = await version(bench), Feed(bench), uuid4()
    given = order_event(case, 2, "given", boom=True) if boom else newer(order_event(case, 2, "given"))
    code = "internal_error" if boom else "unsupported_version"
    await carry(carrier, feed.own(case, 1), feed.order(given), feed.own(case, 3))
    row = (await kept(bench))[0]
    assert sorted(await asyncio.gather(*(parking.discard(carrier, row["id"]) for _ in range(4)))) == [False, False, False, True]
    assert await receipts(bench) == [("given", "parked", code), ("given", "rejected", code)]
    assert [kept_row["sealed"] is not None for kept_row in await kept(bench, "discarded")] == [True]
    for behind in await kept(bench):
        await parking.redrive(carrier, behind["id"])
    await carry(carrier, feed.order(order_event(case, 4, "given")))
    assert (await seen(bench, case), await blocked(bench)) == ([1, 3, 4], 0)
    assert (await receipts(bench))[2:] == [("given", "accepted", "ok")]
    carrier.pool.terminate()


@pytest.mark.parametrize("expired", [False, True])
async def test_what_was_held_is_taken_up_once_though_two_sweeps_found_it(bench: Bench, expired: bool) -> None:
    feed, case = Feed(bench), uuid4()
    one, other = await version(bench), await version(bench)
    await carry(one, feed.order(order_event(case, 5, "early")))
    (row,) = await bench.query("SELECT place, case_id, sealed FROM held")
    late = other.unhold(row)
    assert isinstance(late, Item)
    late.expired = expired
    await carry(one, feed.own(case, 1))
    assert await receipts(bench) == [("early", "accepted", "ok")]
    await other.carry(Work([late]))
    assert await receipts(bench) == [("early", "accepted", "ok")]
    assert await seen(bench, case) == [1, 5]
    one.pool.terminate()
    other.pool.terminate()


async def test_what_comes_after_an_order_of_a_newer_version_queues_behind_it(bench: Bench) -> None:
    carrier, feed, case, nobodys = await version(bench), Feed(bench), uuid4(), uuid4()
    await carry(carrier, feed.own(case, 1), feed.order(newer(order_event(case, 2, "first"))), feed.order(order_event(case, 3, "second")))
    await carry(carrier, feed.order(newer(order_event(nobodys, 2, "lost"))))
    assert sorted(await receipts(bench)) == [
        ("first", "parked", "unsupported_version"),
        ("lost", "parked", "unsupported_version"),
        ("second", "parked", "queued_behind"),
    ]
    assert await blocked(bench) == 1, "a case that is not there is not blocked"
    new = await version(bench, orders=(counting.Add, AddAgain))
    await parking.redrive(new, (await kept(bench))[0]["id"])
    assert (await seen(bench, case), await blocked(bench)) == ([1, 2, 3], 0)
    carrier.pool.terminate()
    new.pool.terminate()
