"""A partition's desk, on Faust's table without a broker: what is held back, what is folded, and what a restart finds again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from services.pulse.desk import Desk
from services.pulse.engine import Engine
from services.pulse.floods import Floods
from services.pulse.kept import Kept
from services.pulse.ledgers import Ledgers
from services.pulse.page import Page, line
from services.pulse.reading import Sieve
from services.pulse.reference_data import read_reference
from services.pulse.settings import PulseSettings
from services.pulse.totals import Totals
from services.pulse.views import merged, view

REFERENCE = read_reference()
START = int(datetime(2026, 3, 3, 2, 0, tzinfo=UTC).timestamp())
HOUR = 3600


@dataclass
class House:
    """A desk that can be made anew from what its table holds, as after a restart."""

    settings: PulseSettings = field(default_factory=PulseSettings)
    now: datetime = field(default_factory=lambda: datetime.fromtimestamp(START, UTC))
    offset: int = -1

    def __post_init__(self) -> None:
        self.engine = Engine(self.settings, Sieve({}), "test")
        self.desk = self.made()

    def made(self) -> Desk:
        kept = Kept(0, self.engine.rows, lambda: self.now, self.settings.news)
        ledgers = Ledgers(kept, self.settings.patience, REFERENCE, window_s=24 * HOUR, most=2)
        return Desk(kept, Floods(kept, self.settings.tuning, REFERENCE), ledgers, Totals(kept))

    def take(self, *, series=(), agencies=(), publishers=(), offset: int | None = None) -> int:
        self.offset += 1
        message = {"series": series, "agencies": agencies, "publishers": publishers}
        return self.desk.take(self.offset if offset is None else offset, orjson.loads(orjson.dumps(message)))

    def told(self) -> list[tuple[str, int, dict[str, Any]]]:
        return [
            (event["type"].split(".", 1)[1], event["sequence"], event["data"])
            for event in (orjson.loads(record.value or b"") for record in self.desk.kept.unsaid())
        ]

    def cases(self, topic: str = "banjir") -> int:
        return sum(self.desk.totals.topics.get(topic, {}).values())


@pytest.fixture
def house() -> House:
    return House()


def test_what_lies_ahead_of_the_watermark_waits_and_is_counted_once(house: House):
    house.take(series=[["banjir", "35.22.05", START + 600, 5]])
    house.desk.release(START)
    assert (house.cases(), house.desk.held) == (0, 1)
    house.desk.release(START + 600)
    assert (house.cases(), house.desk.held) == (5, 0)
    house.desk.release(START + 900)
    assert house.cases() == 5


def test_what_is_delivered_again_after_a_restart_is_not_counted_again(house: House):
    house.take(series=[["banjir", "35.22.05", START, 5], ["banjir", "35.22.05", START + 1200, 7]])
    house.desk.release(START + 300)
    house.desk = house.made()
    assert house.cases() == 5
    house.take(offset=0, series=[["banjir", "35.22.05", START, 5], ["banjir", "35.22.05", START + 1200, 7]])
    house.desk.release(START + 1200)
    assert house.cases() == 12


def test_a_flood_is_said_until_it_is_acknowledged_and_survives_a_restart(house: House):
    house.take(series=[["banjir", "35.22.05", START, 50]])
    house.desk.release(START + 60)
    (said,) = house.told()
    assert (said[0], said[1], said[2]["region"]) == ("surge.detected.v1", 1, "35.22.05")
    before = [record.value for record in house.desk.kept.unsaid()]
    house.desk = house.made()
    assert [record.value for record in house.desk.kept.unsaid()] == before
    house.desk.kept.said()
    house.desk = house.made()
    assert house.told() == []
    house.take(series=[["banjir", "35.22.05", START + 300, 30]])
    house.desk.release(START + 300)
    assert house.told() == []
    for minute in range(6, 140):
        house.desk.release(START + 60 * minute)
    ((what, sequence, data),) = house.told()
    assert (what, sequence, data["region"], data["observed"]) == ("surge.ended.v1", 2, "35.22.05", 80)


def test_old_floods_are_learned_and_not_told_and_neither_is_their_end(house: House):
    house.now = datetime.fromtimestamp(START, UTC) + timedelta(days=3)
    house.take(series=[["banjir", "35.22.05", START, 50]])
    house.desk.release(START + 60)
    assert (house.told(), view(house.desk)["counts"]["surges"]) == ([], 1)
    house.now = datetime.fromtimestamp(START, UTC)
    for minute in range(2, 140):
        house.desk.release(START + 60 * minute)
    assert (house.told(), view(house.desk)["counts"]["surges"]) == ([], 0)


def test_what_comes_later_than_its_window_is_left_out_and_counted_as_late(house: House):
    house.take(series=[["banjir", "35.22.05", START, 1]])
    house.desk.release(START + 3 * HOUR)
    house.take(series=[["banjir", "35.22.05", START + HOUR, 50]])
    house.desk.release(START + 3 * HOUR + 1)
    assert house.told() == []
    assert house.desk.late() == 50
    assert house.desk.late() == 0


def test_a_backlog_is_judged_step_by_step_in_its_own_time(house: House):
    steps = range(START, START + 6 * HOUR, 300)
    house.take(series=[["banjir", "35.22.05", step, 50 if step == START + HOUR else 0] for step in steps if step == START + HOUR])
    house.take(series=[["jalan", "35.22.05", step, 1] for step in steps])
    house.desk.release(START + 6 * HOUR)
    assert [what for what, _, _ in house.told()][:1] == ["surge.detected.v1"]
    assert house.desk.late() == 0


def test_what_came_while_we_were_away_is_not_late_for_the_step_in_which_we_stopped(house: House):
    house.take(series=[["jalan", "35.22.05", START, 1]])
    house.desk.release(START + 60)
    steps = range(START, START + 6 * HOUR, 300)
    house.take(series=[["jalan", "35.22.05", step, 90 if step == START + 3 * HOUR else 1] for step in steps])
    house.desk.release(START + 6 * HOUR)
    assert house.desk.late() == 0
    assert [what for what, _, _ in house.told()] == ["surge.detected.v1"]


def test_a_surge_that_ended_while_we_were_away_has_ended_then(house: House):
    house.take(series=[["banjir", "35.22.05", START, 50]])
    house.desk.release(START + 60)
    house.desk.kept.said()
    house.desk = house.made()
    house.desk.release(START + 8 * HOUR)
    ((what, _, data),) = house.told()
    assert what == "surge.ended.v1"
    assert datetime.fromisoformat(data["window"]["until"]).timestamp() <= START + 2 * HOUR


def test_an_agency_that_does_nothing_is_told_after_its_working_days(house: House):
    house.take(
        agencies=[["35.22", "arrived", START, 2, START + 5], ["35.23", "arrived", START, 1, START], ["35.23", "acted", START + 300, 1, START + 300]]
    )
    for day in range(1, 20):
        house.now = datetime.fromtimestamp(START + day * 24 * HOUR, UTC)
        house.desk.release(START + day * 24 * HOUR)
    ((what, _, data),) = house.told()
    assert (what, data["agency"], data["working_days"], data["expected"]) == ("silence.detected.v1", "35.22", 8, 2.0)
    assert [each["who"] for each in view(house.desk)["silences"]] == ["35.22"]
    house.desk.kept.said()
    house.desk = house.made()
    house.take(agencies=[["35.22", "followed", START + 19 * 24 * HOUR, 1, START + 19 * 24 * HOUR]])
    house.desk.release(START + 19 * 24 * HOUR + 60)
    assert [(what, data["agency"]) for what, _, data in house.told()] == [("silence.ended.v1", "35.22")]


def test_only_so_many_publishers_are_watched(house: House):
    house.take(publishers=[[f"urn:{n}", "accepted", START, 1, START] for n in range(5)])
    house.desk.release(START)
    assert len(view(house.desk)["publishers"]) == 2
    assert house.desk.ledgers.unwatched == 3


def test_views_of_partitions_add_up_and_keep_to_their_places(house: House):
    other = House()
    for each, region, number in ((house, "35.22", 4), (other, "73.06", 9)):
        each.take(series=[["banjir", region, START, number], ["jalan", "", START, 1]], agencies=[["35.22", "arrived", START, number, START]])
        each.desk.release(START)
    shown = merged([view(house.desk), view(other.desk)], house.now, REFERENCE.names, top=1, window_hours=24)
    (category,) = shown["rates"]["categories"]
    assert (category["category"], category["cases"], category["hours"][-1]) == ("banjir", 13, 13)
    assert shown["rates"]["cases"] == 15
    assert [(place["region"], place["last_hour"]) for place in shown["rates"]["places"]] == [("73.06", 9)]


def test_what_publishers_call_themselves_is_escaped_on_the_page(house: House):
    house.take(publishers=[["<script>alert(1)</script>", "accepted", START, 1, START]])
    house.desk.release(START)
    shown = merged([view(house.desk)], house.now, REFERENCE.names, top=5, window_hours=24)
    page = Page(REFERENCE).write(shown, "id").body.decode()
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_a_line_of_nothing_is_flat_and_its_largest_value_touches_the_top():
    assert line([]) == ""
    assert line([0, 0]) == "M0.0 23.0L100.0 23.0"
    assert line([0, 5, 10]).endswith("L100.0 1.0")
