"""What operations staff watch of intake's doors."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram

OUTCOMES: Final = ("accepted", "duplicate", "conflict", "invalid", "unauthorised", "limited", "error")
METHODS: Final = ("GET", "POST")


@dataclass(slots=True)
class Told:
    """What a request came to; an error until it is known better."""

    outcome: str = "error"


class IntakeMetrics:
    """Requests over HTTP by method and outcome: GET reads the tracking view or a content, POST brings submissions."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._requests = Counter("salur_intake_requests", "Requests by what became of them.", ["method", "outcome"], registry=registry)
        self._seconds = Histogram(
            "salur_intake_request_duration_seconds",
            "Time from a request's arrival to its answer.",
            ["method"],
            buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
            registry=registry,
        )
        for method in METHODS:
            self._seconds.labels(method)
            for outcome in OUTCOMES:
                self._requests.labels(method, outcome)

    @contextmanager
    def request(self, method: str) -> Iterator[Told]:
        """Count a request when it is over, with the outcome that was noted meanwhile, and the time it took."""
        told, started = Told(), time.perf_counter()
        try:
            yield told
        finally:
            self._requests.labels(method, told.outcome).inc()
            self._seconds.labels(method).observe(time.perf_counter() - started)
