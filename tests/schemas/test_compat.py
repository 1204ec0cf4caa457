"""A contract only grows: each change that would break a sender or a reader is named, each other passes."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from schemas.compat import reasons_against
from schemas.publish import schema_of
from schemas.registry import EVENTS

Schema = dict[str, Any]
Change = Callable[[Schema], object]

BASE: Schema = {
    "title": "salur.thing.fact.v1",
    "$defs": {
        "Word": {"type": "string", "enum": ["a", "b"]},
        "Part": {"type": "object", "properties": {"url": {"type": "string", "maxLength": 9}, "size": {"type": "integer"}}, "required": ["url"]},
    },
    "type": "object",
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "text": {"type": "string", "minLength": 1, "maxLength": 20},
        "region": {"anyOf": [{"type": "string", "pattern": "^[0-9]{2}$"}, {"type": "null"}], "default": None},
        "word": {"$ref": "#/$defs/Word", "default": "a"},
        "open": {"anyOf": [{"$ref": "#/$defs/Word"}, {"type": "string"}]},
        "by": {"anyOf": [{"$ref": "#/$defs/Part"}, {"type": "string", "enum": ["system"]}]},
        "parts": {"type": "array", "maxItems": 10, "items": {"$ref": "#/$defs/Part"}},
        "point": {"type": "object", "dependentRequired": {"lat": ["lon"]}, "properties": {"lat": {"type": "number", "minimum": -90, "maximum": 90}}},
        "final": {"type": "boolean"},
        "rule": {"type": "object", "anyOf": [{"required": ["x"]}], "properties": {"x": {"type": "string"}}},
    },
    "required": ["id", "text"],
}


def base(direction: str) -> Schema:
    return deepcopy(BASE) | {"x-salur": {"type": "salur.thing.fact.v1", "topic": "salur.thing", "direction": direction}}


def reasons(direction: str, change: Change) -> list[str]:
    changed = base(direction)
    change(changed)
    return reasons_against(base(direction), changed)


def put(path: str, value: object) -> Change:
    *steps, last = path.split(".")

    def change(schema: Schema) -> None:
        here: Any = schema
        for step in steps:
            here = here[int(step)] if isinstance(here, list) else here[step]
        here[int(last) if isinstance(here, list) else last] = value

    return change


def drop(path: str) -> Change:
    *steps, last = path.split(".")

    def change(schema: Schema) -> None:
        here: Any = schema
        for step in steps:
            here = here[int(step)] if isinstance(here, list) else here[step]
        del here[int(last) if isinstance(here, list) else last]

    return change


BREAKS_SENDERS_AND_READERS = {
    "a field becomes required": put("required", ["id", "text", "final"]),
    "a new field is required": lambda s: (s["properties"].update(new={"type": "string"}), s["required"].append("new")),
    "a field is removed": drop("properties.final"),
    "a nested field is removed": drop("$defs.Part.properties.size"),
    "a nested field becomes required": put("$defs.Part.required", ["url", "size"]),
    "a text becomes a number": put("properties.text", {"type": "integer"}),
    "a number becomes whole": put("properties.point.properties.lat.type", "integer"),
    "a longest text gets shorter": put("properties.text.maxLength", 19),
    "a shortest text gets longer": put("properties.text.minLength", 2),
    "a nested text gets shorter": put("$defs.Part.properties.url.maxLength", 8),
    "an unlimited number gets a limit": put("$defs.Part.properties.size.minimum", 0),
    "a greatest number gets smaller": put("properties.point.properties.lat.maximum", 89.5),
    "a list gets shorter": put("properties.parts.maxItems", 9),
    "a word is taken away": put("$defs.Word.enum", ["a"]),
    "a free text becomes a list of words": put("properties.open", {"$ref": "#/$defs/Word"}),
    "another pattern": put("properties.region.anyOf.0.pattern", "^[0-9]{2,4}$"),
    "a pattern that only begins like the one before": put("properties.region.anyOf.0.pattern", "^[0-9]{2}$x|^[0-9]{4}$"),
    "a pattern where there was none": put("properties.text.pattern", "None|x"),
    "another format": put("properties.id.format", "date-time"),
    "null is no longer taken": put("properties.region", {"type": "string", "pattern": "^[0-9]{2}$", "default": None}),
    "one way of saying it is gone": drop("properties.by.anyOf.1"),
    "another default": put("properties.word.default", "b"),
    "a default goes": drop("properties.word.default"),
    "another rule between fields": put("properties.point.dependentRequired", {"lat": ["lon", "alt"]}),
    "another choice between fields": put("properties.rule.anyOf", [{"required": ["y"]}]),
    "other items": put("properties.parts.items", {"type": "string"}),
    "another topic": put("x-salur.topic", "salur.elsewhere"),
    "another type": put("x-salur.type", "salur.thing.fact.v2"),
}
WIDENS = {
    "a required field becomes optional": put("required", ["id"]),
    "a longest text gets longer": put("properties.text.maxLength", 21),
    "a limit goes": drop("properties.text.maxLength"),
    "a pattern takes another form too": put("properties.region.anyOf.0.pattern", "^[0-9]{2}$|^[0-9]{4}$"),
    "a pattern goes": drop("properties.region.anyOf.0.pattern"),
    "a list gets longer": put("properties.parts.maxItems", 11),
    "a closed list of words grows": put("$defs.Word.enum", ["a", "b", "c"]),
    "a closed list becomes free text": put("properties.word", {"anyOf": [{"$ref": "#/$defs/Word"}, {"type": "string"}], "default": "a"}),
    "null is taken too": put("properties.final", {"anyOf": [{"type": "boolean"}, {"type": "null"}]}),
    "a whole number becomes any": put("$defs.Part.properties.size.type", "number"),
    "another way of saying it": lambda s: s["properties"]["by"]["anyOf"].append({"type": "null"}),
}
FREE = {
    "nothing": lambda _: None,
    "a new optional field": put("properties.new", {"type": "string", "maxLength": 5}),
    "a new optional nested field": put("$defs.Part.properties.new", {"type": "string"}),
    "other prose": put("properties.text.description", "What was written."),
    "another reader": put("x-salur.read_by", ["routing"]),
    "an open list of words grows": put("properties.open.anyOf.0", {"type": "string", "enum": ["a", "b", "c"]}),
    "an open list of words becomes free text": put("properties.open", {"type": "string"}),
    "a definition is written in place": put("properties.word", {"type": "string", "enum": ["b", "a"], "default": "a"}),
}


@pytest.mark.parametrize("name", BREAKS_SENDERS_AND_READERS)
@pytest.mark.parametrize("direction", ["in", "out"])
def test_what_narrows_or_removes_may_not_be_released(direction: str, name: str) -> None:
    assert reasons(direction, BREAKS_SENDERS_AND_READERS[name])


@pytest.mark.parametrize("name", WIDENS)
def test_what_widens_is_free_in_what_we_read_and_breaks_readers_of_what_we_say(name: str) -> None:
    assert reasons("in", WIDENS[name]) == []
    assert reasons("out", WIDENS[name])


@pytest.mark.parametrize("name", FREE)
@pytest.mark.parametrize("direction", ["in", "out"])
def test_what_only_adds_is_free(direction: str, name: str) -> None:
    assert reasons(direction, FREE[name]) == []


def test_a_reason_names_the_place_and_what_it_does() -> None:
    assert reasons("in", BREAKS_SENDERS_AND_READERS["a nested text gets shorter"]) == [
        "/by/url: maxLength is 8 against 9 (what could be sent is refused now)",
        "/parts/*/url: maxLength is 8 against 9 (what could be sent is refused now)",
    ]
    assert reasons("out", WIDENS["a required field becomes optional"]) == ["/text: is required on one side only (readers of before cannot take it)"]


@pytest.mark.parametrize("type_", EVENTS)
def test_no_field_of_any_event_can_vanish_or_become_required_unseen(type_: str) -> None:
    old = schema_of(EVENTS[type_])
    assert reasons_against(old, old) == []
    for name in old["properties"]:
        without = deepcopy(old)
        del without["properties"][name]
        assert any(reason.startswith(f"/{name}: was removed") for reason in reasons_against(old, without))
        if name not in old.get("required", ()):
            stricter = deepcopy(old)
            stricter["required"] = [*old.get("required", ()), name]
            assert any(reason.startswith(f"/{name}: is required") for reason in reasons_against(old, stricter))
