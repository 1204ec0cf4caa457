"""Pure: the JSON Schema of each type and the AsyncAPI document of all, made from the registry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from schemas.registry import EVENTS, Entry, dataschema
from schemas.topics import RESTRICTED, TOPICS, Topic

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_FORMAT: Final = "application/schema+json;version=draft-2020-12"
_TEXT: Final = {"type": "string"}
_RECORD: Final = "application/cloudevents+json"
Examples = Mapping[str, Sequence[tuple[str, dict[str, Any]]]]
"""By type: events as they stand on a topic, each with its name."""
_RESTRICTABLE: Final = frozenset({"intake", "routing", "sla", "notify"})


def schema_of(entry: Entry) -> dict[str, Any]:
    """Return the JSON Schema of a type's `data`, with who says it, where, and who reads it under `x-salur`."""
    schema = entry.model.model_json_schema(mode="validation", by_alias=True)
    schema.pop("title")
    for part in (schema, *schema.get("$defs", {}).values()):
        part.pop("title", None)
        for field in part.get("properties", {}).values():
            field.pop("title", None)
    card = {
        "type": entry.type,
        "topic": entry.topic,
        "direction": TOPICS[entry.topic].direction,
        "said_by": list(entry.speakers),
        "read_by": list(entry.readers),
    }
    return {"$schema": _DIALECT, "$id": dataschema(entry.type), "title": entry.type, "x-salur": card, **schema}


def asyncapi(examples: Examples) -> dict[str, Any]:
    """Return the AsyncAPI 3 document: Salur receives what comes in and sends what goes out; each message with its examples."""
    return {
        "asyncapi": "3.1.0",
        "info": {
            "title": "Salur",
            "version": "1.0.0",
            "description": "Every record is a CloudEvent 1.0 in structured mode; binary mode is read too.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": _RECORD,
        "channels": {topic.name: _channel(topic) for topic in TOPICS.values()},
        "operations": {topic.name: _operation(topic) for topic in TOPICS.values()},
        "components": {"messages": {entry.type: _message(entry, examples.get(entry.type, ())) for entry in EVENTS.values()}},
    }


def _on(topic: Topic) -> list[Entry]:
    if topic.name == RESTRICTED:
        return [entry for entry in EVENTS.values() if entry.topic in {f"salur.{speaker}" for speaker in _RESTRICTABLE}]
    return [entry for entry in EVENTS.values() if entry.topic == topic.name]


def _channel(topic: Topic) -> dict[str, Any]:
    settings = topic.config()
    configuration: dict[str, Any] = {"cleanup.policy": [settings["cleanup.policy"]]}
    if "retention.ms" in settings:
        configuration["retention.ms"] = int(settings["retention.ms"])
    return {
        "address": topic.name,
        "description": f"{topic.about} Key: {topic.key}.",
        "messages": {entry.type: {"$ref": f"#/components/messages/{entry.type}"} for entry in _on(topic)},
        "bindings": {"kafka": {"topic": topic.name, "topicConfiguration": configuration, "bindingVersion": "0.5.0"}},
    }


def _operation(topic: Topic) -> dict[str, Any]:
    return {
        "action": "receive" if topic.direction == "in" else "send",
        "channel": {"$ref": f"#/channels/{topic.name}"},
        "summary": topic.about,
    }


def _message(entry: Entry, examples: Sequence[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    payload = {
        "type": "object",
        "required": ["specversion", "id", "source", "type", "data"],
        "properties": {
            "specversion": {"const": "1.0"},
            "id": _TEXT,
            "source": _TEXT,
            "type": {"const": entry.type},
            "time": {"type": "string", "format": "date-time"},
            "subject": _TEXT,
            "datacontenttype": {"const": "application/json"},
            "dataschema": _TEXT,
            "tracking": _TEXT,
            "sequence": {"type": "integer", "minimum": 1},
            "causationid": _TEXT,
            "correlationid": _TEXT,
            "traceparent": _TEXT,
            "data": {"$ref": f"{entry.type}.json"},
        },
    }
    return {
        "name": entry.type,
        "summary": (entry.model.__doc__ or "").strip(),
        "contentType": _RECORD,
        "payload": {"schemaFormat": _FORMAT, "schema": payload},
        "examples": [{"name": name, "headers": {"content-type": _RECORD}, "payload": event} for name, event in examples],
    }
