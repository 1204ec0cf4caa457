"""Webhooks are leased, sent and told like mails, in order for each case, and no receiver stands in another's way; on real servers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from standardwebhooks import Webhook

from services.notify import store
from services.notify.addresses import ABOUT_SECRET
from services.notify.offices import Offices
from services.notify.status import host_of
from tests.notify import facts
from tests.notify.conftest import SEAL, House
from tests.notify.receiver import Receiver, Request, answer, saying, sequence_of
from tests.waiting import until


@asynccontextmanager
async def running(house: House, **settings: Any) -> AsyncIterator[None]:
    """Send webhooks and say what came of them for as long as the block lasts."""
    tasks = [asyncio.create_task(house.webhooks(**settings).run()), asyncio.create_task(house.saying.run())]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def tell(house: House, url: str, events: int = 1, case_id: UUID | None = None) -> UUID:
    """Let routing say so many events of a new case whose publisher wants to hear of it."""
    case_id = case_id or uuid4()
    told = [facts.routed(case_id=case_id, reply_to=url, publisher="urn:kanal"), *(facts.verified(case_id) for _ in range(events - 1))]
    await house.hear(*told, sequence=1)
    return case_id


async def ended(house: House, number: int) -> bool:
    rows = await house.rows("SELECT count(*) AS n FROM notice WHERE channel = 'webhook' AND ended_at IS NOT NULL AND NOT unsaid")
    return rows[0]["n"] == number


async def test_a_publisher_hears_every_event_of_its_case_in_order_once_and_signed(house: House, receiver: Receiver) -> None:
    case_id = await tell(house, receiver.url, 4)
    async with running(house):
        await until(lambda: ended(house, 4))
    assert [request.event["sequence"] for request in receiver.requests] == [1, 2, 3, 4]
    assert all(request.event["subject"] == str(case_id) for request in receiver.requests)
    rows = await house.rows("SELECT * FROM notice WHERE channel = 'webhook' ORDER BY turn")
    assert [request.headers["webhook-id"] for request in receiver.requests] == [row["message_id"] for row in rows]
    assert [(row["state"], row["body"], row["agency"], row["role"]) for row in rows] == [("delivered", None, "urn:kanal", "publisher")] * 4
    said = await house.rows("SELECT convert_from(substr(body, 17), 'UTF8') AS data FROM event WHERE convert_from(header, 'UTF8') LIKE '%delivered%'")
    assert [orjson.loads(row["data"])["message_id"] for row in said] == [row["message_id"] for row in rows]
    assert (house.counted("delivered", "webhook"), house.counted("retry", "webhook")) == (4, 0)


async def test_one_that_is_tried_again_holds_those_behind_it_and_no_other_case(house: House, receiver: Receiver) -> None:
    stuck, flows = uuid4(), uuid4()
    open_ = asyncio.Event()

    async def answers(request: Request, _writer: asyncio.StreamWriter) -> bytes:
        held = request.event["subject"] == str(stuck) and sequence_of(request) == 2 and not open_.is_set()
        return answer(500 if held else 200)

    receiver.answers = answers
    await tell(house, receiver.url, 4, stuck)
    await tell(house, receiver.url, 4, flows)
    async with running(house):
        await until(lambda: ended(house, 5))
        await asyncio.sleep(0.5)
        told = [sequence_of(request) for request in receiver.requests if request.event["subject"] == str(stuck)]
        assert (set(told), len(told) > 2) == ({1, 2}, True)
        open_.set()
        await until(lambda: ended(house, 8))
    told = [sequence_of(request) for request in receiver.requests if request.event["subject"] == str(stuck)]
    assert told == sorted(told)
    assert told[-2:] == [3, 4]
    copies = [request.headers["webhook-id"] for request in receiver.requests if request.event["subject"] == str(stuck) and sequence_of(request) == 2]
    assert len(set(copies)) == 1, "all copies of one notice bear one identity"


async def test_what_is_gone_is_undeliverable_at_once_and_the_next_one_is_told(house: House, receiver: Receiver) -> None:
    receiver.answers = saying(answer(410), answer(200))
    await tell(house, receiver.url, 2)
    async with running(house):
        await until(lambda: ended(house, 2))
    rows = await house.rows("SELECT state, reason, epoch FROM notice WHERE channel = 'webhook' ORDER BY turn")
    assert [tuple(row) for row in rows] == [("undeliverable", "gone", 1), ("delivered", None, 1)]
    assert [sequence_of(request) for request in receiver.requests] == [1, 2]


async def test_after_its_last_day_one_is_given_up_and_those_behind_it_have_their_turn(house: House, receiver: Receiver) -> None:
    async def answers(request: Request, _writer: asyncio.StreamWriter) -> bytes:
        return answer(500 if sequence_of(request) == 1 else 200)

    receiver.answers = answers
    await tell(house, receiver.url, 2)
    async with running(house, notify_webhook_give_up_seconds=1.0):
        await until(lambda: ended(house, 2))
    rows = await house.rows("SELECT state, reason FROM notice WHERE channel = 'webhook' ORDER BY turn")
    assert [tuple(row) for row in rows] == [("undeliverable", "gave_up"), ("delivered", None)]


async def test_a_receiver_that_asks_for_time_is_not_knocked_at_before(house: House, receiver: Receiver) -> None:
    receiver.answers = saying(answer(429, "retry-after: 1"), answer(200))
    await tell(house, receiver.url)
    await tell(house, receiver.url)
    async with running(house):
        await until(lambda: receiver.requests)
        began = time.monotonic()
        await until(lambda: ended(house, 2))
    assert time.monotonic() - began >= 0.9
    assert len(receiver.requests) == 3


@pytest.mark.parametrize(
    ("url", "settings", "reason"),
    [
        ("http://127.0.0.1:1/", {"notify_allow_loopback": False}, "target_refused"),
        ("https://10.0.0.1/", {"notify_allow_loopback": False}, "target_refused"),
        ("https://a.test:99999/", {}, "invalid_url"),
        ("https://a.test/", {"notify_webhook_secret": None}, "no_secret"),
    ],
)
async def test_what_must_not_or_cannot_be_sent_is_undeliverable_and_says_why(house: House, url: str, settings: Any, reason: str) -> None:
    case_id = await tell(house, url)
    async with running(house, **settings):
        await until(lambda: ended(house, 1))
    (row,) = await house.rows("SELECT state, reason, epoch FROM notice WHERE channel = 'webhook'")
    assert tuple(row) == ("undeliverable", reason, 1)
    assert await house.said(case_id) == ["queued", "queued", "undeliverable"]


async def test_an_office_s_system_is_told_with_its_own_secret(house: House, receiver: Receiver) -> None:
    own = "whsec_" + "b3duIHNlY3JldCBvZiBhbiBvZmZpY2U="
    await house.rows(
        "UPDATE address SET webhook = $1, webhook_secret = $2 WHERE agency = '35.22' AND role = 'coordinator' RETURNING 1",
        receiver.url,
        SEAL.close(own.encode(), ABOUT_SECRET),
    )
    found = await store.offices(house.pool)
    known = facts.offices()
    hooks = {office: host_of(url) for office, url in found.items() if url}
    house.carrier._reference = lambda: Offices(known.agencies, known.with_address, hooks)
    await house.hear(facts.routed())
    async with running(house):
        await until(lambda: ended(house, 1))
    (request,) = receiver.requests
    assert Webhook(own).verify(request.body, request.headers)["type"] == "salur.case.routed.v1"
    (row,) = await house.rows("SELECT state, agency, role, rule FROM notice WHERE channel = 'webhook'")
    assert tuple(row) == ("delivered", "35.22", "coordinator", "new-case")


async def test_two_senders_share_the_work_and_keep_the_order(house: House, receiver: Receiver) -> None:
    cases = [await tell(house, receiver.url, 3) for _ in range(30)]
    async with running(house), running(house):
        await until(lambda: ended(house, 90))
    assert set(receiver.ids.values()) == {1}
    for case_id in cases:
        assert [sequence_of(request) for request in receiver.requests if request.event["subject"] == str(case_id)] == [1, 2, 3]


async def _slowly(_request: Request, _writer: asyncio.StreamWriter) -> bytes:
    await asyncio.sleep(1.5)
    return answer(200)


async def _never(_request: Request, _writer: asyncio.StreamWriter) -> bytes:
    await asyncio.sleep(60)
    return b""


async def test_receivers_that_are_slow_or_dead_do_not_delay_the_others(house: House) -> None:
    healthy = [await Receiver().start() for _ in range(8)]
    slow, dead = await Receiver(_slowly).start(), await Receiver(_never).start()

    async def take() -> float:
        """Return the time in which each of the healthy ones gets another eight."""
        before = sum(len(one.requests) for one in healthy)
        for one in healthy * 8:
            await tell(house, one.url)
        began = time.monotonic()
        async with running(house, notify_webhook_connections=10, notify_webhook_host_connections=4):
            await until(lambda: sum(len(one.requests) for one in healthy) == before + 64)
        return time.monotonic() - began

    alone = await take()
    for _ in range(30):
        for other in (slow, dead):
            await tell(house, other.url)
    among = await take()
    assert among < 2 * alone + 3, "in turn with the others they would have cost a minute"
    assert slow.requests
    assert 1 <= len(dead.requests) <= 4
    for one in (*healthy, slow, dead):
        await one.stop()


async def test_while_a_receiver_is_down_its_backlog_stays_in_the_tables_and_does_not_wear_out_tries(house: House, receiver: Receiver) -> None:
    port = receiver.port
    await receiver.stop()
    for _ in range(60):
        await tell(house, f"http://127.0.0.1:{port}/hook", 2)
    async with running(house):
        await asyncio.sleep(1.5)
        rows = await house.rows("SELECT sum(epoch) AS tries, count(*) AS open FROM notice WHERE channel = 'webhook' AND ended_at IS NULL")
        assert (rows[0]["tries"] <= 10, rows[0]["open"]) == (True, 120)
        await receiver.start(port=port)
        await until(lambda: ended(house, 120), 30)
    assert set(receiver.ids.values()) == {1}


async def test_a_sender_that_slept_through_its_lease_writes_nothing(house: House, receiver: Receiver) -> None:
    await tell(house, receiver.url)
    (zombie,) = await store.lease_at(house.pool, {host_of(receiver.url): 8}, 0.05)
    await asyncio.sleep(0.1)
    (successor,) = await store.lease_at(house.pool, {host_of(receiver.url): 8}, 30)
    assert (zombie["epoch"], successor["epoch"], zombie["message_id"]) == (1, 2, successor["message_id"])
    assert await store.finish(house.pool, [(zombie["notice_id"], 1, "undeliverable", "gone", None)], house.clock.now()) == []
    assert len(await store.finish(house.pool, [(zombie["notice_id"], 2, "delivered", None, None)], house.clock.now())) == 1
