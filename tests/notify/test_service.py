"""notify as a process: from its topics to a mail in a mailbox and back onto its topic, also over kill -9."""

from __future__ import annotations

import asyncio
import json
import signal
from uuid import uuid4

import asyncpg
from aiosmtpd.smtp import SMTP

from deploy.local.postgres import superuser_url
from schemas.topics import PULSE, RESTRICTED, ROUTING, SLA
from tests.notify import facts
from tests.notify.office import Office
from tests.notify.receiver import Receiver, answer, sequence_of
from tests.notify.receiver import saying as http_saying
from tests.notify.smtp import Post, saying
from tests.waiting import until


async def test_events_become_mails_and_their_notices_can_be_followed_on_the_topic_over_http_and_in_the_metrics(office: Office) -> None:
    process = await office.start()
    case_id = uuid4()
    await office.tell(SLA, facts.warned("96.71", case_id=case_id))
    await until(lambda: office.saw(case_id, ["queued", "delivered"]), 40)
    await office.tell(ROUTING, facts.routed("35.22/dinas-perhubungan", case_id=case_id))
    await until(lambda: office.saw(case_id, ["queued", "delivered", "queued", "delivered"]), 40)
    warning, new = office.post.mails
    assert warning["To"] == "koordinator.96.71@salur.test"
    assert "Jumat, 6 Maret 2026 pukul 01.59 WIT" in warning["Subject"]
    assert new["Subject"] == f"[{facts.TRACKING}] Laporan baru: Jalan berlubang"
    said = await office.said(case_id)
    assert [record["sequence"] for record in said] == [1, 2, 3, 4]
    assert said[1]["data"]["message_id"] == warning["Message-ID"]
    assert said[1]["causationid"] == said[0]["causationid"] == said[0]["data"]["cause"]
    assert "@salur.test" not in json.dumps([record["data"]["recipient"] for record in said])

    answer = (await office.get(f"/v1/notices?case_id={case_id}")).json()
    assert {notice["rule"]: notice["outcome"] for notice in answer["notices"]} == {"warned": "delivered", "new-case": "delivered"}
    assert "koordinator" not in json.dumps(answer)
    assert (await office.get(f"/v1/notices?case_id={uuid4()}")).status_code == 404
    unknown = await office.get("/v1/notices?case_id=x")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_case")
    for nothing in ("/v1/notices", "/v1/notices?case_id="):
        refused = await office.get(nothing)
        (problem,) = refused.json()["errors"]
        assert (refused.status_code, refused.json()["code"], problem["path"]) == (422, "schema_violation", "/query/case_id")
        assert "is required" in problem["message"]
    metrics = (await office.get("/metrics")).text
    assert 'salur_notifications_total{channel="mail",outcome="delivered"} 2.0' in metrics
    assert 'salur_notifications_total{channel="mail",outcome="undeliverable"} 0.0' in metrics
    assert 'salur_notices_without_recipient{service="notify"} 0.0' in metrics
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 20) == 0
    assert "koordinator." not in (office.folder / "service.log").read_text()


async def test_a_surge_and_a_silence_are_each_told_once_to_each_office_however_often_they_come(office: Office) -> None:
    process = await office.start()
    surge_id, silence_id = uuid4(), uuid4()
    surge, silence = facts.surge("35.22", "perhubungan", surge_id=surge_id), facts.silent("35.22", silence_id=silence_id)
    for _ in range(2):
        await office.tell(PULSE, surge, silence)
    await until(lambda: office.told(surge_id, ["queued", "queued", "delivered", "delivered"]), 40)
    await until(lambda: office.told(silence_id, ["queued", "delivered"]), 40)
    process.kill()
    await process.wait()
    await office.start()
    over = facts.surge_ended("35.22", "perhubungan", surge_id=surge_id)
    await office.tell(PULSE, surge, over, over, sequence=1)
    await until(lambda: office.told(surge_id, ["queued", "delivered"] * 4), 40)

    met = sorted((mail["To"], mail["Subject"].partition(":")[0]) for mail in office.post.mails)
    assert met == [
        ("koordinator.35.22.dinas-perhubungan@salur.test", "[Lonjakan] Perhubungan, Kabupaten Bojonegoro"),
        ("koordinator.35.22.dinas-perhubungan@salur.test", "[Lonjakan] Selesai"),
        ("koordinator.35.22@salur.test", "[Lonjakan] Perhubungan, Kabupaten Bojonegoro"),
        ("koordinator.35.22@salur.test", "[Lonjakan] Selesai"),
        ("koordinator.35@salur.test", "[Tidak aktif] Pemerintah Kabupaten Bojonegoro"),
    ]
    said = await office.said(surge_id)
    assert [record["sequence"] for record in said] == list(range(1, 9))
    assert {record["data"]["about"] for record in said} == {"surge"}
    assert not any("tracking" in record for record in said)
    answer = (await office.get(f"/v1/notices?case_id={surge_id}")).json()
    assert sorted(notice["rule"] for notice in answer["notices"]) == ["surge", "surge", "surge-ended", "surge-ended"]
    traced = (await office.get(f"/ops/v1/trace/{surge_id}")).json()
    assert {event["data"]["about"] for event in traced["events"]} == {"surge"}
    assert 'salur_notices_without_recipient{service="notify"} 0.0' in (await office.get("/metrics")).text


