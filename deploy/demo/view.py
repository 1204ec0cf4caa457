"""The way of the events, live: on a terminal a page of at most 80 columns that renews itself, elsewhere plain lines."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from chassis.clock import Clock
from deploy.demo.lag import Lag, words
from deploy.demo.settings import WIB
from deploy.demo.tally import Tally, moment
from services.sla.reference_data import national_calendar

WIDTH: Final = 80
LOOK_SECONDS: Final = 0.5
LINE_SECONDS: Final = 5.0
BEHIND_SECONDS: Final = 2.0
"""Shorter delays are not worth a word."""

_BLOCKS: Final = {
    "the way": {
        "sent": "sent",
        "accepted": "complaint.accepted",
        "routed": "case.routed",
        "… to triage": "triage",
        "verified": "case.verified",
        "transferred": "case.transferred",
        "… asked for": "case.transfer_requested",
        "asked back": "case.deferred",
        "followed up": "case.followed_up",
        "replied to": "case.replied",
        "closed": "case.closed",
        "reopened": "case.reopened",
        "laid aside": "aside",
    },
    "the clocks": {
        "set": "deadline.set",
        "met": "deadline.met",
        "moved": "deadline.moved",
        "stopped": "deadline.paused",
        "cancelled": "deadline.cancelled",
        "warned": "deadline.warned",
        "BREACHED": "deadline.breached",
        "elapsed": "deadline.elapsed",
        "escalated": "escalation.raised",
        "… to nobody": "escalation.unaddressed",
    },
    "the notices": {
        "queued": "notice.queued",
        "mails": "delivered by mail",
        "webhooks": "delivered by webhook",
        "suppressed": "notice.suppressed",
        "undeliverable": "notice.undeliverable",
        "no recipient": "notice.without_recipient",
    },
    "receipts": {
        "accepted": "receipt accepted",
        "duplicate": "receipt duplicate",
        "rejected": "receipt rejected",
        "parked": "receipt parked",
    },
}
_ALARMING: Final = frozenset({"BREACHED", "undeliverable", "no recipient", "parked", "… to nobody"})


@dataclass(slots=True)
class Stage:
    """What is to be seen: `doing` in words, and how far the run is in real seconds."""

    tally: Tally
    clock: Clock
    lag: Lag
    expected_seconds: float
    doing: str = ""
    began: float = field(default_factory=time.monotonic)
    _rate_at: float = field(default_factory=time.monotonic)
    _rate_from: int = 0
    _rate: float = 0.0

    @property
    def behind(self) -> str:
        """Return how far the services are behind the clock, in words; empty while they keep up."""
        seconds = self.lag.seconds
        return words(seconds, self.clock.speed) if seconds > BEHIND_SECONDS else ""

    @property
    def elapsed(self) -> float:
        """Return the real seconds since the opening."""
        return time.monotonic() - self.began

    def rate(self) -> float:
        """Return the facts a real second, over the last second."""
        now, facts = time.monotonic(), self.tally.counts["facts"]
        if now - self._rate_at >= 1.0:
            self._rate = (facts - self._rate_from) / (now - self._rate_at)
            self._rate_at, self._rate_from = now, facts
        return self._rate


async def show(console: Console, stage: Stage) -> None:
    """Show the stage until cancelled."""
    if not console.is_terminal:
        await _lines(console, stage)
    with Live(page(stage), console=console, auto_refresh=False, transient=False) as live:
        try:
            while True:
                await asyncio.sleep(LOOK_SECONDS)
                live.update(page(stage), refresh=True)
        finally:
            live.update(page(stage), refresh=True)


def page(stage: Stage) -> RenderableType:
    """Return the whole page."""
    head = Table.grid(expand=True)
    head.add_column()
    head.add_column(justify="right")
    head.add_row(
        Text.assemble(("SALUR ", "bold cyan"), (moment(stage.clock.now()), "bold"), f"  {stage.clock.speed:,.0f} times as fast"),
        f"{stage.rate():4.0f} facts/s  {stage.elapsed:3.0f} s of about {stage.expected_seconds:.0f} s",
    )
    bar = ProgressBar(total=stage.expected_seconds, completed=min(stage.elapsed, stage.expected_seconds), width=WIDTH)
    blocks = Table.grid(padding=(0, 3))
    blocks.add_row(*(_block(name, rows, stage.tally) for name, rows in _BLOCKS.items()))
    story = Table.grid(padding=(0, 1))
    for at, tracking, sentence in stage.tally.story:
        style = "red" if sentence.startswith("BREACH") else "yellow" if "% used" in sentence else "green" if sentence.startswith("closed") else ""
        story.add_row(Text(moment(at), style="dim"), Text(tracking, style="cyan"), Text(sentence, style=style, no_wrap=True, overflow="ellipsis"))
    page_ = Table.grid()
    page_.add_column(width=WIDTH)
    for part in (
        head,
        bar,
        Text(f"{stage.doing}{closed(stage.clock.now())}", style="dim"),
        Text(stage.behind, style="yellow"),
        blocks,
        Text(),
        story,
    ):
        page_.add_row(part)
    return Group(page_)


def closed(at: datetime) -> str:
    """Return why no office works on that day, to be added to a sentence; empty on a working day."""
    calendar, local = national_calendar(), at.astimezone(WIB)
    holiday = calendar.holidays.get(local.toordinal())
    if holiday is not None:
        return f" · holiday: {holiday.name}"
    return "" if calendar.windows_on(local.toordinal()) else " · weekend"


def _block(name: str, rows: Mapping[str, str], tally: Tally) -> Table:
    block = Table(title=name, title_justify="left", title_style="bold", box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 0))
    block.add_column(no_wrap=True)
    block.add_column(justify="right", no_wrap=True)
    for label, key in rows.items():
        count = tally.counts[key]
        block.add_row(label, Text(str(count), style="dim" if not count else "bold red" if label in _ALARMING else "bold"))
    return block


async def _lines(console: Console, stage: Stage) -> None:
    told = 0
    while True:
        counts, now = stage.tally.counts, stage.clock.now()
        told = _tell(console, stage, told)
        behind = f" · {stage.behind}" if stage.behind else ""
        console.print(
            f"{stage.elapsed:5.1f} s  {moment(now)}{closed(now)}  {counts['sent']} sent, {counts['complaint.accepted']} accepted,"
            f" {counts['case.verified']} verified, {counts['case.closed']} closed; {counts['deadline.warned']} warned,"
            f" {counts['deadline.breached']} breached; {counts['delivered by mail']} mails, {counts['delivered by webhook']} webhooks{behind}",
            soft_wrap=True,
            highlight=False,
        )
        await asyncio.sleep(LINE_SECONDS)


def _tell(console: Console, stage: Stage, told: int) -> int:
    """Print the latest three sentences that were not printed yet."""
    fresh = min(3, stage.tally.lines - told)
    for at, tracking, sentence in list(stage.tally.story)[len(stage.tally.story) - fresh :] if fresh > 0 else ():
        console.print(f"         {moment(at)}  {tracking}  {sentence}", soft_wrap=True, highlight=False)
    return stage.tally.lines
