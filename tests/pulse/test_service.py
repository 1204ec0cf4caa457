"""pulse as others see it: floods, restarts and silences planted over Kafka, what is said of them, and what is shown."""

from __future__ import annotations

import asyncio
import shutil
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from prometheus_client.parser import text_string_to_metric_families

from chassis.kafka import Outgoing
from chassis.kafka.consumer import SESSION_TIMEOUT_MS
from tests.pulse import facts
from tests.pulse.conftest import REPLICAS, Town
from tests.waiting import until

BANJIR = "lingkungan-hidup.banjir"
FLOOD = {"category": "lingkungan-hidup", "region": "35.22.05"}
AFTER_POISON = {"category": "kesehatan", "region": "32.04.12"}


def flood(town: Town, category: str, region: str, number: int = 60) -> list[Outgoing]:
    now = town.now()
    return [facts.accepted(now - timedelta(seconds=3 * n), category, region) for n in range(number)]


async def test_a_flood_is_told_once_with_the_numbers_behind_it(town: Town):
    await town.say(*flood(town, BANJIR, "35.22.05"))
    (told,) = await until(lambda: town.ear.heard("surge.detected", **FLOOD))
    data = told["data"]
    assert 35 <= data["observed"] <= 60
    assert data["expected"] < 5
    assert data["chance"] < 1e-7
    assert data["rule"] == "absolute"
    window = data["window"]
    assert timedelta() < datetime.fromisoformat(window["until"]) - datetime.fromisoformat(window["from"]) <= timedelta(hours=1)
    assert (told["source"], told["subject"], told["sequence"], told["correlationid"]) == ("urn:salur:pulse", data["surge_id"], 1, data["surge_id"])
    assert abs(datetime.fromisoformat(told["time"]) - town.now()) < timedelta(hours=4)
    (record,) = [record for record in town.ear.records if orjson.loads(record.value)["id"] == told["id"]][:1]
    headers = dict(record.headers)
    assert (record.key, headers["salur_type"]) == (b"lingkungan-hidup/35.22.05", b"salur.surge.detected.v1")
    assert (headers["content-type"], headers["salur_id"]) == (b"application/cloudevents+json", told["id"].encode())
    UUID(told["id"])


async def test_every_replica_shows_the_whole(town: Town):
    await town.say(facts.accepted(town.now(), "pendidikan", "35.22.01"), facts.accepted(town.now(), "pendidikan", None))
    for replica in range(1, REPLICAS + 1):

        async def shown(replica: int = replica) -> bool:
            found = await town.pulse(replica, top=50)
            surges = [{"category": each["category"], "region": each["region"]} for each in found["surges"]]
            cases = {each["category"]: each["cases"] for each in found["rates"]["categories"]}
            return FLOOD in surges and cases.get("lingkungan-hidup", 0) >= 60 and cases.get("pendidikan") == 2

        await until(shown)
    found = await town.pulse(top=1)
    assert len(found["rates"]["categories"]) == 1
    assert len(found["rates"]["hours"]) == 24
    assert found["rates"]["places"][0]["region_name"]
    assert found["counts"]["surges"] >= 1
    assert (await town.get("/v1/pulse?top=0")).status_code == 422


async def test_the_page_shows_it_in_both_languages_without_a_script(town: Town):
    for path, words in (("/pulse", ("Lonjakan", "Bubulan", 'lang="id"')), ("/?lang=en", ("Surges", "Bubulan", 'lang="en"'))):
        page = await town.get(path)
        assert page.status_code == 200
        assert page.headers["content-type"].startswith("text/html")
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert "script" not in page.text
        for word in (*words, "<svg", "viewport"):
            assert word in page.text


