"""The running service on real stores, under a clock that makes days of seconds: what routing says goes in, what is due comes out."""

from __future__ import annotations

import asyncio
import csv
import json
import os
import signal
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import jsonschema
import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from chassis.clock import Clock, read_clock
from chassis.failpoints import Point
from chassis.link import Link, links_of
from chassis.postgres import connect
from deploy.local.settings import LocalSettings
from deploy.local.supervisor import Stack
from deploy.prepare import CHASSIS, PrepareSettings, prepare, topics_of
from services.sla.app import main
from services.sla.reference_data import national_calendar
from services.sla.worktime import Budget, due_at
from tests.chassis.failing import failing
from tests.forked import Forked

ROOT = Path(__file__).parents[2]
TRACKING = "7K3M-9QWD-2F5H"
START = datetime(2025, 3, 3, 2, tzinfo=UTC)
SPEED = 200_000.0
"""A day passes in 0.4 seconds."""

Case = list[dict[str, Any]]
STORY = ["set", "warned", "warned", "warned", "breached", "raised", "raised", "unaddressed"]
"""What becomes of a clock that nobody heeds."""


@dataclass
class Sla:
    """The service and its surroundings, seen from outside."""

    stack: Stack
    folder: Path
    producer: AIOKafkaProducer
    clock: Clock
    owner: asyncpg.Connection
    port: int
    processes: list[Forked] = field(default_factory=list)
    sequences: dict[UUID, int] = field(default_factory=lambda: defaultdict(int))

    async def start(self, *, ready: bool = True, failpoint: str | None = None, **environment: str) -> Forked:
        variables = {
            "PATH": os.environ["PATH"],
            "SALUR_KAFKA_BOOTSTRAP": self.stack.kafka_bootstrap,
            "SALUR_POSTGRES_URL": (self.folder / "postgres-sla.url").read_text(),
            "SALUR_SECRETS": str(self.folder),
            "SALUR_OPEN": "1",
            "SALUR_SLA_PORT": str(self.port),
            **environment,
        }
        process = Forked(partial(failing, failpoint, main), environment=variables, out=self.folder / "sla.log")
        self.processes.append(process)
        while ready and not await self._ready():
            assert process.returncode is None, (self.folder / "sla.log").read_text()[-2000:]
            await asyncio.sleep(0.05)
        return process

    async def _ready(self) -> bool:
        try:
            return (await self.get("/readyz")).status_code == 200
        except httpx.TransportError:
            return False

    async def stop(self) -> None:
        for process in self.processes:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
                assert await asyncio.wait_for(process.wait(), 25) == 0
        self.processes.clear()

    async def get(self, path: str, **headers: str) -> httpx.Response:
        async with httpx.AsyncClient() as client:
            return await client.get(f"http://127.0.0.1:{self.port}{path}", timeout=5, headers=headers)

    async def clocks(self, case: UUID) -> dict[str, dict[str, Any]]:
        """The latest run of each clock of a case, as it is told over HTTP."""
        told = (await self.get(f"/v1/cases/{case}/deadlines")).json()
        return {clock["clock"]: clock for clock in told.get("deadlines", ())}

    async def post(self, path: str) -> dict[str, Any]:
        async with httpx.AsyncClient() as client:
            answer = await client.post(f"http://127.0.0.1:{self.port}{path}", timeout=20)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def parked(self, case: UUID, number: int, seconds: float = 20) -> list[str]:
        """The ids of what is parked of a case, the oldest first, once it is so many."""
        end = time.monotonic() + seconds
        while True:
            rows = (await self.get("/ops/v1/parked?limit=1000")).json()["parked"]
            found = [row["id"] for row in rows if row["case_id"] == str(case)]
            if len(found) == number:
                return found
            assert time.monotonic() < end, rows
            await asyncio.sleep(0.1)

    async def tell_directory(self) -> None:
        """Say the agencies as routing does."""
        with (ROOT / "data" / "agencies.csv").open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                data = {name: row[name] or None for name in ("code", "name", "level", "parent", "zone")} | {"version": "1"}
                event = self._event("salur.reference.agency.v1", f"agency/{row['code']}", data, self.clock.now())
                await self.producer.send("salur.reference", json.dumps(event).encode(), key=f"agency/{row['code']}".encode())
        await self.producer.flush()

    async def say(self, cases: Sequence[UUID], fact: str, at: datetime | None = None, *, topic: str = "salur.routing", **more: Any) -> None:
        """Say a fact of each case as routing does."""
        at = at or self.clock.now()
        for case in cases:
            self.sequences[case] += 1
            data = {"case_id": str(case), "tracking_id": TRACKING, "state": "verification", "owner": "35.22", "by": "system", **more}
            event = self._event(f"salur.case.{fact}.v1", str(case), data, at) | {"sequence": self.sequences[case]}
            names = ("type", "subject", "sequence")
            headers = [(f"salur_{name}", str(event[name]).encode()) for name in names]
            await self.producer.send(topic, json.dumps(event).encode(), key=str(case).encode(), headers=headers)
        await self.producer.flush()

    async def route(self, cases: Sequence[UUID], at: datetime | None = None, *, kind: str = "complaint", **more: Any) -> datetime:
        at = at or self.clock.now()
        facts: dict[str, Any] = {"level": "regency", "triage": False, "rule": "r", "rules_version": "1", "because": [], "kind": kind}
        facts |= {"category": "other", "region": None, "channel": "web", "accepted_at": at.isoformat()}
        rest = {"anonymous": False, "confidential": False, "publisher": "urn:test"}
        await self.say(cases, "routed", at, **(facts | rest | more))
        return at

    @staticmethod
    def _event(type_: str, subject: str, data: dict[str, Any], at: datetime) -> dict[str, Any]:
        event = {"specversion": "1.0", "id": str(uuid4()), "source": "urn:salur:routing", "type": type_, "time": at.isoformat()}
        return {**event, "subject": subject, "data": data}

    async def said(self, topic: str = "salur.sla") -> dict[UUID, Case]:
        """Everything said so far by case, each id once, in order of its topic."""
        consumer = AIOKafkaConsumer(topic, bootstrap_servers=self.stack.kafka_bootstrap, auto_offset_reset="earliest")
        await consumer.start()
        try:
            ends = await consumer.end_offsets(list(consumer.assignment()))
            found: dict[str, dict[str, Any]] = {}
            while any([await consumer.position(place) < end for place, end in ends.items()]):
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    for record in records:
                        event = json.loads(record.value)
                        found.setdefault(event["id"], event)
        finally:
            await consumer.stop()
        cases: dict[UUID, Case] = defaultdict(list)
        for event in found.values():
            if event["source"] == "urn:salur:sla":
                cases[UUID(event["subject"])].append(event)
        return cases

    async def until(self, cases: Sequence[UUID], done: Callable[[Case], bool], *, topic: str = "salur.sla", seconds: float = 45) -> list[Case]:
        """Return what was said of the cases once all are done."""
        end = time.monotonic() + seconds
        while True:
            said = await self.said(topic)
            if all(done(said[case]) for case in cases):
                return [said[case] for case in cases]
            assert time.monotonic() < end, [words(said[case]) for case in cases if not done(said[case])][:3]
            await asyncio.sleep(0.3)


