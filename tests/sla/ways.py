"""Ways that a case may go: what the workflow allows in each state, with timers that may be late and clocks that close or archive."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from schemas.base import Data, Event
from schemas.words import Kind
from tests.sla.conftest import FAR, OFFICE, Life, shipped, wib

START = wib("2025-03-20 10:15")
AGENCIES = ("35.22", "71.71", "91.03", "35", "ID", "35.22/dinas-perhubungan")
KINDS = tuple(Kind)
ANYWHERE = ("reclassified", "withdrawn", "acknowledged")
NEXT: dict[str, tuple[str, ...]] = {
    "verification": ("verified", "verified", "transferred", "transfer_requested", "deferred", "referred", "archived", *ANYWHERE),
    "waiting_reporter": ("resumed", "resumed", "resumed", "archived", *ANYWHERE),
    "verified": ("final", "interim", "deferred", "deferred", "extended", "transferred", "transfer_requested", "referred", "handed_down", *ANYWHERE),
    "followed_up": ("final", "interim", "replied", "replied", "transferred", "transfer_requested", "closed", "closed by reporter", *ANYWHERE),
    "replied": ("final", "interim", "extended", "transferred", "transfer_requested", *ANYWHERE),
    "transfer_requested": ("decided", "decided", *ANYWHERE),
    "closed": ("reopened",),
    "archived": ("reopened",),
    "referred": (),
    "withdrawn": (),
}
OVER = frozenset({"closed", "archived", "referred", "withdrawn"})

Step = tuple[int, int, int]
steps: st.SearchStrategy[list[Step]] = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 20 * 24 * 60), st.integers(0, 4 * 24 * 60)), max_size=12)
"""Which of the allowed actions, minutes until it happens, minutes that the timers before it go off late."""

Watcher = Callable[[Life, "Way", list[Data], datetime], None]


@dataclass
class WatchedLife(Life):
    """A life that somebody looks at after each event."""

    watch: Callable[[list[Data], datetime], None] = lambda _said, _at: None

    def hear(self, event: Event[Any], at: datetime) -> list[Data]:
        said = super().hear(event, at)
        self.watch(said, at)
        return said


@dataclass
class Way:
    """What routing knows of the case on its way: enough to allow only what it would."""

    life: WatchedLife
    answered: bool = False
    before: str = "verification"
    basis: dict[str, int] = field(default_factory=dict)
    heard: int = 0

    @property
    def state(self) -> str:
        return self.life.where

    def choose(self, number: int) -> str | None:
        """Return the action that a number stands for, None where the state allows none."""
        allowed = [action for action in NEXT[self.state] if self.answered or not action.startswith("closed")]
        return allowed[number % len(allowed)] if allowed else None

    def act(self, action: str, now: datetime, number: int) -> None:
        """Let routing say what follows from an action."""
        life, agency = self.life, AGENCIES[number % len(AGENCIES)]
        if action == "deferred":
            self.before, self.basis["completion"] = self.state, life.sequence + 1
        if action in ("final", "interim"):
            self.answered = self.answered or action == "final"
            self.basis["reply"] = life.sequence + 1
        if action in ("transferred", "decided", "replied", "reopened"):
            self.answered = False
        deeds: dict[str, Callable[[], object]] = {
            "verified": lambda: life.verified(now),
            "deferred": lambda: life.deferred(now),
            "resumed": lambda: life.resumed(now, self.before),
            "transferred": lambda: life.transferred(now, agency),
            "transfer_requested": lambda: life.transfer_requested(now, "35"),
            "decided": lambda: life.transferred(now, agency, decided_by="35"),
            "final": lambda: life.followed_up(now),
            "interim": lambda: life.followed_up(now, final=False),
            "replied": lambda: life.replied(now),
            "extended": lambda: life.extended(now, 1 + number % 20),
            "reclassified": lambda: life.reclassified(now, KINDS[number % len(KINDS)]),
            "handed_down": lambda: life.handed_down(now, "35.22/dinas-perhubungan"),
            "acknowledged": lambda: life.acknowledged(now),
            "referred": lambda: life.referred(now),
            "archived": lambda: life.archived(now, OFFICE),
            "withdrawn": lambda: life.withdrawn(now),
            "closed": lambda: life.closed(now, OFFICE),
            "closed by reporter": lambda: life.closed(now, "reporter"),
            "reopened": lambda: life.reopened(now),
        }
        deeds[action]()

    def pass_until(self, now: datetime, late: timedelta = timedelta()) -> None:
        """Let timers go off, and let routing close or archive on what elapsed, where the case has not moved on."""
        self.life.pass_until(now, late)
        for data in self.life.said[self.heard :]:
            current = data.TYPE == "salur.deadline.elapsed.v1" and self.basis.get(data.clock) == data.basis  # type: ignore[attr-defined]
            if current and self.state == "followed_up" and self.answered:
                self.life.closed(now)
            elif current and self.state == "waiting_reporter":
                self.life.archived(now)
        self.heard = len(self.life.said)


def live_through(taken: Sequence[Step], *, watch: Watcher | None = None, again: bool = False) -> WatchedLife:
    """A case that goes a way the workflow allows; timers may be late, never early, and facts may be told `again`."""
    life = WatchedLife(shipped())
    way = Way(life)
    if watch is not None:
        life.watch = lambda said, at: watch(life, way, said, at)
    now = START
    life.routed(now)
    for choice, gap, late in taken:
        now += timedelta(minutes=gap)
        way.pass_until(now, timedelta(minutes=late))
        action = way.choose(choice)
        if action is None:
            break
        way.act(action, now, choice + gap)
        if again:
            for event, at in life.heard[-3:]:
                assert life.hear(event, at) == [], "what was told twice was heard twice"
    way.pass_until(FAR)
    way.pass_until(FAR)
    return life
