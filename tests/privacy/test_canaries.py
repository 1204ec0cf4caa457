"""Who a reporter is, and what does not travel, is found nowhere: not in a topic, a table, a log, a metric, a mail or an answer."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest_asyncio
from aiokafka import AIOKafkaProducer

from tests.privacy import canaries
from tests.privacy.publisher import SOURCE, Publisher
from tests.system.evidence import Evidence
from tests.system.identity import SUBMISSIONS
from tests.system.stack import Town
from tests.system.watch import Watcher, until

OPEN = "urn:salur:open"
SUPPLEMENTED = "salur.complaint.supplemented.v1"
SECONDS = 60.0


async def hand_in(publisher: Publisher) -> None:
    """Send each canary over Kafka in both modes and over HTTP in both forms."""
    for data in canaries.taken():
        events = [await publisher.event(data) for _ in range(3)]
        await publisher.produce(events[0])
        await publisher.binary(events[1])
        assert (await publisher.post(events[2], bare=False)).status_code == 202
        bare = await publisher.event(data, source=OPEN)
        assert (await publisher.post(bare, bare=True)).status_code == 202
        publisher.accepted += [event["id"] for event in (*events, bare)]


async def hand_in_what_is_refused(publisher: Publisher) -> None:
    """Send canaries in records and bodies that are refused, for every reason."""
    for wrong, data in canaries.refused():
        await publisher.produce(await publisher.event(data))
        await publisher.binary(await publisher.event(data))
        for bare in (True, False):
            answer = await publisher.post(await publisher.event(data, source=OPEN if bare else SOURCE), bare=bare)
            assert answer.status_code in (413, 422), wrong
    good = {"text": f"{canaries.WRONG} {canaries.TELLING}", "reporter": canaries.REPORTER}
    for attributes in ({"time": canaries.WRONG}, {"type": canaries.WRONG}, {"type": "salur.complaint.submitted.v9"}, {"specversion": canaries.WRONG}):
        event = {**await publisher.event(good), **attributes}
        await publisher.produce(event)
        await publisher.post(event, bare=False)
    for value in (canaries.TELLING.encode(), b'{"text": "' + canaries.TELLING.encode(), json.dumps([good] * 300).encode()):
        await publisher.put(value, [("x-reporter", canaries.TELLING.encode())])
        answer = await publisher.http.post(f"{publisher.town.url('intake')}/v1/complaints", content=value, headers={"Idempotency-Key": uuid4().hex})
        publisher.answers[f"answer to {value[:9]!r}"] = answer.text
    await publisher.put(json.dumps(good).encode(), [("x-reporter", canaries.TELLING.encode())])
    known = await publisher.event({"text": "Sama."})
    await publisher.post(known, bare=False)
    assert (await publisher.post({**known, "data": good}, bare=False)).status_code == 409
    publisher.accepted.append(known["id"])


async def say_more(publisher: Publisher) -> None:
    """Add to some of the cases, and to cases that there are not."""
    extra = {"text": f"Tambahan. {canaries.TELLING}"}
    secret = {"text": f"{canaries.TEXT} {canaries.TELLING}"}
    cases = {id_: publisher.watcher.case[id_] for id_ in publisher.accepted}
    for id_ in publisher.accepted[:4]:
        tracking = await tracking_of(publisher, cases[id_])
        await publisher.produce(await publisher.event({**extra, "tracking_id": tracking}, SUPPLEMENTED))
        await publisher.post(await publisher.event({**extra, "tracking_id": tracking}, SUPPLEMENTED), bare=False)
    for id_ in publisher.accepted[-13:-1:4]:
        tracking = await tracking_of(publisher, cases[id_])
        await publisher.produce(await publisher.event({**secret, "tracking_id": tracking}, SUPPLEMENTED))
    await publisher.produce(await publisher.event({**secret, "tracking_id": "AAAA-AAAA-AAAA"}, SUPPLEMENTED), waits=True)
    await publisher.produce(await publisher.event({**secret, "tracking_id": [canaries.WRONG]}, SUPPLEMENTED))


async def answer(publisher: Publisher) -> None:
    """Let offices act on public, anonymous and secret cases, and quote the reporter in every field that they fill in words."""
    words = canaries.QUOTING
    deeds: list[list[tuple[str, dict[str, Any]]]] = [
        [("verify", {}), ("extend", {"days": 2, "reason": words}), ("follow_up", {"text": words, "final": True}), ("close", {})],
        [("defer", {"question": words}), ("resume", {}), ("transfer", {"to": "35.78", "reason": words})],
        [("reclassify", {"kind": "aspiration", "reason": words}), ("transfer", {"to": None, "reason": words})],
        [("refer", {"to": words[:200], "reason": words})],
    ]
    for start in (0, 8, len(publisher.accepted) - 13):
        for id_, way in zip(publisher.accepted[start:], deeds, strict=False):
            for action, data in way:
                await publisher.act(publisher.watcher.case[id_], action, data)
    reopened = publisher.watcher.case[publisher.accepted[0]]
    await publisher.act(reopened, "reopen", {"reason": words})
    said = lambda: "salur.case.reopened.v1" in publisher.watcher.seen[reopened]  # noqa: E731
    assert await until(said, SECONDS), "nobody said what an office did"


async def tracking_of(publisher: Publisher, case_id: str) -> str:
    return json.loads(await publisher.get("routing", f"/v1/cases/{case_id}"))["tracking_id"]


async def ask(publisher: Publisher, mails: list[dict[str, Any]]) -> None:
    """Ask every door that answers about cases, and open every link of a mail."""
    for id_ in publisher.accepted[::3]:
        case_id = publisher.watcher.case[id_]
        tracking = await tracking_of(publisher, case_id)
        await publisher.get("intake", f"/v1/complaints/{tracking}")
        await publisher.get("sla", f"/v1/cases/{case_id}/deadlines")
        await publisher.get("notify", f"/v1/notices?case_id={case_id}")
        for service in ("intake", "routing", "sla", "notify"):
            await publisher.get(service, f"/ops/v1/trace/{case_id}")
    for service in ("intake", "routing", "sla", "notify"):
        await publisher.get(service, "/ops/v1/parked")
        await publisher.get(service, "/openapi.json")
    links = {link for mail in mails for link in re.findall(r"https?://[^\s\"'<>]+/a/[^\s\"'<>]+", mail["text"])}
    for link in sorted(links)[:20]:
        publisher.pages.append((await publisher.http.get(link)).text)


@dataclass
class Searched:
    """Everything that was seen after the canaries had gone their way."""

    publisher: Publisher
    evidence: Evidence
    tables: dict[str, list[str]]
    names: dict[str, str]
    """Case → its tracking id, of cases that were told in secret."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def searched(town: Town, tmp_path_factory) -> AsyncIterator[Searched]:
    watcher = Watcher(town.stack.kafka_bootstrap)
    producer = AIOKafkaProducer(bootstrap_servers=town.stack.kafka_bootstrap)
    await watcher.start()
    await producer.start()
    try:
        async with httpx.AsyncClient(timeout=30) as http:
            publisher = Publisher(town, watcher, producer, http)
            await hand_in(publisher)
            await hand_in_what_is_refused(publisher)
            done = lambda: all(watcher.there(id_, "deadline.set", "notice.delivered") for id_ in publisher.accepted)  # noqa: E731
            assert await until(done, SECONDS), "a case has no clock, or its owner has no notice"
            await say_more(publisher)
            assert await until(lambda: not publisher.unanswered, SECONDS), f"no receipt for {publisher.unanswered}"
            await answer(publisher)
            await ask(publisher, (await http.get(f"{town.url('mailbox')}/messages.json")).json())
            evidence = await town.evidence(tmp_path_factory.mktemp("canaries"))
            names = {watcher.case[id_]: await tracking_of(publisher, watcher.case[id_]) for id_ in publisher.accepted[-13:-1]}
            yield Searched(publisher, evidence, await tables(town.stack.postgres_owner_url), names)
            await discard_what_is_parked(town, http)
    finally:
        await producer.stop()
        await watcher.stop()


