"""What the live view shows: counters for each stage, and the latest facts as sentences. Pure."""

from __future__ import annotations

from collections import Counter, deque
from datetime import datetime
from typing import Any, Final

from deploy.demo.evidence import Fact
from deploy.demo.settings import WIB

STORY_LINES: Final = 8
DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


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
        if fact.what == "case.routed" and fact.data["triage"]:
            self.counts["triage"] += 1
        sentence = tell(fact)
        if sentence is not None:
            self.story.append((fact.time, fact.tracking, sentence))
            self.lines += 1


def tell(fact: Fact) -> str | None:
    """Return a fact as a sentence for people, None when it would only be noise in the story."""
    data = fact.data
    match fact.what:
        case "case.routed":
            return f"{'in triage at' if data['triage'] else 'routed to'} {data['owner']}"
        case "case.verified":
            return f"verified by {data['owner']}"
        case "case.transferred":
            return f"handed over: {data['from']} → {data['to']}"
        case "case.transfer_requested":
            return f"{data['owner']} asks {data['decider']} whose it is"
        case "case.followed_up":
            return f"{'answered' if data['final'] else 'interim answer'} by {data['owner']}"
        case "case.closed":
            return f"closed by {_who(data['by'])}"
        case "deadline.warned":
            return f"{data['clock']}: {data['consumed_percent']} % used at {data['agency']}"
        case "deadline.breached":
            return f"BREACH of {data['clock']} at {data['agency']}"
        case "escalation.raised":
            return f"escalated to {data['to']} (level {data['level']})"
        case "escalation.unaddressed":
            return "escalated, and nobody is left above"
    return None


def moment(at: datetime) -> str:
    """Return a Salur time for people, in Jakarta: `Mon 03 Mar 10:15`."""
    local = at.astimezone(WIB)
    return f"{DAYS[local.weekday()]} {local:%d %b %H:%M}"


def _who(by: Any) -> str:
    return str(by.get("agency")) if isinstance(by, dict) else str(by)
