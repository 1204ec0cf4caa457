"""Connections are shared out so that a receiver which fails or is slow takes none from the others."""

from __future__ import annotations

from itertools import pairwise

import pytest

from services.notify.channels.attempt import TAKEN, Attempt
from services.notify.hosts import FORGET_SECONDS, LONGEST_PAUSE_SECONDS, REMEMBERED, Hosts
from services.notify.status import host_of

AWAY = Attempt("timeout", away=True)


def begin(hosts: Hosts, rooms: dict[str, int], now: float = 0.0) -> None:
    for name, room in rooms.items():
        for _ in range(room):
            hosts.begin(name, now)


def test_a_host_begins_with_one_and_gets_more_once_it_has_answered_fast() -> None:
    hosts = Hosts(at_once=100, per_host=8)
    begin(hosts, hosts.rooms(["a"], 0))
    assert hosts.rooms(["a"], 0) == {}
    hosts.end("a", TAKEN, 0.1, 1)
    assert hosts.rooms(["a"], 1) == {"a": 8}
    begin(hosts, {"a": 5}, 1)
    assert hosts.rooms(["a"], 1) == {"a": 3}


def test_one_that_says_no_fast_is_no_trouble_and_one_that_says_yes_slowly_is() -> None:
    hosts = Hosts(at_once=100, per_host=8)
    begin(hosts, {"no": 1, "slow": 1})
    hosts.end("no", Attempt("server_error"), 0.1, 1)
    hosts.end("slow", TAKEN, 3.0, 3)
    assert hosts.rooms(["no", "slow"], 3) == {"no": 8, "slow": 1}


def test_hosts_that_have_not_proven_themselves_share_half_of_the_connections() -> None:
    hosts = Hosts(at_once=20, per_host=8)
    begin(hosts, {"good": 1})
    hosts.end("good", TAKEN, 0.1, 0)
    rooms = hosts.rooms([*(f"sick{number}" for number in range(50)), "good"], 0)
    assert sum(room for name, room in rooms.items() if name != "good") == 10
    begin(hosts, rooms)
    assert rooms["good"] == 8
    assert hosts.rooms([f"more{number}" for number in range(50)], 0) == {}


def test_a_host_that_is_away_is_left_alone_for_longer_and_longer_and_tried_by_one_at_a_time() -> None:
    hosts, now, waits = Hosts(at_once=100, per_host=8), 0.0, []
    for _ in range(12):
        began = now
        while not (rooms := hosts.rooms(["a"], now)):
            now += 0.05
        waits.append(now - began)
        assert rooms == {"a": 1}
        begin(hosts, rooms, now)
        hosts.end("a", AWAY, 0.1, now)
    assert waits[0] == 0
    assert all(later >= earlier - 0.1 for earlier, later in pairwise(waits))
    assert LONGEST_PAUSE_SECONDS <= waits[-1] <= LONGEST_PAUSE_SECONDS + 0.1
    begin(hosts, {"a": 1}, now + 60)
    hosts.end("a", TAKEN, 0.1, now + 60)
    assert hosts.rooms(["a"], now + 60) == {"a": 8}


def test_a_host_that_asked_for_time_gets_it() -> None:
    hosts = Hosts(at_once=100, per_host=8)
    begin(hosts, {"a": 1})
    hosts.end("a", Attempt("throttled", away=True, after_seconds=120), 0.1, 0)
    assert hosts.rooms(["a"], 119) == {}
    assert hosts.rooms(["a"], 121) == {"a": 1}


def test_hosts_of_long_ago_are_forgotten_so_that_names_without_end_cost_no_memory() -> None:
    hosts = Hosts(at_once=10**9, per_host=8)
    for number in range(3 * REMEMBERED):
        now = number * FORGET_SECONDS / 1000
        hosts.begin(f"h{number}", now)
        hosts.end(f"h{number}", AWAY, 0.1, now)
    assert len(hosts._hosts) <= REMEMBERED + 1


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://a.test/x?y#z", "a.test:https"),
        ("https://A.test:8443", "a.test:8443"),
        ("http://[::1]:80/", "::1:80"),
        ("https://a.test:99999/", "?"),
        ("", ":"),
    ],
)
def test_receivers_are_told_apart_by_host_and_port(url: str, host: str) -> None:
    assert host_of(url) == host
