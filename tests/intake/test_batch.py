"""Batches: a thousand lines at once, a receipt each."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import orjson
import pytest

from chassis.door import Handled, Letter
from chassis.item import Origin, Raw, Reply, Unreadable
from schemas.base import ACCEPTED
from services.intake.batch import hand_in, split
from tests.intake.conftest import OPEN, Running, event_of
from tests.intake.test_submissions import FIELDS

PATH = "/v1/complaints:batch"
MIB4 = 4 * 1024 * 1024


def line(text: str = "Lampu padam.", key: str | None = None, **data: Any) -> dict[str, Any]:
    return {"idempotency_key": key or str(uuid4()), "data": {"text": text, **data}}


async def send(running: Running, *lines: Any, between: bytes = b"\n") -> tuple[httpx.Response, list[dict[str, Any]]]:
    body = between.join(given if isinstance(given, bytes) else orjson.dumps(given) for given in lines)
    answer = await running.http.post(PATH, content=body, headers={"content-type": "application/x-ndjson"})
    return answer, [orjson.loads(told) for told in answer.content.splitlines()] if answer.status_code == 200 else []


async def test_a_thousand_lines_get_a_receipt_each_in_their_order(running: Running) -> None:
    given = [line(f"Laporan {n}") if n % 2 else event_of({"text": f"Laporan {n}"}, source="urn:kanal") for n in range(1000)]
    answer, receipts = await send(running, *given)
    assert (answer.status_code, answer.headers["content-type"], len(receipts)) == (200, "application/x-ndjson", 1000)
    assert {(r["outcome"], r["code"], r["topic"], r["partition"], r["offset"]) for r in receipts} == {("accepted", "ok", None, None, None)}
    assert all(set(receipt) == FIELDS for receipt in receipts)
    assert [r["received_id"] for r in receipts] == [given.get("idempotency_key", given.get("id")) for given in given]
    assert [r["received_source"] for r in receipts[:2]] == ["urn:kanal", OPEN]
    assert len({receipt["case_id"] for receipt in receipts}) == 1000
    view = await running.http.get(f"/v1/complaints/{receipts[500]['tracking_id']}")
    assert view.status_code == 200
    answer, again = await send(running, *given)
    assert {r["outcome"] for r in again} == {"duplicate"}
    assert [r["case_id"] for r in again] == [r["case_id"] for r in receipts]


async def test_a_line_is_the_same_submission_as_the_one_by_the_single_door(running: Running) -> None:
    key = str(uuid4())
    single = (await running.post({"text": "Satu pintu."}, key)).json()
    _, receipts = await send(running, line("Satu pintu.", key), line("Lain isi.", key))
    assert [(r["outcome"], r["code"], r["case_id"]) for r in receipts] == [
        ("duplicate", "duplicate", single["case_id"]),
        ("rejected", "idempotency_conflict", None),
    ]
    assert receipts[1]["errors"][0]["path"] == "/idempotency_key"


async def test_a_broken_line_has_its_own_receipt_and_its_neighbours_go_on(running: Running) -> None:
    wrong: list[tuple[Any, str, str]] = [
        (b"{nope", "malformed_json", ""),
        (b'{"idempotency_key": "k", "data": {"text": "\\ud800"}}', "malformed_json", ""),
        (b'{"idempotency_key": "\xff", "data": {"text": "x"}}', "malformed_json", ""),
        (b'{"idempotency_key": "deep", "data": ' + b"[" * 300 + b"]" * 300 + b"}", "malformed_json", ""),
        (b"5", "not_cloudevent", ""),
        (b"[]", "not_cloudevent", ""),
        ({"data": {"text": "x"}}, "schema_violation", "/idempotency_key"),
        ({"idempotency_key": "", "data": {"text": "x"}}, "schema_violation", "/idempotency_key"),
        ({"idempotency_key": "k" * 501, "data": {"text": "x"}}, "schema_violation", "/idempotency_key"),
        ({"idempotency_key": 5, "data": {"text": "x"}}, "schema_violation", "/idempotency_key"),
        ({"idempotency_key": str(uuid4())}, "schema_violation", "/data"),
        ({"idempotency_key": str(uuid4()), "data": {"text": ""}}, "schema_violation", "/data/text"),
        (line("x" * 20_001), "schema_violation", "/data/text"),
        (line(more="m" * 256 * 1024), "too_large", ""),
        ({"specversion": "1.0"}, "not_cloudevent", "/id"),
        (event_of({"text": "x"}, type="salur.complaint.submitted.v2"), "unsupported_version", "/type"),
        (event_of({"text": "x"}, type="lain"), "unknown_type", "/type"),
        (line(submitted_at="2999-01-01T00:00:00Z"), "time_in_future", "/data/submitted_at"),
        (event_of({"rating": 4, "external_ref": "tidak ada"}, type="salur.complaint.rated.v1"), "unknown_case", "/data"),
    ]
    lines = [given for bad, _, _ in wrong for given in (bad, line())]
    answer, receipts = await send(running, *lines)
    assert (answer.status_code, len(receipts)) == (200, len(lines))
    told = [(r["outcome"], r["code"], r["errors"][0]["path"]) for r in receipts[::2]]
    assert told == [("rejected", code, path) for _, code, path in wrong]
    assert {r["outcome"] for r in receipts[1::2]} == {"accepted"}
    assert all(set(receipt) == FIELDS and receipt["case_id"] is None for receipt in receipts[::2])


async def test_blank_lines_are_left_out_and_lines_may_end_as_on_windows(running: Running) -> None:
    answer, receipts = await send(running, line(), b"", b"  \t", line(), b"", between=b"\r\n")
    assert [receipt["outcome"] for receipt in receipts] == ["accepted", "accepted"]
    answer = await running.http.post(PATH, content=b"\n \n")
    assert (answer.status_code, answer.content) == (200, b"")


async def test_what_is_too_much_is_refused_whole(running: Running) -> None:
    keys = [str(uuid4()) for _ in range(1001)]
    answer, _ = await send(running, *(line(key=key) for key in keys))
    assert (answer.status_code, set(answer.json()), answer.json()["code"]) == (413, {"outcome", "code", "errors"}, "too_large")
    small = orjson.dumps(line(key=keys[0]))
    fits = await running.http.post(PATH, content=small + b" " * (MIB4 - len(small)))
    assert (fits.status_code, fits.json()["outcome"]) == (200, "accepted")
    answer = await running.http.post(PATH, content=orjson.dumps(line(key=keys[1])) + b" " * MIB4)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert await running.count("SELECT count(*) FROM intake.inbox WHERE id = ANY($1::text[])", keys) == 1


async def test_a_line_finds_the_case_that_another_line_of_its_batch_begins(running: Running) -> None:
    ref, names = str(uuid4()), {"source": OPEN}
    rated = event_of({"external_ref": ref, "rating": 2}, type="salur.complaint.rated.v1", **names)
    more = event_of({"external_ref": ref, "text": "Lagi."}, type="salur.complaint.supplemented.v1", **names)
    _, receipts = await send(running, rated, line(external_ref=ref), more)
    assert [receipt["outcome"] for receipt in receipts] == ["accepted"] * 3
    assert len({receipt["case_id"] for receipt in receipts}) == 1


async def test_copies_within_one_batch_are_one_case(running: Running) -> None:
    same = line()
    _, receipts = await send(running, same, same, same)
    assert [receipt["outcome"] for receipt in receipts] == ["accepted", "duplicate", "duplicate"]
    assert len({receipt["case_id"] for receipt in receipts}) == 1


async def test_four_batches_at_once_are_all_there(running: Running) -> None:
    batches = [[line(f"Borongan {n}-{m}") for m in range(300)] for n in range(4)]
    told = await asyncio.gather(*(send(running, *batch) for batch in batches))
    assert {receipt["outcome"] for _, receipts in told for receipt in receipts} == {"accepted"}
    assert len({receipt["case_id"] for _, receipts in told for receipt in receipts}) == 1200


@pytest.mark.parametrize("body", [b" " * 100, b"\n" * 1000, b""], ids=["blanks", "line ends", "nothing"])
def test_a_body_of_nothing_has_no_lines(body: bytes) -> None:
    assert split(body) == []


async def test_lines_of_which_nothing_is_known_say_so_and_the_others_stand() -> None:
    now = datetime(2026, 11, 2, tzinfo=UTC)
    lines = split(b"\n".join(orjson.dumps(line()) for _ in range(3))) or []

    async def half(_path: str, letters: Sequence[Letter]) -> list[Handled]:
        read = Unreadable(Raw("http:x", 0, 1, 1, None, b""), ACCEPTED, now, Origin.HTTP)
        return [Handled(read, None if number == 1 else Reply(ACCEPTED)) for number, _ in enumerate(letters)]

    receipts = await hand_in(half, PATH, lines, lambda: now)
    assert [(r["outcome"], r["code"]) for r in receipts] == [("accepted", "ok"), ("rejected", "unavailable"), ("accepted", "ok")]
