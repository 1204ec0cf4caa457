"""What operations staff watch of sla; every series exists from the start, with zeros."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge

from chassis.draft import Draft
from chassis.metrics import Shared
from schemas.sla.deadline_breached_v1 import DeadlineBreached
from schemas.words import Clock, Level
from services.sla.clocks import Count, SlaState
from services.sla.directory import NATIONAL, Directory


class SlaMetrics:
    """sla's own metrics. The agency label stands on one gauge only: 700 agencies by 3 states are its budget of series."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._open = Gauge("salur_cases_open", "Open cases by owner and by the worst of their clocks.", ["agency", "sla_state"], registry=registry)
        self._clockless = Gauge("salur_cases_without_clock", "Open cases for which no clock runs and none is breached.", registry=registry)
        self._armed = Gauge("salur_timers_armed", "Timers that are set.", registry=registry)
        self._overdue = Gauge("salur_timers_overdue", "Timers that are due and have not fired yet; 100,000 at most are counted.", registry=registry)
        self._breaches = Counter("salur_sla_breaches", "Breached clocks, by clock and level of agency.", ["class", "level"], registry=registry)
        for clock in Clock:
            for level in Level:
                self._breaches.labels(clock, level)
        self._shared = Shared(registry, self._clockless, self._armed, self._overdue)
        self._shown: set[tuple[str, str]] = set()
        self._show(NATIONAL)

    def show(self, counts: Iterable[Count], agencies: Iterable[str], overdue: int) -> None:
        """Show the counts of open cases; an agency without any shows zeros."""
        for agency in agencies:
            self._show(agency)
        clockless = armed = 0
        for count in counts:
            self._shown.add((count.agency, count.sla_state))
            self._open.labels(count.agency, count.sla_state).set(count.cases)
            clockless += count.clockless
            armed += count.timers
        self._clockless.set(clockless)
        self._armed.set(armed)
        self._overdue.set(overdue)
        self._shared.show()

    def hide(self) -> None:
        """Leave the gauges to another replica."""
        self._open.clear()
        self._shown.clear()
        self._shared.hide()

    def count(self, draft: Draft, directory: Directory) -> None:
        """Count the breaches that a commit has said."""
        for data in draft.said:
            if type(data) is DeadlineBreached:
                self._breaches.labels(data.clock, directory.find(data.agency).level).inc()

    def _show(self, agency: str) -> None:
        for state in SlaState:
            if (agency, state) not in self._shown:
                self._shown.add((agency, state))
                self._open.labels(agency, state).set(0)
