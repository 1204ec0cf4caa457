"""Gauges of shared state: there from the start, and gone from the page of a replica that does not measure them."""

from __future__ import annotations

from prometheus_client import CollectorRegistry

from services.sla.clocks import Count, SlaState
from services.sla.metrics import SlaMetrics

NAMES = ("salur_cases_without_clock", "salur_timers_armed", "salur_timers_overdue")


def test_what_is_not_measured_here_is_not_on_the_page() -> None:
    registry = CollectorRegistry()
    metrics = SlaMetrics(registry)
    of_id = {"agency": "ID", "sla_state": "on_time"}

    def figures() -> list[float | None]:
        return [*(registry.get_sample_value(name) for name in NAMES), registry.get_sample_value("salur_cases_open", of_id)]

    assert figures() == [0, 0, 0, 0]
    metrics.show([Count("ID", SlaState.ON_TIME, 4, 1, 6)], ["ID"], 2)
    assert figures() == [1, 6, 2, 4]
    for _ in range(2):
        metrics.hide()
        assert figures() == [None, None, None, None]
    metrics.show([], ["ID"], 0)
    assert figures() == [0, 0, 0, 0]
