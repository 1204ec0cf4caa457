"""What we say is not validated in production, and travels the same as if it were."""

import subprocess
import sys
from uuid import uuid4

import orjson
import pytest
from asyncpg.pgproto import pgproto

from schemas.registry import model_of
from tests.schemas.test_examples import OUTBOUND, named

UNCHECKED = """
import sys, orjson
from schemas.registry import model_of
for line in sys.stdin:
    type_, data = orjson.loads(line)
    model = model_of(type_)
    read = model.model_validate(data)
    names = {field.alias: name for name, field in model.model_fields.items() if field.alias}
    said = model(**{name: getattr(read, name) for name in (names.get(name, name) for name in data) if name in model.model_fields})
    assert said == read and said.model_fields_set == read.model_fields_set, type_
    assert orjson.loads(said.to_json()) == orjson.loads(read.__pydantic_serializer__.to_json(read, exclude_unset=True, by_alias=True)), type_
    print(said.to_json().decode())
for wrong in ({"case_id": None}, {"case_id": None, "tracking_id": "", "state": "", "owner": "", "by": "system", "more": 1}):
    try:
        model_of("salur.case.closed.v1")(**wrong)
    except TypeError:
        print("TypeError")
unchecked = model_of("salur.case.closed.v1")(case_id=None, tracking_id="", state="", owner="", by="system")
"""


def test_what_is_said_unchecked_is_what_is_said_checked() -> None:
    events = [orjson.loads(path.read_bytes()) for path in OUTBOUND]
    lines = b"\n".join(orjson.dumps([event["type"], event["data"]]) for event in events)
    done = subprocess.run([sys.executable, "-c", UNCHECKED], input=lines, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    *told, first, second = done.stdout.decode().splitlines()
    assert [first, second] == ["TypeError", "TypeError"]
    for path, event, line in zip(OUTBOUND, events, told, strict=True):
        assert orjson.loads(line) == event["data"], named(path)


def test_here_what_is_said_is_validated() -> None:
    with pytest.raises(ValueError, match="case_id"):
        model_of("salur.case.closed.v1")(case_id=None, tracking_id="", state="closed", owner="35", by="system")


def test_an_id_as_the_database_driver_gives_it_travels_like_any_other() -> None:
    case_id = uuid4()
    facts = {"tracking_id": "", "state": "closed", "owner": "35", "by": "system"}
    said = model_of("salur.case.closed.v1").model_construct(case_id=pgproto.UUID(str(case_id)), **facts)
    assert orjson.loads(said.to_json())["case_id"] == str(case_id)