async def test_the_metrics_are_well_formed_and_few(town: Town):
    page = (await town.get("/metrics")).text
    promtool = shutil.which("promtool")
    if promtool is not None:
        checking = await asyncio.create_subprocess_exec(promtool, "check", "metrics", stdin=PIPE, stdout=PIPE, stderr=STDOUT)
        said, _ = await asyncio.wait_for(checking.communicate(page.encode()), 30)
        assert (checking.returncode, said) == (0, b"")
    samples = [sample for family in text_string_to_metric_families(page) for sample in family.samples]
    assert len(samples) < 250
    assert not [sample for sample in samples if "agency" in sample.labels or "publisher" in sample.labels]
    for name in ("salur_pulse_surges", "salur_pulse_late_events_total", "salur_pulse_unreadable_events_total", "salur_events_total"):
        assert name in town.first_page


async def unreadable(town: Town) -> float:
    total = 0.0
    for replica in range(1, REPLICAS + 1):
        page = (await town.get("/metrics", replica)).text
        total += sum(float(line.split()[1]) for line in page.splitlines() if line.startswith("salur_pulse_unreadable_events_total"))
    return total


async def test_what_cannot_be_read_is_counted_and_harms_nobody(town: Town):
    before = await unreadable(town)
    good = facts.accepted(town.now(), "kesehatan", "32.04.12")
    document = orjson.loads(good.value or b"")
    bad = [
        good._replace(value=b"{"),
        good._replace(value=None),
        good._replace(value=orjson.dumps([1])),
        good._replace(value=b"\xff\xfe", headers=[]),
        good._replace(value=orjson.dumps({**document, "id": "1", "data": {**document["data"], "region": "../../etc"}})),
        good._replace(value=orjson.dumps({**document, "id": "2", "data": {**document["data"], "category": 7}})),
        good._replace(value=orjson.dumps({**document, "id": "3", "time": "9999-01-01T00:00:00Z"})),
        good._replace(value=orjson.dumps({**document, "id": "4", "time": "2026-03-03T02:00:00"})),
        Outgoing("salur.pulse.counts", b"0", 0, b"nonsense", []),
        Outgoing("salur.pulse.counts", b"0", 1, b'{"heard": {"0": "x"}, "series": 1}', []),
    ]
    await town.say(*bad)
    await town.say(*flood(town, "kesehatan", "32.04.12"))
    await until(lambda: town.ear.heard("surge.detected", **AFTER_POISON))

    async def counted() -> bool:
        return await unreadable(town) - before == len(bad)

    await until(counted)


async def test_a_flood_through_a_kill_and_a_restart_is_told_once(town: Town):
    first, second, third = (flood(town, "energi", "73.06", 40) for _ in range(3))
    await town.say(*first)
    town.stack.process("pulse", 1).kill()
    await town.say(*second)
    await until(lambda: town.ear.heard("surge.detected", category="energi", region="73.06"), 60)
    await town.stack.process("pulse", 2).restart()
    await town.say(*third)
    await town.stack.process("pulse", 1).wait_ready(60)

    async def whole() -> bool:
        found = await town.pulse(2, top=50)
        return any(each["category"] == "energi" and each["cases"] >= 120 for each in found["rates"]["categories"])

    await until(whole, 60)
    assert len(town.ear.heard("surge.detected", category="energi")) == 1
    (shown,) = [each for each in (await town.pulse(1, top=50))["rates"]["categories"] if each["category"] == "energi"]
    assert 120 <= shown["cases"] <= 240  # what was summed and not acknowledged when it was killed may count twice


async def restarted(town: Town) -> None:
    """Each replica ends and is back before anybody else gets its partitions."""
    for replica in (2, 1, 2):
        await asyncio.sleep(1)
        await town.stack.process("pulse", replica).restart()


async def scaled(town: Town) -> None:
    """One replica stays away until the other has its partitions, and then takes them back."""
    process = town.stack.process("pulse", 2)
    await process.stop()
    await asyncio.sleep(SESSION_TIMEOUT_MS / 1000 + 3)
    process.start()
    await process.wait_ready(60)
    await asyncio.sleep(3)


