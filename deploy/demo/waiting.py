"""What has been begun and has not ended yet, as the topics tell it: the run is over when nothing of it is left. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from deploy.demo.evidence import Fact

_ENDS: Final = frozenset({"deadline.met", "deadline.cancelled", "deadline.elapsed", "deadline.breached", "deadline.paused"})
"""After these none of it is due: a pause ends with the case's completion clock at the latest."""
_DONE: Final = frozenset({"notice.delivered", "notice.undeliverable"})


class Waiting:
    """Clocks that run (a breached one only waits for its office, a paused one for the reporter) and notices on their way.

    `mails` have been queued so far, `heard` counts the facts.
    """

    def __init__(self) -> None:
        self.clocks: dict[tuple[str, str], datetime] = {}
        self.cases: set[str] = set()
        self._queued: set[str] = set()
        self.mails = 0
        self.heard = 0
        self._done: set[str] = set()

    @property
    def notices(self) -> int:
        """Return how many notices have been queued and are not ended."""
        return len(self._queued - self._done)

    @property
    def told(self) -> int:
        """Return how many notices have been queued so far."""
        return len(self._queued)

    def overdue(self, now: datetime) -> int:
        """Return how many clocks should have ended or breached by `now`."""
        return sum(due < now for due in self.clocks.values())

    def hear(self, fact: Fact) -> None:
        """Take a fact in."""
        self.heard += 1
        if fact.what in {"deadline.set", "deadline.moved", "deadline.resumed"}:
            if fact.instant("due_at") > fact.time or fact.what == "deadline.set":  # else it is breached already and stays so
                self.clocks[fact.case_id, fact.data["clock"]] = fact.instant("due_at")
        elif fact.what in _ENDS:
            self.clocks.pop((fact.case_id, fact.data["clock"]), None)
        elif fact.what == "notice.queued":
            self._queued.add(fact.data["notice_id"])
            self.mails += fact.data["channel"] == "mail"
        elif fact.what in _DONE:
            self._done.add(fact.data["notice_id"])
        elif fact.what == "complaint.accepted":
            self.cases.add(fact.case_id)