async def discard_what_is_parked(town: Town, http: httpx.AsyncClient) -> None:
    """Let nothing wait for an operator in a town that other tests live in: what is given up gets its final receipt."""
    parked = (await http.get(f"{town.url('intake')}/ops/v1/parked")).json()["parked"]
    assert parked, "a version that nobody knows yet was not parked"
    for kept in parked:
        assert (await http.post(f"{town.url('intake')}/ops/v1/parked/{kept['id']}:discard")).status_code == 200


async def tables(url: str) -> dict[str, list[str]]:
    """Return every row of every table of the database, as its owner reads them; bytes are hexadecimal there."""
    owner = await asyncpg.connect(url)
    try:
        found = await owner.fetch(
            "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE' AND table_schema <> 'information_schema'"
        )
        wanted = [f'"{schema}"."{name}"' for schema, name in found if not schema.startswith("pg_")]
        return {table: [row for (row,) in await owner.fetch(f"SELECT t::text FROM {table} t")] for table in wanted}
    finally:
        await owner.close()


def test_the_search_finds_what_is_there(searched: Searched) -> None:
    sent = b"\n".join(record.value or b"" for record in searched.evidence.records if record.topic == SUBMISSIONS)
    assert canaries.found(sent.decode(errors="replace")) == list(canaries.STEMS)
    for stem in canaries.STEMS:
        assert canaries.found(f"\\x{stem.encode().hex()}") == [stem]