def words(case: Case) -> list[str]:
    return [event["type"].split(".")[2] for event in case]


def of(case: Case, clock: str) -> Case:
    return [event for event in case if event["data"]["clock"] == clock]


def all_climbed(case: Case) -> bool:
    """Whether nothing more will come of a case that nobody touches."""
    return [event["type"].split(".")[2] for event in case].count("unaddressed") == 2


def ends_with(word: str) -> Callable[[Case], bool]:
    return lambda case: bool(case) and words(case)[-1] == word


def when(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sla]:
    """Stores of their own, for the clock in them runs fast; the directory is told."""
    folder = tmp_path_factory.mktemp("sla")
    stack = Stack(LocalSettings.with_free_ports(data=folder / "stores", partitions=3), parts={"kafka", "postgres"}, services=())
    await stack.start()
    told = {"postgres_owner_url": stack.postgres_owner_url, "kafka_bootstrap": stack.kafka_bootstrap, "secrets": folder, "partitions": 3}
    settings = PrepareSettings(**told, clock_start=START, clock_speed=SPEED)
    await prepare(settings, {"sla": [CHASSIS, ROOT / "services" / "sla" / "migrations"]}, topics_of(settings))
    producer = AIOKafkaProducer(bootstrap_servers=stack.kafka_bootstrap, linger_ms=5)
    await producer.start()
    pool = await connect((folder / "postgres-sla.url").read_text(), name="test", schema="sla", size=1)
    owner = await asyncpg.connect(stack.postgres_owner_url, server_settings={"search_path": "sla"})
    made = Sla(stack, folder, producer, await read_clock(pool), owner, LocalSettings.with_free_ports().sla_port)
    pool.terminate()
    await made.tell_directory()
    yield made
    await producer.stop()
    await owner.close()
    await stack.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def sla(world: Sla) -> AsyncIterator[Sla]:
    yield world
    for process in world.processes:
        if process.returncode is None:
            process.kill()
            await process.wait()
    world.processes.clear()


