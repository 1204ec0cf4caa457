"""`salur validate`: judges files without any server, in the words of the contract, and never repeats what they hold."""

from __future__ import annotations

import io
import random
from pathlib import Path

import orjson
import pytest

from cli.lines import Line, Source, json_lines
from cli.table import COLUMNS, rows
from tests.cli.conftest import Salur, lines

TYPE = "salur.complaint.submitted.v1"
EXAMPLES = Path(__file__).parents[2] / "schemas" / "examples"
CANARY = "RAHASIA-3507"


def event(id_: str = "a", **data: object) -> dict[str, object]:
    return {"specversion": "1.0", "id": id_, "source": "urn:test", "type": TYPE, "data": {"text": "Jalan rusak", **data}}


def read(raw: bytes) -> list[Line]:
    return list(Source().events(json_lines(io.BytesIO(raw))))


def read_table(raw: bytes) -> list[Line]:
    return list(Source().events(rows(io.BytesIO(raw))))


async def test_every_golden_example_of_what_comes_in_is_good(alone: Salur, tmp_path: Path) -> None:
    file = tmp_path / "examples.ndjson"
    given = [
        orjson.loads(path.read_bytes()) for path in sorted(EXAMPLES.glob("salur.complaint.*/*.json")) + sorted(EXAMPLES.glob("salur.case.*/*.json"))
    ]
    inbound = [document for document in given if not str(document["source"]).startswith("urn:salur:")]
    assert len({document["type"] for document in inbound}) > 10
    file.write_bytes(lines(*({**document, "id": str(n)} for n, document in enumerate(inbound))))
    done = await alone("validate", str(file), "--at", "2027-01-01T00:00:00Z")
    assert (done.code, done.out) == (0, "")
    assert done.err == f"{len(inbound)} lines: all would be taken.\n"


async def test_each_bad_line_is_told_with_line_code_and_place_and_no_value(alone: Salur) -> None:
    bad = [
        {"text": CANARY, "region": CANARY},
        event("b", submitted_at="2099-01-01T00:00:00Z"),
        event("b2", submitted_at="1999-12-31T23:59:59Z"),
        {**event("c"), "type": f"salur.{CANARY}.v1"},
        {**event("d"), "type": "salur.complaint.submitted.v2"},
        {"specversion": "0.3", "id": "e", "source": "urn:test", "type": TYPE, "data": {"text": CANARY}},
        {"idempotency_key": "f", "data": {"title": CANARY}},
        event("g"),
        event("g", text=CANARY),
        [CANARY],
    ]
    given = (
        lines(*bad)
        + b'\n{"text": "'
        + CANARY.encode()
        + b'\n{"text":"\\ud800"}\n{"text":"'
        + b"x" * 263_000
        + b'"}\n'
        + b"y" * 2_000_000
        + b"\n"
        + lines(event())
    )
    done = await alone("validate", "-", "--json", given=given)
    assert done.code == 1
    assert CANARY not in done.out + done.err
    *told, total = done.documents
    assert [(row["line"], row["code"], row["errors"][0]["path"]) for row in told] == [
        (1, "schema_violation", "/data/region"),
        (2, "time_in_future", "/data/submitted_at"),
        (3, "schema_violation", "/data/submitted_at"),
        (4, "unknown_type", "/type"),
        (5, "unsupported_version", "/type"),
        (6, "not_cloudevent", "/specversion"),
        (7, "schema_violation", "/data/text"),
        (9, "idempotency_conflict", "/id"),
        (10, "not_cloudevent", ""),
        (12, "malformed_json", ""),
        (13, "malformed_json", ""),
        (14, "too_large", ""),
        (15, "too_large", ""),
    ]
    assert total == {"lines": 15, "good": 2, "bad": 13}


async def test_a_table_is_read_by_its_first_row_whatever_its_separator(alone: Salur) -> None:
    given = "\ufeffid;text;reporter.name;location.lat;location.lon;anonymous\nr1;Jalan rusak; Siti;-7.1;112.3;ya\n\nr2;;Siti;-7.1;;vielleicht\n"
    done = await alone("validate", "-", given=given.encode())
    assert done.code == 1
    assert done.out.splitlines() == [
        "line 4: schema_violation: /data/text is required",
        "line 4: schema_violation: /data/location/lon lat and lon come together",
        "line 4: schema_violation: /data/anonymous must be true or false",
    ]