@pytest.mark.long
@pytest.mark.parametrize(("come_and_go", "category"), [(restarted, "pertanian"), (scaled, "pariwisata")])
async def test_replicas_that_come_and_go_in_traffic_count_each_report_once(town: Town, come_and_go: Callable[[Town], Any], category: str):
    said, enough = 0, asyncio.Event()

    async def report() -> None:
        nonlocal said
        while not enough.is_set():  # never broken off: what was said and not counted here would look like a report too many
            await town.say(*(facts.accepted(town.now(), category, f"33.{said % 30 + 1:02}") for _ in range(10)))
            said += 10
            await asyncio.sleep(0.25)

    town.dawdles.touch()
    reporting = asyncio.create_task(report())
    await come_and_go(town)
    enough.set()
    await reporting
    town.dawdles.unlink()

    async def shown() -> int:
        return sum(each["cases"] for each in (await town.pulse(1, top=50))["rates"]["categories"] if each["category"] == category)

    async def whole() -> bool:
        return await shown() >= said

    await until(whole, 60)
    await asyncio.sleep(3)
    assert await shown() == said


async def test_an_agency_that_receives_and_does_nothing_is_told_and_its_first_deed_too(town: Town):
    long_ago = town.now() - timedelta(days=16)
    await town.say(facts.routed(long_ago, "11.01"), facts.routed(long_ago, "11.02"), facts.followed_up(long_ago + timedelta(days=1), "11.02"))
    (told,) = await until(lambda: town.ear.heard("silence.detected", about="agency", agency="11.01"))
    assert told["data"]["working_days"] >= 8
    assert (told["data"]["observed"], told["data"]["expected"], told["data"]["publisher"]) == (0, 1.0, None)
    found = await until(lambda: silent(town, "11.01"))
    assert found["about"] == "agency"
    await town.say(facts.followed_up(town.now(), "11.01"))
    (ended,) = await until(lambda: town.ear.heard("silence.ended", agency="11.01"))
    assert (ended["subject"], ended["sequence"]) == (told["subject"], 2)
    assert town.ear.heard("silence.detected", agency="11.02") == []


async def silent(town: Town, who: str) -> dict | None:
    found = [each for each in (await town.pulse(top=50))["silences"] if each["who"] == who]
    return found[0] if found else None


async def test_a_publisher_that_stops_is_told_and_its_return_too(town: Town):
    last = town.now() - timedelta(days=3)
    await town.say(*(facts.receipt(last - timedelta(hours=n), "urn:kanal:setia") for n in range(24 * 22)))
    (told,) = await until(lambda: town.ear.heard("silence.detected", about="publisher", publisher="urn:kanal:setia"))
    assert told["data"]["expected"] > 20
    await town.say(facts.receipt(town.now(), "urn:kanal:setia", "rejected"))
    (ended,) = await until(lambda: town.ear.heard("silence.ended", publisher="urn:kanal:setia"))
    assert ended["subject"] == told["subject"]

    async def shown() -> bool:
        rates = (await town.pulse(top=50))["rates"]["publishers"]
        return {"publisher": "urn:kanal:setia", "accepted": 0, "rejected": 1} in rates

    await until(shown)


async def is_over(town: Town, about: dict[str, str]) -> bool:
    return about not in [{"category": each["category"], "region": each["region"]} for each in (await town.pulse(top=50))["surges"]]


async def test_each_flood_ends_once(town: Town):
    for about in (FLOOD, AFTER_POISON, {"category": "energi", "region": "73.06"}):
        (ended,) = await until(lambda about=about: town.ear.heard("surge.ended", **about), 60)
        (told,) = town.ear.heard("surge.detected", **about)
        assert (ended["data"]["surge_id"], ended["subject"], ended["sequence"]) == (told["data"]["surge_id"], told["subject"], 2)
        assert ended["data"]["observed"] >= 60
        assert ended["data"]["peak"]["observed"] >= 35
        assert ended["data"]["reason"] == "calm"
        await until(lambda about=about: is_over(town, about))


async def test_a_service_that_is_not_asked_for_anything_answers_health(town: Town):
    for replica in range(1, REPLICAS + 1):
        assert (await town.get("/livez", replica)).text == "ok\n"
        assert (await town.get("/readyz", replica)).json() == {"ready": True, "waiting_for": []}
    assert "/v1/pulse" in (await town.get("/openapi.json")).json()["paths"]
