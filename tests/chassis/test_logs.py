"""What a log line says, and how often the driver may say it."""

from __future__ import annotations

import json
import logging

import pytest

from chassis.logs import QUIET_SECONDS, JsonLines, SeldomDriver


def said(logger: str, text: str, at: float, *values: object) -> logging.LogRecord:
    record = logging.LogRecord(logger, logging.ERROR, "", 0, text, values, None)
    record.created = at
    return record


def test_the_driver_says_one_thing_seldom_and_how_often_it_was_left_out() -> None:
    seldom, lines = SeldomDriver(), JsonLines("intake", 1)
    records = [said("aiokafka.client", "Unable connect to node with id %s", second / 10, second) for second in range(900)]
    passed = [json.loads(lines.format(record)) for record in records if seldom.filter(record)]
    assert len(passed) == 90 / QUIET_SECONDS
    assert [line.get("left_out") for line in passed] == [None, "299", "299"]


@pytest.mark.parametrize("second", [said("aiokafka.client", "another thing", 0.1), said("aiokafka.consumer", "a thing", 0.1)])
def test_what_else_the_driver_has_to_say_is_heard_at_once(second: logging.LogRecord) -> None:
    seldom = SeldomDriver()
    assert seldom.filter(said("aiokafka.client", "a thing", 0.0))
    assert seldom.filter(second)


def test_our_own_lines_all_pass() -> None:
    seldom = SeldomDriver()
    assert all(seldom.filter(said("chassis.retry", "the same", 0.0)) for _ in range(10))