async def test_a_table_whose_first_row_names_no_fields_is_wrong_use(alone: Salur, tmp_path: Path) -> None:
    file = tmp_path / "data.csv"
    file.write_text(f"{CANARY},1\nb,2\n")
    done = await alone("validate", str(file))
    assert (done.code, CANARY in done.err) == (2, False)
    assert "names no column `text`" in done.err


async def test_a_column_that_is_no_field_is_told_by_its_number(alone: Salur) -> None:
    done = await alone("validate", "-", given=b"text,catgory\na,b\n")
    assert (done.code, "Column 2" in done.err, "is it category?" in done.err) == (0, True, True)


@pytest.mark.parametrize("name", ["missing.ndjson", "."])
async def test_a_file_that_cannot_be_read_is_wrong_use(alone: Salur, tmp_path: Path, name: str) -> None:
    done = await alone("validate", str(tmp_path / name))
    assert (done.code, "cannot be read" in done.err) == (2, True)


async def test_nonsense_is_judged_like_anything_else(alone: Salur, tmp_path: Path) -> None:
    noise = tmp_path / "noise"
    noise.write_bytes(random.Random(4).randbytes(200_000))
    done = await alone("validate", str(noise))
    assert done.code == 1
    assert len(done.out.splitlines()) <= 51
    empty = tmp_path / "empty.csv"
    empty.touch()
    assert await alone("validate", str(empty)) == await alone("validate", "-")
    assert (await alone("validate", str(empty))).code == 0
    table = tmp_path / "noise.csv"
    table.write_bytes(noise.read_bytes())
    assert (await alone("validate", str(table))).code == 2
    broken = await alone("validate", "-", given=b'text,title\na"b,c\n"a"b,c\nx,y\n"open\nx')
    assert [line.split(":")[:2] for line in broken.out.splitlines()] == [["line 3", " malformed_json"], ["line 5", " malformed_json"]]
    latin = await alone("validate", "-", given="text\nJalan é rusak\n".encode("latin-1"))
    assert latin.out == "line 2: malformed_json: the row is not UTF-8\n"


def test_an_id_follows_from_the_content_and_how_often_it_came() -> None:
    once = [line.event["id"] for line in read(lines({"text": "a"}, {"text": "b"}, {"text": "a"})) if line.event]
    again = [line.event["id"] for line in read(lines({"text": "b"}, {"text": "a"}, {"text": "a"})) if line.event]
    assert len(set(once)) == 3
    assert sorted(once) == sorted(again)
    (keyed,) = read(lines({"idempotency_key": "k", "data": {"text": "a"}}))
    assert keyed.event is not None
    assert keyed.event["id"] == "k"


def test_a_whole_event_is_passed_on_byte_for_byte() -> None:
    raw = orjson.dumps(event()).replace(b":", b" : ")
    (line,) = read(raw + b"\r\n")
    assert line.value == raw


def test_a_table_and_lines_of_json_are_the_same_events() -> None:
    given = {"text": "a\nb", "confidential": True, "location": {"lat": -7.1, "lon": 112.3}, "reporter": {"name": "x", "nik": "0012"}}
    files = [{"url": "https://x.test/1"}, {"url": "https://x.test/2", "size_bytes": 5}]
    header = "text,confidential,location.lat,location.lon,reporter.name,reporter.nik,attachments.0.url,attachments.1.url,attachments.1.size_bytes"
    (row,) = read_table(f'{header}\n"a\nb",TRUE,-7.1,112.3,x,0012,https://x.test/1,https://x.test/2,5\n'.encode())
    (line,) = read(lines({**given, "attachments": files}))
    assert row.event is not None
    assert line.event is not None
    assert row.event["data"] == line.event["data"]


def test_every_field_of_a_submission_has_a_column() -> None:
    assert {"text", "title", "kind", "reporter.nik", "location.address", "reply_to", "attachments.9.sha256"} <= COLUMNS.keys()