def test_no_topic_but_that_of_submissions_holds_a_canary(searched: Searched) -> None:
    seen: dict[str, set[str]] = defaultdict(set)
    topics: set[str] = set()
    for record in searched.evidence.records:
        if record.topic != SUBMISSIONS:
            topics.add(record.topic)
            whole = b"\n".join((record.key or b"", record.value or b"", *(value for _, value in record.headers)))
            seen[record.topic] |= set(canaries.found(whole.decode(errors="replace")))
    assert {"salur.intake", "salur.routing", "salur.sla", "salur.notify", "salur.restricted", "salur.receipts"} <= topics
    assert {topic: stems for topic, stems in seen.items() if stems} == {}


def test_no_table_holds_a_canary(searched: Searched) -> None:
    assert any("vault" in table and rows for table, rows in searched.tables.items())
    seen = {table: canaries.found("\n".join(rows)) for table, rows in searched.tables.items()}
    assert {table: stems for table, stems in seen.items() if stems} == {}


def test_no_log_or_metric_holds_a_canary(searched: Searched) -> None:
    texts = searched.evidence.texts
    assert {"intake-1.metrics", "notify-1.metrics"} <= texts.keys()
    assert any("intake" in name and name.endswith(".log") and text for name, text in texts.items())
    seen = {name: canaries.found(text) for name, text in texts.items()}
    assert {name: stems for name, stems in seen.items() if stems} == {}


def test_no_mail_holds_a_canary(searched: Searched) -> None:
    mails = searched.evidence.mails
    assert mails
    seen = {mail["message_id"]: canaries.found("\n".join(map(str, mail.values()))) for mail in mails}
    assert {mail: stems for mail, stems in seen.items() if stems} == {}


def test_no_answer_holds_a_canary(searched: Searched) -> None:
    seen = {about: canaries.found(text) for about, text in searched.publisher.answers.items()}
    assert {about: stems for about, stems in seen.items() if stems} == {}


def test_the_page_behind_a_notice_shows_what_was_written_and_nothing_of_the_reporter(searched: Searched) -> None:
    pages = searched.publisher.pages
    assert any(canaries.TEXT in page or "pasar berlubang" in page for page in pages)
    assert [canaries.found(page, canaries.UNWRITTEN) for page in pages] == [[] for _ in pages]


async def test_a_secret_text_is_read_at_the_content_endpoint_alone(searched: Searched) -> None:
    restricted = {record.event["subject"] for record in searched.evidence.records if record.topic == "salur.restricted"}
    url = searched.publisher.town.url("intake")
    async with httpx.AsyncClient(timeout=30) as http:
        for case_id, tracking in searched.names.items():
            answer = await http.get(f"{url}/v1/complaints/{tracking}/content")
            if case_id in restricted:
                assert (answer.status_code, canaries.found(answer.text)) == (404, []), "whistle-blowing asks for a right"
            else:
                assert canaries.TEXT in answer.text
                assert canaries.found(answer.text, canaries.UNWRITTEN) == []
    assert restricted & searched.names.keys()


async def test_of_an_anonymous_case_what_an_office_reads_tells_nothing_of_the_reporter(searched: Searched) -> None:
    publisher, hidden = searched.publisher, 0
    async with httpx.AsyncClient(timeout=30) as http:
        for id_ in publisher.accepted[8:12]:
            tracking = await tracking_of(publisher, publisher.watcher.case[id_])
            told = await http.get(f"{publisher.town.url('intake')}/v1/complaints/{tracking}/content")
            assert told.status_code == 200
            assert canaries.found(told.text, canaries.IDENTITY) == []
            hidden += told.json()["location"] == {"address": "[alamat]"}
    assert hidden == 4


def test_what_travels_still_tells_the_matter(searched: Searched) -> None:
    texts = [record.event["data"].get("text") or "" for record in searched.evidence.records if record.topic == "salur.intake"]
    answers = [record.event["data"].get("text") or "" for record in searched.evidence.records if record.topic == "salur.routing"]
    assert any(text.startswith("Pelapor NIK [NIK] ([NIK]) telah dihubungi di [telepon]") for text in answers)
    assert any(text.startswith("Jalan di depan pasar berlubang. Nama saya [nama], NIK [NIK] ([NIK], [NIK]), HP [telepon]") for text in texts)
