"""What pydantic found wrong, as pointers and sentences of our own: pydantic's may quote what a citizen wrote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from schemas.base import Problem
from schemas.inbound.fields import FORMS

MAX_PROBLEMS: Final = 20
"""The most problems that one answer lists."""

_TEXT: Final = "must be a text"
_OBJECT: Final = "must be an object"
_WHOLE: Final = "must be a whole number"
_TIME: Final = "must be an RFC 3339 time with offset"
_DATE: Final = "must be a date, YYYY-MM-DD"
_SENTENCES: Final[Mapping[str, str]] = {
    "missing": "is required",
    "none_required": "must be null",
    "string_type": _TEXT,
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
    "too_long": "must have at most {max_length} items",
    "tuple_type": "must be a list",
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "enum": "must be one of {expected}",
    "literal_error": "must be one of {expected}",
    "uuid_type": "must be a UUID",
    "uuid_parsing": "must be a UUID",
    "datetime_type": _TIME,
    "datetime_parsing": _TIME,
    "datetime_from_date_parsing": _TIME,
    "timezone_aware": _TIME,
    "date_type": _DATE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
}
_OWN: Final = frozenset({"rfc3339", "before_2000", "too_many", "half_point", "agency_missing", "case_missing", "nothing_said"})
_OTHERWISE: Final = "is not as its schema says"


def problems_of(error: ValidationError, data: Any) -> list[Problem]:
    """Return what is wrong with `data`, at most 20 things, each place once; paths begin with `/data`."""
    found: dict[str, Problem] = {}
    for detail in error.errors(include_url=False, include_input=False):
        path = _pointer(detail, data)
        found.setdefault(path, Problem(path, _sentence(detail)))
        if len(found) == MAX_PROBLEMS:
            break
    return list(found.values())


def _sentence(detail: ErrorDetails) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind in _OWN:
        return detail["msg"]
    if kind == "string_pattern_mismatch":
        return FORMS.get(context["pattern"], _OTHERWISE)
    return _SENTENCES.get(kind, _OTHERWISE).format(**context)


def _pointer(detail: ErrorDetails, data: Any) -> str:
    """Return the place as a JSON Pointer; the names that pydantic gives to the arms of a union are no places."""
    steps = ["data"]
    here = data
    last = len(detail["loc"]) - 1
    for depth, name in enumerate(detail["loc"]):
        if isinstance(here, dict) and name in here:
            here = here[name]
        elif isinstance(here, list | tuple) and isinstance(name, int):
            here = here[name] if name < len(here) else None
        elif detail["type"] != "missing" or depth != last:
            continue
        steps.append(str(name))
    if field := detail.get("ctx", {}).get("field"):
        steps.append(field)
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)
