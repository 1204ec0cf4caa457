"""What operations staff watch: well-formed, there from the start with zeros, and bounded."""

from __future__ import annotations

import asyncio
import shutil
from asyncio.subprocess import PIPE, STDOUT

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.system.stack import SERVICES, Town

EVERYWHERE = {"salur_oldest_unprocessed_age_seconds", "salur_parked_current", "salur_events_total", "salur_timer_lateness_seconds_count"}
OWN = {
    "intake": set(),
    "routing": {"salur_cases_without_owner"},
    "sla": {"salur_cases_open", "salur_cases_without_clock"},
    "notify": {"salur_notices_without_recipient"},
}
MOST_SERIES = 10_000
"""Of all services together (contracts §8)."""


def samples(page: str) -> list[tuple[str, dict[str, str], float]]:
    return [(sample.name, sample.labels, sample.value) for family in text_string_to_metric_families(page) for sample in family.samples]


@pytest.mark.parametrize("service", SERVICES)
async def test_promtool_finds_nothing_to_complain_of(town: Town, service: str):
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("not run: promtool is not here (Debian package prometheus)")
    page = (await town.pages())[f"{service}-1"]
    checking = await asyncio.create_subprocess_exec(promtool, "check", "metrics", stdin=PIPE, stdout=PIPE, stderr=STDOUT)
    said, _ = await asyncio.wait_for(checking.communicate(page.encode()), 30)
    assert (checking.returncode, said) == (0, b"")


@pytest.mark.parametrize("service", SERVICES)
async def test_the_metrics_that_are_promised_exist_before_anything_happened_with_zeros(town: Town, service: str):
    found = samples(town.first_pages[f"{service}-1"])
    names = {name for name, _, _ in found}
    assert EVERYWHERE | OWN[service] <= names
    outcomes = {labels["outcome"]: value for name, labels, value in found if name == "salur_events_total" and labels["service"] == service}
    assert {"ok", "accepted", "duplicate", "rejected", "parked"} <= outcomes.keys()
    assert [value for name, _, value in found if name in ("salur_parked_current", *OWN[service]) and value] == []


async def test_the_agency_label_stands_on_one_gauge_and_series_stay_within_their_bound(town: Town):
    pages = await town.pages()
    found = [sample for page in pages.values() for sample in samples(page)]
    assert {name for name, labels, _ in found if "agency" in labels} == {"salur_cases_open"}
    assert {tuple(sorted(labels)) for name, labels, _ in found if name == "salur_cases_open"} == {("agency", "sla_state")}
    # 607 agencies by three states will come with use
    assert len(found) - sum(name == "salur_cases_open" for name, _, _ in found) + 607 * 3 < MOST_SERIES
    assert len(found) < MOST_SERIES


async def test_pages_are_of_the_kind_that_prometheus_expects(town: Town):
    async with httpx.AsyncClient(timeout=10) as http:
        for service in SERVICES:
            answer = await http.get(f"{town.url(service)}/metrics")
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith("text/plain; version=")
