"""Each definition of contracts.md §7 and each decision of docs/contract.md, as lines and their answers."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from services.sla import compute
from services.sla.calendars import read_calendar
from services.sla.compute import LONGEST_LINE, Computer, lines
from services.sla.daytable import OutOfRangeError
from services.sla.worktime import Budget, due_at

NINE, ALL_DAY = [["09:00", "17:00"]], [["00:00", "24:00"]]
WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), NINE)
ALWAYS = dict.fromkeys((*WEEK, "sat", "sun"), ALL_DAY)


def ask(start: str, budget: dict[str, Any], weekly: Any = WEEK, zone: str = "UTC", **more: Any) -> dict[str, Any]:
    calendar = {"timezone": zone, "weekly": weekly, **{k: more.pop(k) for k in ("holidays", "exceptions") if k in more}}
    line = {"id": "x", "start": start, "budget": budget, "calendar": calendar, **more}
    answer: dict[str, Any] = orjson.loads(Computer().answer(orjson.dumps(line)))
    return answer


def due(start: str, budget: dict[str, Any], weekly: Any = WEEK, zone: str = "UTC", **more: Any) -> str:
    return str(ask(start, budget, weekly, zone, **more)["due_at"])


def days(n: int) -> dict[str, int]:
    return {"working_days": n}


def table(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (Path(__file__).parent / name).read_text(encoding="utf-8").splitlines()]


RULES = table("worktime_rules.ndjson")  # lines of `salur sla compute`; `id` says the rule, `due_at` the answer
BROKEN = table("worktime_broken.ndjson")  # what is changed in a good line, and the error it must give


@pytest.mark.parametrize("rule", RULES, ids=[rule["id"] for rule in RULES])
def test_rule(rule: dict[str, Any]) -> None:
    assert orjson.loads(Computer().answer(orjson.dumps(rule)))["due_at"] == rule["due_at"]


@pytest.mark.parametrize(
    ("until", "pauses", "expected"),
    [
        ("2024-06-03T12:00:00Z", [], 7200),
        ("2024-06-03T09:00:00Z", [], 0),
        ("2024-06-03T10:00:00Z", [], 0),
        ("2024-06-10T10:00:00Z", [], 40 * 3600),
        ("2024-06-03T10:00:00.5Z", [], 0.5),
        ("2024-06-03T12:00:00Z", [["2024-06-03T11:00:00Z", "2024-06-03T18:00:00Z"], ["2024-06-03T08:00:00Z", "2024-06-03T10:30:00Z"]], 1800),
        ("2024-06-03T12:00:00Z", [["2024-06-02T11:00:00Z", "2024-06-13T18:00:00Z"]], 0),
    ],
)
def test_elapsed_seconds_leave_out_closed_time_and_pauses(until: str, pauses: list[list[str]], expected: float) -> None:
    start = "2024-06-03T10:00:00+00:00"
    weekly = {day: [["09:00", "17:00"]] for day in WEEK}
    if until.startswith("2024-06-03T09"):
        start = "2024-06-04T10:00:00+00:00"  # until lies before the start
    assert ask(start, days(1), weekly, until=until, pauses=pauses)["elapsed_working_seconds"] == expected


def test_a_window_does_not_work_while_another_date_is_shown() -> None:
    weekly, until = {"sun": [["00:00", "09:00"]]}, "2010-11-07T03:30:00Z"
    assert ask("2010-11-06T12:00:00Z", days(1), weekly, "America/St_Johns", until=until)["elapsed_working_seconds"] == 60


def test_very_large_budgets_are_answered() -> None:
    last = date(2024, 6, 3) + timedelta(weeks=10_000 // 5)
    assert due("2024-06-03T10:00:00+00:00", days(10_000)) == f"{last}T23:59:59+00:00"
    assert due("2024-01-01T00:00:00+00:00", {"working_seconds": 3653 * 86400}, ALWAYS) == "2034-01-01T00:00:00+00:00"


@pytest.mark.parametrize("broken", BROKEN, ids=[f"{i}-{broken['code']}-{broken['path']}" for i, broken in enumerate(BROKEN)])
def test_a_line_that_cannot_be_read_is_answered_with_its_reason(broken: dict[str, Any]) -> None:
    change, code, path = broken["change"], broken["code"], broken["path"]
    line = {"id": 7, "start": "2024-06-03T10:00:00Z", "budget": days(1), "calendar": {"timezone": "UTC", "weekly": WEEK}} | change
    computer = Computer()
    answer = orjson.loads(computer.answer(json.dumps(line).encode()))
    assert list(answer) == ["id", "error"]
    assert (answer["error"]["code"], answer["error"]["path"]) == (code, path)
    assert answer["id"] == (None if path == "/id" else 7)
    assert computer.failed == 1


@pytest.mark.parametrize("line", [b"{", b"\xff", b'{"id":"x","a":NaN}', b'{"id":"\\ud800"}', b"[" * 100_000, b"nul"])
def test_what_is_not_json_is_answered(line: bytes) -> None:
    answer = orjson.loads(Computer().answer(line))
    assert answer == {"id": None, "error": {"code": "malformed_json", "path": "", "message": "is not JSON"}}


@pytest.mark.parametrize("line", [b"[]", b"5", b"null", b'"x"'])
def test_json_that_is_no_object_is_answered(line: bytes) -> None:
    assert orjson.loads(Computer().answer(line))["error"]["code"] == "schema_violation"


def test_the_message_never_repeats_a_value() -> None:
    secret = "3578012345670001"
    for change in ({"start": secret}, {"due": secret}, {"calendar": secret}, {"calendar": {"timezone": secret}}, {"until": secret}):
        line = {"id": 1, "start": "2024-06-03T10:00:00Z", "budget": days(1), "calendar": "id-national"} | change
        assert secret not in Computer().answer(orjson.dumps(line)).decode()


def test_lines_are_cut_out_of_chunks_of_any_size() -> None:
    text = b"\xef\xbb\xbfone\r\n\n  \ntwo\nthree"
    for size in (1, 2, 3, 7, 100):
        chunks = [text[i : i + size] for i in range(0, len(text), size)]
        assert [line for batch in lines(chunks) for line in batch] == [b"one\r", b"two", b"three"]


def test_a_line_too_long_is_answered_without_being_kept() -> None:
    found = [line for batch in lines([b"x" * LONGEST_LINE] * 5 + [b"\nnext\n"]) for line in batch]
    assert [len(line) <= LONGEST_LINE + 1 for line in found] == [True, True]
    assert orjson.loads(Computer().answer(found[0]))["error"]["code"] == "too_large"


def test_because_names_each_skipped_day_each_pause_and_what_is_not_decreed() -> None:
    line = {"id": "x", "start": "2027-12-30T10:00:00+07:00", "budget": days(2), "calendar": "id-national"}
    line["pauses"] = [["2027-12-31T10:00:00+07:00", "2028-01-01T10:00:00+07:00"]]
    assert orjson.loads(Computer().answer(orjson.dumps(line)))["because"] == [
        "calendar id-national-1 in Asia/Jakarta",
        "2027-12-30 is day 0",
        "paused from 2027-12-31T10:00:00+07:00 until 2028-01-01T10:00:00+07:00",
        "2027-12-31 does not count: paused at its end",
        "2028-01-01 does not count: Saturday",
        "2028-01-02 does not count: Sunday",
        "2028-01-03 is day 1",
        "2028-01-04 is day 2",
        "holidays of 2028 are not decreed in this calendar version",
        "due 2028-01-04T23:59:59+07:00",
    ]


def test_because_tells_a_counted_day_that_the_zone_skipped() -> None:
    for n in (1, 2):
        told = ask("2011-12-28T00:00:00.000001-10:00", {"calendar_days": n}, zone="Pacific/Apia")["because"]
        counted = ["2011-12-29 is day 1", "2011-12-30 is day 2"][:n]
        assert told[1:] == ["2011-12-28 is day 0", *counted, "due 2011-12-29T23:59:59-10:00"]


def test_because_writes_every_offset_as_rfc_3339_does() -> None:
    pause = ["1971-06-02T00:44:30Z", "1971-06-02T01:00:00Z"]
    told = ask("1971-06-01T09:00:00Z", days(1), ALWAYS, "Africa/Monrovia", pauses=[pause])["because"]
    assert told[2] == f"paused from {pause[0]} until {pause[1]}"
    assert told[-1] == "due 1971-06-03T00:44:29Z"


def test_because_tells_all_working_time_where_the_date_before_is_shown_again() -> None:
    answer = ask("2010-11-07T02:30:30Z", {"working_seconds": 7230}, ALWAYS, "America/St_Johns", until="2010-11-07T03:30:00Z")
    assert answer["elapsed_working_seconds"] == 3570
    assert answer["because"][1:] == ["2010-11-07: 7230 working seconds", "due 2010-11-07T01:01:00-03:30"]


@pytest.mark.parametrize("depth", [100, 400, 1000])
def test_an_unknown_member_of_a_calendar_may_be_nested_as_deep_as_json_is_read(depth: int) -> None:
    deep = b"[" * depth + b"]" * depth
    calendar = b'{"timezone":"UTC","weekly":{"tue":[["09:00","17:00"]]},"x":%s}'
    line = b'{"id":1,"start":"2024-06-03T10:00:00Z","budget":{"working_days":1},"calendar":' + calendar + b"}"
    assert orjson.loads(Computer().answer(line % deep))["due_at"] == "2024-06-04T23:59:59+00:00"
    answer = orjson.loads(Computer().answer(line.replace(b'[["09:00","17:00"]]', deep) % b"0"))
    assert (answer["error"]["code"], answer["error"]["path"]) == ("schema_violation", "/calendar/weekly/tue/0")


def test_no_answer_of_the_engine_lies_beyond_its_years() -> None:
    calendar = read_calendar({"timezone": "UTC", "weekly": WEEK})
    with pytest.raises(OutOfRangeError):
        due_at(datetime(2499, 12, 30, 9, tzinfo=UTC), Budget(working_time=timedelta(days=1)), calendar)


def test_a_bug_costs_its_own_line_alone_and_says_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "3578012345670001"

    def broken(*_: object, **__: object) -> None:
        raise KeyError(secret)

    line, computer = orjson.dumps({"id": 1, "start": "2024-06-03T10:00:00Z", "budget": days(1), "calendar": "id-national"}), Computer()
    with monkeypatch.context() as patched:
        patched.setattr(compute, "explain", broken)
        error = orjson.loads(computer.answer(line))["error"]
    assert (error["code"], error["path"], computer.failed) == ("internal_error", "", 1)
    assert "KeyError at test_worktime_rules.py:" in error["message"]
    assert secret not in error["message"]
    assert "due_at" in orjson.loads(computer.answer(line))
