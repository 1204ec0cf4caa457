"""What operations staff watch of pulse; the lists hold the first few only, so that series stay few whatever the world does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from prometheus_client import Counter, Gauge

from chassis.metrics import Metrics


class PulseMetrics:
    """pulse's own metrics, in the process's registry beside the common ones."""

    def __init__(self, metrics: Metrics) -> None:
        registry = metrics.registry
        self._metrics = metrics
        self.unreadable = Counter("salur_pulse_unreadable_events", "Events that could not be read and were left out.", registry=registry)
        self.late = Counter("salur_pulse_late_events", "Counts that came after their window had passed and were left out.", registry=registry)
        self.said = Counter("salur_pulse_said", "Surges and silences told, and their ends.", registry=registry)
        self.cpu = Counter("salur_pulse_work_cpu_seconds", "Processor time of the process while its agents worked on batches.", registry=registry)
        self.waiting = Gauge("salur_pulse_waiting_counts", "Counts that wait until all partitions have been heard as far.", registry=registry)
        self.behind = Gauge("salur_pulse_behind_seconds", "Salur time between the clock and what was heard of all partitions.", registry=registry)
        self.surges = Gauge("salur_pulse_surges", "Surges that are on, in this process's partitions.", registry=registry)
        self.silences = Gauge("salur_pulse_silences", "Silences that are on, in this process's partitions.", ["about"], registry=registry)
        self._surge = Gauge("salur_pulse_surge_arrivals", "Arrivals of the largest surges that are on.", ["category", "region"], registry=registry)
        for about in ("agency", "publisher"):
            self.silences.labels(about)

    def count(self, *, unreadable: int = 0, **outcomes: int) -> None:
        """Count events by what became of them."""
        self.unreadable.inc(unreadable)
        self._metrics.count({outcome: number for outcome, number in outcomes.items() if number})

    def show_surges(self, largest: Sequence[tuple[str, str, int]]) -> None:
        """Show the largest surges: category, region, arrivals; what is over goes."""
        self._surge.clear()
        for category, region, arrivals in largest:
            self._surge.labels(category, region).set(arrivals)

    def show(self, views: Sequence[Mapping[str, Any]], *, behind: float, top: int) -> None:
        """Show what this process's partitions show, and how far behind the clock they are."""
        self.behind.set(max(0.0, behind))
        self.surges.set(sum(view["counts"]["surges"] for view in views))
        for about in ("agency", "publisher"):
            self.silences.labels(about).set(sum(view["counts"][about] for view in views))
        found = sorted((each for view in views for each in view["surges"]), key=lambda each: each["arrivals"], reverse=True)[:top]
        self.show_surges([(each["category"], each["region"], each["arrivals"]) for each in found])
