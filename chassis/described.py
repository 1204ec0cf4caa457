"""How a service describes itself over HTTP: the framework's OpenAPI document, with refusals as the contract has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException

REFUSAL: Final = "Refusal"
_TEXT: Final = {"type": "string"}
_ERRORS: Final = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["path", "message"],
        "properties": {"path": {**_TEXT, "description": "JSON Pointer to what is wrong"}, "message": _TEXT},
    },
}
_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "description": "Every refusal has this shape; it never repeats what was sent.",
    "required": ["outcome", "code", "errors"],
    "properties": {"outcome": _TEXT, "code": _TEXT, "errors": _ERRORS},
}
_FRAMEWORKS: Final = ("HTTPValidationError", "ValidationError")
_UNREADABLE: Final = "The address, a header or the query is not what is asked for here."
_FAULT: Final = "A fault of ours; it is written down."
_NOTHING: Final = "There is nothing of this name."
_AWAY: Final = "The service is starting or stopping, or its database is away; ask again later."
_OF_HEALTH: Final = frozenset({"/livez", "/readyz", "/metrics"})


def describe(app: FastAPI, wired: Callable[[], bool]) -> Callable[[], dict[str, Any]]:
    """Return what makes the document: once, and only of a service that has all its doors; before that it is refused with 503."""
    made: dict[str, Any] = {}

    def document() -> dict[str, Any]:
        if not made:
            if not wired():
                raise HTTPException(503, "the service is starting or stopping; ask again later", headers={"Retry-After": "1"})
            made.update(_refusals_told(get_openapi(title=app.title, version=app.version, openapi_version="3.1.0", routes=app.routes)))
        return made

    return document


def refused(description: str, *, retry: bool = False) -> dict[str, Any]:
    """Return a refusal as an answer of the document; `retry` when it says after how many seconds to come again."""
    headers = {"headers": {"Retry-After": {"schema": {"type": "integer"}, "description": "seconds"}}} if retry else {}
    return {"description": description, "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{REFUSAL}"}}}, **headers}


def _refusals_told(document: dict[str, Any]) -> dict[str, Any]:
    """Put our refusals in the place of the framework's, and name those that any door may give."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in _FRAMEWORKS:
        schemas.pop(name, None)
    schemas[REFUSAL] = _SCHEMA
    for path, operations in document["paths"].items():
        for operation in operations.values():
            answers = operation["responses"]
            for answer in answers.values():
                _drop_guess(answer.get("content", {}))
            if any(name in str(answers.get("422")) for name in _FRAMEWORKS):
                answers["422"] = refused(_UNREADABLE)
            if any(parameter["required"] and parameter["in"] in ("path", "query") for parameter in operation.get("parameters", ())):
                answers.setdefault("404", refused(_NOTHING))
            if path not in _OF_HEALTH:
                answers.setdefault("500", refused(_FAULT))
                answers.setdefault("503", refused(_AWAY, retry=True))
    return document


def _drop_guess(content: dict[str, Any]) -> None:
    """Drop the framework's guess of JSON of which nothing is known, where a door names what it answers."""
    if len(content) > 1 and content.get("application/json") in ({}, {"schema": {}}):
        del content["application/json"]