async def test_a_whistle_blowing_case_is_spoken_of_on_the_restricted_topic_only(office: Office) -> None:
    await office.start()
    case_id = uuid4()
    await office.tell(RESTRICTED, facts.routed(case_id=case_id, kind="whistleblowing"))
    await until(lambda: len(office.post.mails) == 1)
    await until(lambda: office.saw(case_id, ["routed", "queued", "delivered"], RESTRICTED), 40)
    assert await office.said(case_id) == []
    assert "Jalan berlubang" not in office.post.mails[0].as_string()


async def test_a_publisher_is_told_of_its_case_by_webhook_over_the_death_of_a_process(office: Office) -> None:
    process = await office.start()
    receiver = await Receiver(http_saying(answer(500))).start()
    case_id = uuid4()
    routed = facts.routed(case_id=case_id, reply_to=receiver.url, publisher="urn:kanal")
    said = await office.tell(ROUTING, routed, facts.verified(case_id), facts.followed_up("Sudah diperbaiki.", case_id))
    await until(lambda: receiver.requests)
    process.kill()
    await process.wait()
    receiver.answers = http_saying(answer(200))
    process = await office.start()
    ended = ["queued"] * 4 + ["delivered"] * 4  # a mail and three webhooks
    await until(lambda: office.told(case_id, ended), 40)
    events = {request.event["sequence"]: request.event for request in receiver.requests}
    for number, document in enumerate(said, start=1):
        assert {name: events[number][name] for name in document if name != "time"} == {name: document[name] for name in document if name != "time"}
    taken = [sequence_of(request) for request in receiver.requests]
    assert (taken, set(taken)) == (sorted(taken), {1, 2, 3})
    assert len(receiver.ids) == 3

    notices = (await office.get(f"/v1/notices?case_id={case_id}")).json()["notices"]
    status = [notice for notice in notices if notice["rule"] == "status"]
    assert {notice["message_id"] for notice in status} == set(receiver.ids)
    assert all((notice["channel"], notice["outcome"]) == ("webhook", "delivered") for notice in status)
    assert all(notice["recipient"] == {"agency": "urn:kanal", "role": "publisher"} for notice in status)
    assert "127.0.0.1" not in json.dumps(notices)
    assert 'salur_notifications_total{channel="webhook",outcome="delivered"} 3.0' in (await office.get("/metrics")).text
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 20) == 0
    assert receiver.url not in (office.folder / "service.log").read_text()
    await receiver.stop()


async def test_a_process_killed_between_the_servers_yes_and_its_mark_makes_a_copy_with_the_same_message_id(office: Office) -> None:
    process = await office.start()
    held = await asyncpg.connect(office.stack.postgres_owner_url)
    superuser = await asyncpg.connect(superuser_url(office.stack.settings))
    lock = held.transaction()

    async def hold_the_row(post: Post, _server: SMTP, _recipient: str) -> str | None:
        post.at_data = saying("250 ok", times=0)
        await lock.start()
        await held.execute("SELECT 1 FROM notify.notice FOR UPDATE")
        return None

    office.post.at_data = hold_the_row
    case_id = uuid4()
    await office.tell(ROUTING, facts.routed(case_id=case_id))
    await until(lambda: len(office.post.mails) == 1)
    await asyncio.sleep(0.3)  # the server's yes has arrived, the mark waits for the row
    process.kill()
    await process.wait()
    await superuser.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'notify-1'"
    )  # what it asked for dies with it
    await lock.rollback()
    await held.close()
    await superuser.close()
    await office.start()
    await until(lambda: office.saw(case_id, ["queued", "delivered"]), 30)
    assert list(office.post.message_ids.values()) == [2]
    assert (await office.said(case_id))[1]["data"]["message_id"] == office.post.mails[0]["Message-ID"]


async def test_two_replicas_tell_every_case_once_while_one_is_killed(office: Office) -> None:
    first = await office.start()
    await office.start(2)
    cases = [uuid4() for _ in range(150)]
    await office.tell(ROUTING, *(facts.routed(case_id=case_id) for case_id in cases[:100]))
    first.kill()
    await first.wait()
    await office.tell(ROUTING, *(facts.routed(case_id=case_id) for case_id in cases[100:]))
    await office.start()
    ended = "SELECT count(*) FROM notify.notice WHERE state = 'delivered' AND NOT unsaid"

    async def all_told() -> bool:
        return await office.owner.fetchval(ended) == len(cases)

    await until(all_told, 60)
    assert len(office.post.message_ids) == len(cases)
    copies = sum(office.post.message_ids.values()) - len(cases)
    assert copies <= 8 * 4, "at most what was on its way when the process died"
    assert await office.owner.fetchval("SELECT count(*) FROM notify.event") == 2 * len(cases)
