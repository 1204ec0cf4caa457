"""Gauges of shared state: there from the start, and gone from the page of a replica that does not measure them."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, generate_latest

from services.routing.metrics import RoutingMetrics


def test_what_is_not_measured_here_is_not_on_the_page() -> None:
    registry = CollectorRegistry()
    metrics = RoutingMetrics(registry)
    names = ("salur_cases_without_owner", "salur_triage_open")

    def figures() -> list[float | None]:
        return [registry.get_sample_value(name) for name in names]

    assert figures() == [0, 0]
    metrics.show(ownerless=2, triage=3)
    assert figures() == [2, 3]
    for _ in range(2):
        metrics.hide()
        assert (figures(), generate_latest(registry)) == ([None, None], b"")
    metrics.show(ownerless=0, triage=1)
    metrics.show(ownerless=0, triage=1)
    assert figures() == [0, 1]
