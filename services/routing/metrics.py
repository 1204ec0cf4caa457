"""What operations staff watch of routing."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Gauge

from chassis.metrics import Shared


class RoutingMetrics:
    """Gauges of shared state, with zeros from the start."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._ownerless = Gauge("salur_cases_without_owner", "Cases without an owner: their first event is parked.", [], registry=registry)
        self._triage = Gauge("salur_triage_open", "Cases that wait for a coordinator to find their agency.", [], registry=registry)
        self._shared = Shared(registry, self._ownerless, self._triage)

    def show(self, *, ownerless: int, triage: int) -> None:
        """Set both."""
        self._ownerless.set(ownerless)
        self._triage.set(triage)
        self._shared.show()

    def hide(self) -> None:
        """Leave them to another replica."""
        self._shared.hide()
