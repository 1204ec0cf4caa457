"""One demo from start to verdict: stack up, a week sent and played, everything read from outside, judged, reported, stack down."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

import asyncpg
from rich.console import Console

from chassis.clock import Clock, read_clock
from deploy.demo import pace, page, readings
from deploy.demo.agencies import Agencies
from deploy.demo.checks.all import judge
from deploy.demo.checks.verdict import Verdict
from deploy.demo.complaints import Door, Week, body, due, filed_at, plan
from deploy.demo.doors import Doors
from deploy.demo.evidence import Answer, Evidence, Fact
from deploy.demo.lag import Lag
from deploy.demo.settings import OPENING, DemoSettings
from deploy.demo.stage import set_up
from deploy.demo.tally import Tally, moment
from deploy.demo.view import Stage, show
from deploy.demo.waiting import Waiting
from deploy.demo.witness import Witness
from deploy.local.supervisor import Stack

Letters = tuple[Mapping[str, Any], ...]
"""Mails or webhooks as they came."""
USUAL: Final = timedelta(days=40)
"""From the opening until the last clock has ended: nobody is late twice."""
AROUND_SECONDS: Final = 40.0
"""The start of the stack, and reading and judging at the end."""
HORIZON: Final = timedelta(days=110)
"""What has not come to its end by then is judged as it stands."""
GRACE_SECONDS: Final = 10.0
SETTLE_SECONDS: Final = 30.0
LOOK_SECONDS: Final = 0.2
LINKS: Final = 40
"""So many links are opened at the end."""
LINK: Final = re.compile(r"https?://\S+/a/[^\s>)\"]+")
HEARD_SECONDS: Final = 1.0
"""What happened longer ago than this must be on the topics, once nothing is on its way."""


class Outcome(NamedTuple):
    """What was checked, how many real seconds the services were behind the clock at most, and how fast it went."""

    verdicts: list[Verdict]
    behind: float
    speed: float


async def run(settings: DemoSettings, console: Console) -> Outcome:
    """Run a whole demo and return what came of it; the report is in `settings.out`, the stack is down again.

    Raises:
        LocalError: the stack does not start, or another demo is running.
        ExceptionGroup: a part of the demo itself broke.
    """
    began = time.monotonic()
    settings = await _paced(settings, console)
    with console.status("starting") as status:

        def say(doing: str) -> None:
            status.update(doing)
            if not console.is_terminal:
                console.print(doing, highlight=False)

        stack = set_up(settings, say)
        await stack.start()
    try:
        console.print(
            f"The stack is up after {time.monotonic() - began:.0f} s; mails at {stack.addresses['mailbox']}", highlight=False, soft_wrap=True
        )
        evidence = await _Demo(settings, stack, await _clock(stack)).play(console)
        verdicts = judge(evidence)
        page.leave(settings.out, evidence, verdicts, settings, stack.settings.logs_folder, time.monotonic() - began)
    finally:
        await stack.stop()
    return Outcome(verdicts, evidence.behind, evidence.speed)


async def _paced(settings: DemoSettings, console: Console) -> DemoSettings:
    """Let a machine that has less to give go slower, unless somebody chose the speed, and say how long it takes."""
    share = 1.0 if settings.asked_for_speed else await pace.share()
    paced = settings if share == 1 else settings.model_copy(update={"speed": round(settings.speed * share, -2)})
    minutes = (USUAL.total_seconds() / paced.speed + AROUND_SECONDS) / 60
    busy = f", {share:.0%} of its usual speed: this machine is slow or has other work" if share < 1 else ""
    console.print(
        f"One week of {paced.cases:,} complaints, and what becomes of them: about {minutes:.0f} minutes. SPEED= and CASES= choose.\n"
        f"The clock goes {paced.speed:,.0f} times as fast as life{busy}.",
        highlight=False,
        soft_wrap=True,
    )
    return paced


async def _clock(stack: Stack) -> Clock:
    async with asyncpg.create_pool(stack.postgres_owner_url, min_size=1, max_size=1) as pool:
        return await read_clock(pool)


class _Demo:
    """The parts of one run, over a stack that is up."""

    def __init__(self, settings: DemoSettings, stack: Stack, clock: Clock) -> None:
        at = stack.addresses
        self._clock = clock
        self._stack = stack
        self._opening_asked = OPENING if settings.clock_start is None else settings.clock_start
        self._week: Week = plan(settings.seed, settings.cases, at["sink"])
        self._doors = Doors(at["intake"], at["routing"], stack.kafka_bootstrap)
        self._witness = Witness(stack.kafka_bootstrap)
        self._tally, self._waiting = Tally(), Waiting()
        self._agencies = Agencies(self._week, self._doors, clock, settings.seed)
        lag = Lag(clock)
        self._witness.listeners += [self._tally.hear, self._waiting.hear, self._agencies.hear, lag.hear]
        self._answers: dict[int, Answer] = {}
        self._stage = Stage(self._tally, clock, lag, clock.real_seconds(USUAL))

    async def play(self, console: Console) -> Evidence:
        """Return the evidence of the run."""
        await asyncio.gather(self._doors.open(), self._witness.start())
        self._hooks = readings.Hooks(self._doors.http, self._stack.addresses["sink"])
        try:
            async with asyncio.TaskGroup() as group:
                background = [group.create_task(work) for work in (self._witness.follow(), self._hooks.watch(), show(console, self._stage))]
                evidence = await self._play()
                for task in background:
                    task.cancel()
        finally:
            await asyncio.gather(self._doors.close(), self._witness.stop())
        return evidence

    async def _play(self) -> Evidence:
        opening = max(self._opening_asked, self._clock.now())
        self._stage.doing = f"the week begins on {moment(opening)}"
        await asyncio.sleep(self._clock.real_seconds(opening - self._clock.now()))
        self._stage.began = time.monotonic()
        self._stage.doing = "complaints come in, by Kafka and HTTP"
        await asyncio.gather(*(self._send(numbers, opening) for numbers in _together(self._week, opening)))
        self._stage.doing = "all are sent; offices answer, hand over, stay silent"
        limit = self._stage.began + self._clock.real_seconds(HORIZON) + GRACE_SECONDS
        while time.monotonic() < limit and not self._over():  # noqa: ASYNC110 - facts, clocks and plays all count
            await asyncio.sleep(LOOK_SECONDS)
        await self._agencies.end()
        now = self._clock.now() - timedelta(seconds=HEARD_SECONDS * self._clock.speed)
        self._stage.doing = "waiting until nothing is on its way"
        await self._settle(now)
        self._stage.doing = "reading topics, HTTP and mailbox"
        return await self._gather(now)

    async def _send(self, numbers: list[int], opening: datetime) -> None:
        """Send one submission, or those of one batch."""
        sendings = [self._week.sendings[number] for number in numbers]
        await asyncio.sleep(max(0.0, self._clock.real_seconds(due(sendings[0], opening) - self._clock.now())))
        bodies = [body(sending, filed_at(self._week, sending, opening)) for sending in sendings]
        if sendings[0].door is Door.HTTP_BATCH:
            self._answers |= zip(numbers, await self._doors.hand_in_batch([raw for raw, _ in bodies]), strict=True)
        else:
            answer = await self._doors.hand_in(sendings[0], *bodies[0])
            self._answers |= {} if answer is None else {numbers[0]: answer}
        self._tally.counts["sent"] += len(numbers)

    def _over(self) -> bool:
        good = sum(sending.code == "ok" for sending in self._week.sendings)
        return len(self._waiting.cases) >= good and not self._agencies.busy and not self._waiting.clocks and not self._waiting.notices

    async def _settle(self, now: datetime) -> None:
        """Return when nothing is on its way, or nothing has come for a while."""
        heard, since = self._waiting.heard, time.monotonic()
        while time.monotonic() - since < SETTLE_SECONDS:
            if not self._waiting.notices and not self._waiting.overdue(now) and await self._witness.caught_up():
                return
            await asyncio.sleep(LOOK_SECONDS)
            if heard != self._waiting.heard:
                heard, since = self._waiting.heard, time.monotonic()

    async def _gather(self, now: datetime) -> Evidence:
        """Ask everybody, then take topics and mailbox at a moment at which no mail is on its way."""
        at, ids = self._stack.addresses, {fact.case_id: fact.tracking for fact in self._witness.facts if fact.what == "complaint.accepted"}
        cases, deadlines, tracking = await asyncio.gather(
            readings.ask_all(self._doors.http, {case: f"{at['routing']}/v1/cases/{case}" for case in ids}),
            readings.ask_all(self._doors.http, {case: f"{at['sla']}/v1/cases/{case}/deadlines" for case in ids}),
            readings.ask_all(self._doors.http, {case: f"{at['intake']}/v1/complaints/{tracking}" for case, tracking in ids.items()}),
        )
        mails, hooks, facts = await self._still(now)
        pages = await readings.pages(self._doors.http, links(mails[:: max(1, len(mails) // LINKS)]))
        return Evidence(
            week=self._week,
            now=now,
            speed=self._clock.speed,
            anchor=time.time() - self._clock.real_seconds(self._clock.now() - now),
            answers=self._answers,
            acts=tuple(self._agencies.acts),
            inbound=tuple(self._witness.inbound),
            facts=facts,
            raw={topic: b"\n".join(records) for topic, records in self._witness.raw.items()},
            cases=cases,
            deadlines=deadlines,
            tracking=tracking,
            mails=mails,
            hooks=hooks,
            pages=pages,
            logs={file.name: file.read_bytes() for file in _logs(self._stack.settings.logs_folder)},
        )

    async def _still(self, now: datetime) -> tuple[Letters, Letters, tuple[Fact, ...]]:
        """Return mails, webhooks and facts of one moment at which no notice is on its way; whatever they are after a while.

        pulse goes on saying who is silent, so a mail may come between any two looks.
        """
        limit = time.monotonic() + SETTLE_SECONDS
        while True:
            await self._settle(now)
            told = self._waiting.told
            mails = await readings.mails(self._doors.http, self._stack.addresses["mailbox"])
            await self._hooks.look()
            still = await self._witness.caught_up() and not self._waiting.notices and told == self._waiting.told and self._waiting.mails == len(mails)
            if still or time.monotonic() > limit:
                return mails, self._hooks.messages, tuple(self._witness.facts)
            await asyncio.sleep(LOOK_SECONDS)


def _together(week: Week, opening: datetime) -> list[list[int]]:
    """Return the numbers of all sendings, those of one batch together."""
    batches: dict[datetime, list[int]] = {}
    alone: list[list[int]] = []
    for number, sending in enumerate(week.sendings):
        if sending.door is Door.HTTP_BATCH:
            batches.setdefault(due(sending, opening), []).append(number)
        else:
            alone.append([number])
    return [*alone, *batches.values()]


def links(mails: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the link of each mail that has one, by the mail's id."""
    found = ((str(mail["id"]), LINK.search(mail["text"])) for mail in mails)
    return {number: link.group() for number, link in found if link is not None}


def _logs(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.log*"))