async def test_a_case_that_nobody_touches_is_warned_of_breached_and_climbs_in_order_and_never_early(sla: Sla) -> None:
    await sla.start()
    cases = [uuid4() for _ in range(20)]
    at = await sla.route(cases)
    due = due_at(at, Budget(working_days=3), national_calendar())
    for whole in await sla.until(cases, all_climbed):
        assert [event["sequence"] for event in whole] == list(range(1, 17))
        assert words(of(whole, "resolution")) == STORY
        case = of(whole, "verification")
        assert words(case) == STORY
        assert [event["data"].get("to") for event in case[5:]] == ["35", "ID", None]
        assert all(when(event["data"]["due_at"]) == due for event in case)
        fired = [when(event["data"]["fired_at"]) for event in case[1:5]]
        assert fired == sorted(fired)
        assert fired[-1] >= due
        shares = [event["data"]["consumed_percent"] for event in case[1:5]]
        assert all(share >= least for share, least in zip(shares, (50, 75, 90, 100), strict=True))


async def test_every_clock_of_a_case_is_told_over_http_with_its_reasons(sla: Sla) -> None:
    await sla.start()
    case = uuid4()
    at = await sla.route([case])
    await sla.say([case], "verified", at, state="verified")
    await sla.until([case], lambda said: "follow_up" in [event["data"]["clock"] for event in said])
    told = (await sla.get(f"/v1/cases/{case}/deadlines")).json()
    assert [clock["clock"] for clock in told["deadlines"]] == ["verification", "resolution", "follow_up"]
    first = told["deadlines"][0]
    assert when(first["due_at"]) == due_at(at, Budget(working_days=3), national_calendar())
    assert (first["state"], first["agency"], first["consumed_percent"] < 100) == ("met", "35.22", True)
    assert first["because"][0].startswith("Kebijakan default-1: verifikasi dalam 3 hari kerja")
    assert any("adalah hari ke-3." in sentence for sentence in first["because"])
    english = await sla.get(f"/v1/cases/{case}/deadlines", **{"Accept-Language": "en-GB, id;q=0.5"})
    assert english.json()["deadlines"][0]["because"][0].startswith("Policy default-1: verification within 3 working days")
    assert (english.headers["content-language"], english.headers["vary"]) == ("en", "Accept-Language")
    asked = await sla.get(f"/v1/cases/{case}/deadlines?lang=id", **{"Accept-Language": "en"})
    assert (asked.headers["content-language"], asked.json()["deadlines"][0]["because"]) == ("id", first["because"])
    for unknown in (uuid4(), "x"):
        refused = await sla.get(f"/v1/cases/{unknown}/deadlines")
        assert (refused.status_code, refused.json()["outcome"], refused.json()["code"]) == (404, "rejected", "unknown_case")
    document = (await sla.get("/openapi.json")).json()
    described = document["paths"]["/v1/cases/{case_id}/deadlines"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.validate(told, described, jsonschema.Draft202012Validator)


async def test_with_closed_doors_a_link_to_the_case_is_needed_and_enough(sla: Sla) -> None:
    await sla.start(SALUR_OPEN="0")
    case, other, secret = uuid4(), uuid4(), uuid4()
    await sla.route([case, other])
    await sla.route([secret], kind="whistleblowing")
    await sla.until([case, other], bool)

    def link(of: UUID, until: datetime) -> dict[str, str]:
        return {"Authorization": f"Bearer {links_of(sla.folder).sign(Link(of, '35.22', 'liaison', until))}"}

    far, long_ago = datetime(2999, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC)
    for _ in range(100):
        if (await sla.get(f"/v1/cases/{secret}/deadlines", **link(secret, far))).status_code == 200:
            break
        await asyncio.sleep(0.2)
    for asked, headers, status, code in (
        (case, {}, 401, "unauthorized_source"),
        (secret, {}, 401, "unauthorized_source"),
        (uuid4(), {}, 401, "unauthorized_source"),
        (case, {"Authorization": "Bearer bohong"}, 401, "unauthorized_source"),
        (case, {"Authorization": "Basic eDp5"}, 401, "unauthorized_source"),
        (case, link(case, long_ago), 401, "unauthorized_source"),
        (case, link(other, far), 403, "forbidden_role"),
        (secret, link(other, far), 403, "forbidden_role"),
    ):
        refused = await sla.get(f"/v1/cases/{asked}/deadlines", **headers)
        assert (refused.status_code, refused.json()["outcome"], refused.json()["code"]) == (status, "rejected", code), headers
        assert (status == 401) == (refused.headers.get("www-authenticate") == "Bearer")
    for asked in (case, secret):
        told = await sla.get(f"/v1/cases/{asked}/deadlines?lang=en", **link(asked, far))
        assert (told.status_code, told.json()["deadlines"][0]["clock"], told.headers["content-language"]) == (200, "verification", "en")
    assert (await sla.get("/v1/cases/x/deadlines")).status_code == 404


async def test_a_token_that_is_shown_is_judged_where_doors_are_open_too(sla: Sla) -> None:
    await sla.start()
    assert (await sla.get(f"/v1/cases/{uuid4()}/deadlines", Authorization="Bearer bohong")).status_code == 401


async def test_a_question_stops_what_its_owner_owes_and_an_answer_lets_it_run_on(sla: Sla) -> None:
    await sla.start()
    case = uuid4()
    at = await sla.route([case])
    await sla.say([case], "verified", at, state="verified")
    await sla.say([case], "deferred", at + timedelta(hours=1), state="waiting_reporter", question="?")
    await sla.until([case], lambda said: "completion" in [event["data"]["clock"] for event in said])
    before = await sla.clocks(case)
    assert [before[clock]["state"] for clock in ("follow_up", "resolution")] == ["paused", "paused"]
    await sla.say([case], "resumed", at + timedelta(days=14), state="verified", by="reporter")
    (said,) = await sla.until([case], lambda said: "resumed" in words(said))
    for clock in ("follow_up", "resolution"):
        told = [event for event in of(said, clock) if words([event])[0] in ("set", "paused", "resumed")]
        assert words(told)[-3:] == ["set", "paused", "resumed"]
        due = [when(event["data"]["due_at"]) for event in told[-3:]]
        assert due[0] == due[1] < due[2]
    assert "met" in words(of(said, "completion"))


async def test_what_stands_still_uses_up_nothing_however_long_it_takes(sla: Sla) -> None:
    await sla.start()
    case = uuid4()
    at = await sla.route([case])
    await sla.say([case], "verified", at, state="verified")
    await sla.say([case], "deferred", at + timedelta(days=1), state="waiting_reporter", question="?")
    await sla.until([case], lambda said: "completion" in [event["data"]["clock"] for event in said])
    first = (await sla.clocks(case))["resolution"]
    await sla.until([case], lambda said: "elapsed" in words(of(said, "completion")))  # a month later
    second = (await sla.clocks(case))["resolution"]
    assert (second["state"], second["consumed_percent"], second["due_at"]) == ("paused", first["consumed_percent"], first["due_at"])


async def test_a_case_that_becomes_a_whistle_blowers_goes_on_in_the_restricted_topic(sla: Sla) -> None:
    await sla.start()
    case = uuid4()
    at = await sla.route([case])
    await sla.say([case], "verified", at, state="verified")
    kinds = {"kind": "whistleblowing", "category": "other", "was_kind": "complaint", "was_category": "other"}
    await sla.say([case], "reclassified", at, state="verified", topic="salur.restricted", **kinds)
    await sla.say([case], "withdrawn", at, state="withdrawn", by="reporter", topic="salur.restricted")
    (said,) = await sla.until([case], ends_with("cancelled"), topic="salur.restricted")
    assert words(of(said, "resolution")) == ["moved", "cancelled"]
    assert words(of(said, "follow_up")) == ["cancelled"]
    public = (await sla.said())[case]
    assert words(of(public, "verification")) == ["set", "met"]
    assert [event["sequence"] for event in public + said] == list(range(1, len(public) + len(said) + 1))


async def test_a_reply_that_nobody_gives_elapses_on_the_answer_it_rests_on(sla: Sla) -> None:
    await sla.start()
    case = uuid4()
    at = await sla.route([case])
    for fact in ("verified", "followed_up"):
        await sla.say([case], fact, at, state=fact, final=True, followed_up_at=at.isoformat())
    (said,) = await sla.until([case], ends_with("elapsed"))
    assert words(said) == ["set", "set", "met", "set", "met", "met", "set", "elapsed"]
    assert said[-1]["data"]["basis"] == 3
    assert when(said[-1]["data"]["fired_at"]) >= when(said[-1]["data"]["due_at"])


async def test_a_whistle_blowers_case_is_told_on_the_restricted_topic_and_nowhere_else(sla: Sla) -> None:
    await sla.start()
    case = uuid4()
    at = sla.clock.now()
    await sla.route([case], at, kind="whistleblowing", topic="salur.restricted")
    (said,) = await sla.until([case], lambda said: "unaddressed" in words(said), topic="salur.restricted")
    assert words(said)[0] == "set"
    assert case not in await sla.said()


KILLS = (f"{Point.FIRING_AFTER_CLAIM}=kill@2", f"{Point.RELAY_AFTER_PUBLISH}=kill@4")


@pytest.mark.parametrize("failpoint", KILLS)
async def test_a_kill_while_timers_fire_loses_nothing_and_doubles_nothing(sla: Sla, failpoint: str) -> None:
    dying = await sla.start(ready=False, failpoint=failpoint)
    cases = [uuid4() for _ in range(600)]
    await sla.route(cases)
    assert await asyncio.wait_for(dying.wait(), 30) == -signal.SIGKILL, "the failpoint was never reached"
    await sla.start()
    for whole in await sla.until(cases, all_climbed, seconds=90):
        assert [event["sequence"] for event in whole] == list(range(1, 17))
        for case in (of(whole, "verification"), of(whole, "resolution")):
            assert words(case) == STORY
            assert when(case[4]["data"]["fired_at"]) >= when(case[4]["data"]["due_at"])
    assert await sla.owner.fetchval("SELECT count(*) FROM timer WHERE case_id = ANY($1)", cases) == 0


async def test_the_gauges_count_open_cases_by_their_owner_and_the_worst_of_their_clocks(sla: Sla) -> None:
    await sla.start()
    breached = 'salur_cases_open{agency="91.03",sla_state="breached"}'
    before = await figures_once(sla, lambda found: breached in found)
    assert before[breached] == 0, "an agency without cases shows zeros"
    cases = [uuid4() for _ in range(5)]
    await sla.route(cases, owner="91.03")
    await sla.until(cases, all_climbed)
    await sla.say(cases[:2], "verified", state="verified", owner="91.03")
    await sla.say(cases[2:3], "closed", state="closed", owner="91.03")
    await sla.until(cases[2:3], ends_with("cancelled"))
    await sla.until(cases[:2], lambda said: words(said).count("unaddressed") == 3)
    after = await figures_once(sla, lambda found: found[breached] == 4 and not found["salur_timers_armed"])
    assert after[breached] == 4
    assert after["salur_cases_without_clock"] == before["salur_cases_without_clock"]
    name = 'salur_sla_breaches_total{class="verification",level="regency"}'
    assert after[name] - before[name] == 5
    assert after["salur_timers_armed"] == await sla.owner.fetchval("SELECT count(*) FROM timer") == 0, "all have climbed to the top"


async def figures_once(sla: Sla, true: Callable[[dict[str, float]], bool]) -> dict[str, float]:
    """What the service measures, once a thing is true of it, or after half a minute all the same."""
    for _ in range(100):
        lines = (await sla.get("/metrics")).text.splitlines()
        found = {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))}
        if true(found):
            break
        await asyncio.sleep(0.3)
    return found
