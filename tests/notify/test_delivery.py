"""A notice is leased, sent, and its outcome written under its lease and said; on a real PostgreSQL and a real SMTP server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from aiosmtpd.smtp import SMTP

from chassis.item import Work
from services.notify import store
from services.notify.delivery import Delivery, retry_wait
from tests.notify import facts
from tests.notify.conftest import House, heard
from tests.notify.smtp import Post, reset, saying
from tests.waiting import until


@asynccontextmanager
async def running(house: House, **settings: Any) -> AsyncIterator[Delivery]:
    """Send and say for as long as the block lasts."""
    delivery = house.delivery(**settings)
    tasks = [asyncio.create_task(delivery.run()), asyncio.create_task(house.saying.run())]
    try:
        yield delivery
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_notice_is_delivered_once_and_its_delivery_is_said_in_the_cases_sequence(house: House) -> None:
    await house.hear(facts.routed())
    async with running(house):
        await until(lambda: _said(house, ["queued", "delivered"]))
    (mail,) = house.post.mails
    (row,) = await house.rows()
    assert mail["To"] == "koordinator.35.22@salur.test"
    assert mail["Message-ID"] == row["message_id"] == f"<{row['notice_id']}@salur.test>"
    assert (row["state"], row["epoch"], row["next_at"], row["unsaid"]) == ("delivered", 1, None, False)
    assert (house.counted("delivered"), house.counted("retry"), house.counted("fenced")) == (1, 0, 0)
    (delivered,) = await house.rows(
        "SELECT convert_from(header, 'UTF8')::json AS header, convert_from(substr(body, 17), 'UTF8')::json AS data FROM event WHERE sequence = 2"
    )
    assert row["message_id"] in delivered["data"]
    assert row["cause"] in delivered["header"]


async def _said(house: House, types: list[str]) -> bool:
    return await house.said() == types


async def test_a_redelivered_event_makes_no_second_notice(house: House) -> None:
    now = house.clock.now()
    event = facts.event(facts.routed(), now)
    for _ in range(2):
        await house.carrier.carry(Work([heard(event)]))
    assert await house.states() == ["queued"]
    assert await house.said() == ["queued"]


@pytest.mark.parametrize("answer", ["421 4.3.2 closing", "450 4.2.1 busy", "451 4.3.0 later"])
@pytest.mark.parametrize("step", ["at_rcpt", "at_data"])
async def test_a_server_that_says_later_is_asked_again_and_the_mail_arrives_once(house: House, step: str, answer: str) -> None:
    setattr(house.post, step, saying(answer, times=2))
    await house.hear(facts.routed())
    async with running(house):
        await until(lambda: _said(house, ["queued", "delivered"]))
    (row,) = await house.rows()
    assert (len(house.post.mails), row["epoch"], house.counted("retry")) == (1, 3, 2)


@pytest.mark.parametrize("step", ["at_rcpt", "at_data"])
async def test_a_mail_that_is_refused_for_good_is_undeliverable_at_once_and_said_to_be_so_without_the_servers_words(house: House, step: str) -> None:
    setattr(house.post, step, saying("550 5.1.1 koordinator.35.22@salur.test unknown"))
    await house.hear(facts.routed())
    async with running(house):
        await until(lambda: _said(house, ["queued", "undeliverable"]))
    (row,) = await house.rows()
    assert (row["state"], row["reason"], row["epoch"]) == ("undeliverable", "refused_by_server", 1)
    (said,) = await house.rows("SELECT convert_from(substr(body, 17), 'UTF8') AS data FROM event WHERE sequence = 2")
    assert "@" not in said["data"]


async def test_one_refused_deputy_does_not_keep_the_mail_from_the_others(house: House) -> None:
    await house.rows("UPDATE address SET deputies = '{gone@salur.test}' WHERE agency = '35.22' RETURNING 1")
    house.post.at_rcpt = saying("550 no", to="gone@")
    await house.hear(facts.routed())
    async with running(house):
        await until(lambda: _said(house, ["queued", "delivered"]))


async def test_a_server_that_never_answers_costs_its_time_and_no_more(house: House) -> None:
    async def sleep_once(post: Post, _server: SMTP, _recipient: str) -> str | None:
        post.at_data = saying("250 ok", times=0)
        await asyncio.sleep(5)
        return "451 too late"

    house.post.at_data = sleep_once
    await house.hear(facts.routed())
    async with running(house, smtp_seconds=0.5):
        await until(lambda: _said(house, ["queued", "delivered"]))
    (row,) = await house.rows()
    assert (row["epoch"], len(house.post.mails)) == (2, 1)


async def test_a_connection_reset_after_the_servers_yes_never_loses_the_mail_and_copies_bear_one_identity(house: House) -> None:
    async def kept_then_reset(post: Post, server: SMTP, _recipient: str) -> str | None:
        post.at_data = saying("250 ok", times=0)
        asyncio.get_running_loop().call_soon(reset, server.transport)
        return None

    house.post.at_data = kept_then_reset
    await house.hear(facts.routed())
    async with running(house):
        await until(lambda: _said(house, ["queued", "delivered"]))
    assert 1 <= len(house.post.mails) <= 2
    assert len(house.post.message_ids) == 1


async def test_a_server_that_is_away_is_waited_for_without_wearing_out_tries_and_deciding_goes_on(house: House) -> None:
    port = house.post.port
    house.post.stop()
    cases = [uuid4() for _ in range(100)]
    await house.hear(*(facts.routed(case_id=case_id) for case_id in cases))
    async with running(house, notify_connections=2):
        await asyncio.sleep(1.5)
        await asyncio.wait_for(house.hear(facts.warned()), 2)
        assert sum(row["epoch"] for row in await house.rows()) <= 80
        await house.post.start(port)
        await until(lambda: len(house.post.mails) >= 101, 30)
        await until(lambda: _all(house, "delivered"))
    assert set(house.post.message_ids.values()) == {1}


async def _all(house: House, state: str) -> bool:
    return set(await house.states()) == {state}


async def test_after_its_last_day_a_notice_is_given_up_and_said_to_be_undeliverable(house: House) -> None:
    house.post.at_rcpt = saying("450 busy")
    await house.hear(facts.routed())
    async with running(house, notify_give_up_seconds=1.0):
        await until(lambda: _said(house, ["queued", "undeliverable"]))
    (row,) = await house.rows()
    assert row["reason"] == "gave_up"
    assert row["epoch"] > 1


async def test_the_result_of_a_lost_lease_is_not_written(house: House) -> None:
    await house.hear(facts.routed())
    (zombie,) = await store.lease(house.pool, 10, 0.05, "salur.test")
    await asyncio.sleep(0.1)
    (successor,) = await store.lease(house.pool, 10, 30, "other.test")
    assert (zombie["epoch"], successor["epoch"]) == (1, 2)
    assert zombie["message_id"] == successor["message_id"]
    now = house.clock.now()
    assert await store.finish(house.pool, [(zombie["notice_id"], 1, "undeliverable", "refused_by_server", None)], now) == []
    assert await house.states() == ["sending"]
    assert len(await store.finish(house.pool, [(zombie["notice_id"], 2, "delivered", None, None)], now)) == 1
    assert await store.finish(house.pool, [(zombie["notice_id"], 2, "retry", "server_busy", 1.0)], now) == []
    assert await house.states() == ["delivered"]


async def test_a_sender_that_slept_through_its_lease_cannot_write_what_came_of_its_mail(house: House) -> None:
    await house.hear(facts.routed())
    begun, woken = asyncio.Event(), asyncio.Event()

    async def hold(post: Post, _server: SMTP, _recipient: str) -> str | None:
        post.at_data = saying("250 ok", times=0)
        begun.set()
        await woken.wait()
        return "550 5.1.1 no"

    house.post.at_data = hold
    zombie, successor = house.delivery(smtp_seconds=20, notify_lease_seconds=60), house.delivery()
    await zombie.step()
    await begun.wait()
    await house.rows("UPDATE notice SET next_at = clock_timestamp() RETURNING 1")  # its lease is over
    await successor.step()
    await until(lambda: _stepped(successor, house, "delivered", 1))
    woken.set()
    await until(lambda: _stepped(zombie, house, "fenced", 1))
    assert await house.states() == ["delivered"]
    assert len(house.post.mails) == 1


async def _stepped(delivery: Delivery, house: House, outcome: str, number: int) -> bool:
    await delivery.step()
    return house.counted(outcome) == number


async def test_two_senders_share_the_work_and_send_nothing_twice(house: House) -> None:
    await house.hear(*(facts.routed(case_id=uuid4()) for _ in range(120)))
    async with running(house, notify_connections=3), running(house, notify_connections=3):
        await until(lambda: _all(house, "delivered"))
    assert len(house.post.mails) == 120
    assert set(house.post.message_ids.values()) == {1}
    assert house.post.connections <= 6 + 120 // 100


async def test_what_ended_while_a_case_was_blocked_is_said_when_it_is_free_again(house: House) -> None:
    await house.hear(facts.routed())
    await house.rows("UPDATE head SET blocked_by = gen_random_uuid() RETURNING 1")
    async with running(house):
        await until(lambda: _all(house, "delivered"))
        await asyncio.sleep(0.3)
        assert await house.said() == ["queued"]
        await house.rows("UPDATE head SET blocked_by = NULL RETURNING 1")
        await until(lambda: _said(house, ["queued", "delivered"]))


async def test_an_office_whose_address_was_removed_in_the_meantime_makes_its_notice_undeliverable(house: House) -> None:
    await house.hear(facts.routed())
    await house.rows("DELETE FROM address WHERE agency = '35.22' RETURNING 1")
    async with running(house):
        await until(lambda: _said(house, ["queued", "undeliverable"]))
    assert (await house.rows())[0]["reason"] == "no_address"


async def test_the_number_of_notices_without_an_address_falls_when_the_address_is_there(house: House) -> None:
    await house.hear(facts.routed("35.22/kantor-tanpa-alamat"))
    assert await house.states() == ["queued", "without_recipient"]
    assert (await store.shared_gauges(house.pool))[0] == 1
    await house.rows("INSERT INTO address (agency, role, mailbox) VALUES ('35.22/kantor-tanpa-alamat', 'coordinator', 'k@salur.test') RETURNING 1")
    assert (await store.shared_gauges(house.pool))[0] == 0


def test_waits_double_up_to_the_longest_and_are_never_the_same_for_a_crowd() -> None:
    assert all(1 <= retry_wait(1, 2, 1800) <= 2 for _ in range(100))
    assert all(16 <= retry_wait(5, 2, 1800) <= 32 for _ in range(100))
    assert all(900 <= retry_wait(10**6, 2, 1800) <= 1800 for _ in range(100))
    assert len({retry_wait(5, 2, 1800) for _ in range(100)}) > 90
