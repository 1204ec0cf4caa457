"""What operations staff watch of the carrying; every series exists from the start, with zeros."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.gc_collector import GCCollector
from prometheus_client.process_collector import ProcessCollector

OUTCOMES: Final = ("ok", "accepted", "duplicate", "rejected", "parked", "held", "sifted", "retried")
REASONS: Final = ("internal_error", "queued_behind", "undecodable", "unsupported_version")
QUEUES: Final = ("topic", "outbox", "parked", "held", "timers")


class Shared:
    """Gauges of shared state, shown by one replica at a time: hidden they are not on the page at all, for a zero would say that all is well."""

    def __init__(self, registry: CollectorRegistry, *gauges: Gauge) -> None:
        self._registry = registry
        self._gauges = gauges
        self._shown = True

    def show(self) -> None:
        """Show them, if they are not."""
        if not self._shown:
            for gauge in self._gauges:
                self._registry.register(gauge)
        self._shown = True

    def hide(self) -> None:
        """Stop showing them: another replica does, and a sum over replicas must not count twice."""
        if self._shown:
            for gauge in self._gauges:
                self._registry.unregister(gauge)
        self._shown = False


class Metrics:
    """The chassis's metrics of one process, in a registry of its own."""

    def __init__(self, service: str) -> None:
        self.registry = CollectorRegistry()
        self._service = service
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._events = Counter("salur_events", "Events by what became of them.", ["service", "outcome"], registry=self.registry)
        self.oldest = Gauge(
            "salur_oldest_unprocessed_age_seconds",
            "Age of the oldest thing that waits in a queue, in real seconds; 0 when nothing waits.",
            ["service", "queue"],
            registry=self.registry,
        )
        self.lateness = Histogram(
            "salur_timer_lateness_seconds",
            "Real time from a timer's due time to its firing.",
            ["service"],
            buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600),
            registry=self.registry,
        ).labels(service)
        self.batch = Histogram(
            "salur_batch_events",
            "Events a transaction carried.",
            ["service"],
            buckets=(1, 2, 5, 10, 25, 50, 100, 250, 500, 1000),
            registry=self.registry,
        ).labels(service)
        self.batch_seconds = Histogram(
            "salur_batch_duration_seconds", "Time of a batch from its begin to its commit.", ["service"], registry=self.registry
        ).labels(service)
        self.lag = Gauge("salur_consumer_lag_records", "Records that wait on this process's partitions.", ["service"], registry=self.registry).labels(
            service
        )
        self.published = Counter("salur_published", "Records acknowledged by the broker.", ["service"], registry=self.registry).labels(service)
        self.outbox = Gauge("salur_outbox_pending_records", "Records that wait to be published.", ["service"], registry=self.registry).labels(service)
        self.parked = Gauge("salur_parked_current", "Inputs that are parked now.", ["service", "reason"], registry=self.registry)
        self.ready = Gauge("salur_ready", "1 when the process takes part.", ["service"], registry=self.registry).labels(service)
        for outcome in OUTCOMES:
            self._events.labels(service, outcome)
        self.show_shared()

    def count(self, outcomes: Mapping[str, int]) -> None:
        """Count events by outcome."""
        for outcome, number in outcomes.items():
            self._events.labels(self._service, outcome).inc(number)

    def park(self, reason: str, number: int) -> None:
        """Say how many inputs are parked for a reason."""
        self.parked.labels(self._service, reason).set(number)

    def age(self, queue: str, seconds: float) -> None:
        """Say how long the oldest thing in a queue has waited."""
        self.oldest.labels(self._service, queue).set(seconds)

    def show_shared(self) -> None:
        """Begin to show the gauges of shared state, with zeros."""
        self.shows_shared = True
        for queue in QUEUES:
            self.oldest.labels(self._service, queue)
        for reason in REASONS:
            self.parked.labels(self._service, reason)

    def hide_shared(self) -> None:
        """Stop showing them: another replica does, and a sum over replicas must not count twice."""
        self.shows_shared = False
        self.oldest.clear()
        self.parked.clear()
