"""What operations staff watch of routing."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Gauge


class RoutingMetrics:
    """Gauges of shared state: shown by one replica at a time, with zeros from the start; what is hidden is not on the page at all."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self._ownerless = Gauge("salur_cases_without_owner", "Cases without an owner: their first event is parked.", [], registry=registry)
        self._triage = Gauge("salur_triage_open", "Cases that wait for a coordinator to find their agency.", [], registry=registry)
        self._shown = True

    def show(self, *, ownerless: int, triage: int) -> None:
        """Set both."""
        self._ownerless.set(ownerless)
        self._triage.set(triage)
        if not self._shown:
            self._registry.register(self._ownerless)
            self._registry.register(self._triage)
        self._shown = True

    def hide(self) -> None:
        """Stop showing: another replica does, and a number that nobody measures here any more must not look like one that is."""
        if self._shown:
            self._registry.unregister(self._ownerless)
            self._registry.unregister(self._triage)
        self._shown = False
