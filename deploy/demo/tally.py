"""What the live view shows: counters for each stage, and the latest facts as sentences. Pure."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from deploy.demo.evidence import Fact
from deploy.demo.settings import WIB

STORY_LINES: Final = 8
DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
ASIDE: Final = frozenset({"case.archived", "case.referred", "case.withdrawn"})
"""Ends without an answer."""


_SENTENCES: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "case.routed": lambda data: f"{'in triage at' if data['triage'] else 'routed to'} {data['owner']}",
    "case.verified": lambda data: f"verified by {data['owner']}",
    "case.transferred": lambda data: f"handed over: {data['from']} → {data['to']}",
    "case.transfer_requested": lambda data: f"{data['owner']} asks {data['decider']} whose it is",
    "case.followed_up": lambda data: f"{'answered' if data['final'] else 'interim answer'} by {data['owner']}",
    "case.closed": lambda data: f"closed by {_who(data['by'])}",
    "case.deferred": lambda data: f"{data['owner']} asks the reporter; clocks stand still",
    "case.resumed": lambda _: "goes on; clocks run again",
    "case.replied": lambda _: "the reporter replies: not done yet",
    "case.handed_down": lambda data: f"handed down to {data['to']}",
    "case.extended": lambda data: f"{data['days']} more working days taken by {data['owner']}",
    "case.reclassified": lambda data: f"reclassified by {data['owner']}",
    "case.referred": lambda data: f"referred outside by {data['owner']}",
    "case.archived": lambda data: f"archived by {_who(data['by'])}: {data['reason']}",
    "case.withdrawn": lambda _: "withdrawn by the reporter",
    "case.reopened": lambda data: f"reopened by {_who(data['by'])}",
    "deadline.warned": lambda data: f"{data['clock']}: {data['consumed_percent']} % used at {data['agency']}",
    "deadline.breached": lambda data: f"BREACH of {data['clock']} at {data['agency']}",
    "escalation.raised": lambda data: f"escalated to {data['to']} (level {data['level']})",
    "escalation.unaddressed": lambda _: "escalated, and nobody is left above",
}


class Tally:
    """Counts facts as they come."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.story: deque[tuple[datetime, str, str]] = deque(maxlen=STORY_LINES)
        self.lines = 0

    def hear(self, fact: Fact) -> None:
        """Count a fact, and tell it when it is worth a line."""
        self.counts["facts"] += 1
        self.counts[fact.what] += 1
        if fact.what == "receipt":
            self.counts[f"receipt {fact.data['outcome']}"] += 1
        if fact.what == "notice.delivered":
            self.counts[f"delivered by {fact.data['channel']}"] += 1
        self.counts["aside"] += fact.what in ASIDE
        if fact.what == "case.routed" and fact.data["triage"]:
            self.counts["triage"] += 1
        sentence = tell(fact)
        if sentence is not None:
            self.story.append((fact.time, fact.tracking, sentence))
            self.lines += 1


def tell(fact: Fact) -> str | None:
    """Return a fact as a sentence for people, None when it would only be noise in the story."""
    sentence = _SENTENCES.get(fact.what)
    return None if sentence is None else sentence(fact.data)


def moment(at: datetime) -> str:
    """Return a Salur time for people, in Jakarta: `Mon 03 Mar 10:15`."""
    local = at.astimezone(WIB)
    return f"{DAYS[local.weekday()]} {local:%d %b %H:%M}"


def _who(by: Any) -> str:
    return str(by.get("agency")) if isinstance(by, dict) else str(by)
