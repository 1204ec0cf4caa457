"""Golden messages: what was once said stays readable, word for word."""

from pathlib import Path

import orjson
import pytest
from jsonschema import Draft202012Validator

from schemas.envelope import parse
from schemas.publish import schema_of
from schemas.registry import EVENTS, dataschema, model_of, read

ROOT = Path(__file__).parents[2] / "schemas" / "examples"
EXAMPLES = sorted(ROOT.glob("*/*.json"))
OUTBOUND = [path for path in EXAMPLES if not EVENTS[path.parent.name].inbound]
INBOUND = [path for path in EXAMPLES if EVENTS[path.parent.name].inbound]


def named(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def test_every_type_has_an_example() -> None:
    assert {path.parent.name for path in EXAMPLES} == set(EVENTS)


@pytest.mark.parametrize("path", EXAMPLES, ids=named)
def test_an_example_is_read_by_todays_model_and_survives_being_written_again(path: Path) -> None:
    envelope = parse(path.read_bytes(), {})
    assert envelope.type == path.parent.name
    model = model_of(envelope.type)
    first = read(model, envelope.data)
    again = read(model, orjson.loads(first.to_json()))
    assert again == first
    assert again.model_fields_set == first.model_fields_set


@pytest.mark.parametrize("path", OUTBOUND, ids=named)
def test_what_we_say_is_written_as_its_example_to_the_letter(path: Path) -> None:
    event = orjson.loads(path.read_bytes())
    assert orjson.loads(read(model_of(event["type"]), event["data"]).to_json()) == event["data"]
    assert event["dataschema"] == dataschema(event["type"])
    assert event["source"].removeprefix("urn:salur:") in EVENTS[event["type"]].speakers


@pytest.mark.parametrize("path", EXAMPLES, ids=named)
def test_an_example_fits_its_published_schema(path: Path) -> None:
    event = orjson.loads(path.read_bytes())
    schema = schema_of(EVENTS[event["type"]])
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    assert [error.message for error in validator.iter_errors(event["data"])] == []


@pytest.mark.parametrize("path", INBOUND, ids=named)
def test_an_inbound_example_says_the_same_in_binary_mode(path: Path) -> None:
    event = orjson.loads(path.read_bytes())
    data = event.pop("data")
    headers = {f"ce_{name}": str(value).encode() for name, value in event.items() if name != "datacontenttype"}
    headers["content-type"] = b"application/json"
    assert parse(orjson.dumps(data), headers).data == parse(path.read_bytes(), {}).data


def test_a_confidential_example_carries_no_text() -> None:
    for path in OUTBOUND:
        data = orjson.loads(path.read_bytes())["data"]
        if data.get("confidential") or "confidential" in path.stem:
            assert not data.keys() & {"title", "text"}, named(path)


def test_a_field_that_is_left_unset_is_not_written() -> None:
    event = orjson.loads((ROOT / "salur.complaint.accepted.v1" / "whistleblowing_without_text.json").read_bytes())
    written = orjson.loads(read(model_of(event["type"]), event["data"]).to_json())
    assert "text" not in written
    assert written["region"] == "71.71"
    assert written["addressed_to"] is None
