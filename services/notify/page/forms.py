"""The actions as forms (contracts §5): which fields each has, and what was filled in. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from schemas.words import ArchiveReason, Kind
from services.notify.offices import Offices

Sort = Literal["line", "long", "agency", "below", "days", "choice", "yes_no"]
MAX_REASON: Final = 2_000
MAX_NAME: Final = 200
MAX_ANSWER: Final = 20_000
MOST_DAYS: Final = 60
YES_NO: Final = ("yes", "no")
_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {"kind": tuple(map(str, Kind)), "archive_reason": tuple(map(str, ArchiveReason)), "final": YES_NO}
_DAYS: Final = re.compile(r"[0-9]{1,2}")
_CODE: Final = re.compile(r"\(([^()\s]+)\)\s*$")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to fill in: `label` and `options` name words of the catalogue; `most` is the longest text."""

    name: str
    sort: Sort
    most: int = MAX_NAME
    required: bool = True
    label: str = ""
    options: str = ""


_REASON: Final = Field("reason", "long", MAX_REASON)

FORMS: Final[Mapping[str, tuple[Field, ...]]] = {
    "verify": (),
    "decide_transfer": (Field("to", "agency"), _REASON),
    "follow_up": (Field("text", "long", MAX_ANSWER), Field("final", "yes_no", options="final")),
    "resume": (),
    "close": (),
    "transfer": (Field("to", "agency", required=False), _REASON),
    "hand_down": (Field("to", "below", label="to_below"),),
    "defer": (Field("question", "long", MAX_REASON),),
    "extend": (Field("days", "days"), _REASON),
    "reclassify": (Field("kind", "choice", required=False, options="kind"), Field("category", "choice", required=False, options="category"), _REASON),
    "refer": (Field("to", "line", label="to_outside"), _REASON),
    "archive": (Field("reason", "choice", options="archive_reason"),),
    "reopen": (_REASON,),
    "acknowledge": (),
}
"""What the page knows to ask for, the likeliest first; an action that is not here is for agency systems."""


@dataclass(slots=True)
class Filled:
    """A form as it was sent: `data` for routing, or `errors` by field, each a word of the catalogue with its number."""

    data: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, tuple[str, int]] = field(default_factory=dict)


def read(action: str, given: Mapping[str, str], offices: Offices) -> Filled:
    """Return what was filled in for an action of FORMS."""
    filled = Filled()
    for each in FORMS[action]:
        text = _clean(given.get(each.name, ""))
        if text or each.required:
            error, value = _value(each, text, offices)
            if error:
                filled.errors[each.name] = (error, each.most)
            else:
                filled.data[each.name] = value
        elif each.sort == "agency":
            filled.data[each.name] = None
    if action == "reclassify" and not filled.errors and not {"kind", "category"} & filled.data.keys():
        filled.errors["kind"] = ("nothing", 0)
    return filled


def _clean(text: str) -> str:
    """Return a text as events carry it: one sort of line break, no other control characters, nothing around it."""
    return _CONTROL.sub("", text.replace("\r\n", "\n")).strip()


def _value(each: Field, text: str, offices: Offices) -> tuple[str, Any]:
    """Return what is wrong with a field, or "" and its value."""
    if not text:
        return ("choice" if each.sort in {"choice", "yes_no"} else "required"), None
    if len(text) > each.most:
        return "too_long", None
    if each.sort in {"agency", "below"}:
        code = find_agency(text, offices)
        return ("", code) if code else ("agency", None)
    if each.sort == "days":
        number = int(text) if _DAYS.fullmatch(text) else 0
        return ("", number) if 0 < number <= MOST_DAYS else ("days", None)
    if each.options in _CHOICES and text not in _CHOICES[each.options]:
        return "choice", None
    return "", text == "yes" if each.sort == "yes_no" else text


def choices(options: str) -> tuple[str, ...]:
    """Return the words that may be chosen, none when they do not stand in the contract."""
    return _CHOICES.get(options, ())


def agency_label(code: str, offices: Offices) -> str:
    """Return how an agency is offered for choosing: its name, for a unit whose it is, and its code."""
    agency = offices.agencies.get(code)
    within = offices.agencies.get(agency.parent) if agency is not None and agency.parent and "/" in code else None
    return f"{offices.name(code)}{f', {within.name}' if within else ''} ({code})"


def find_agency(text: str, offices: Offices) -> str | None:
    """Return the code that is meant: of a label, a code, or a whole name that only one agency bears; None when there is none."""
    offered = _CODE.search(text)
    for code in (offered[1] if offered else "", text):
        if code in offices.agencies:
            return code
    named = [code for code, agency in offices.agencies.items() if agency.name.casefold() == text.casefold()]
    return named[0] if len(named) == 1 else None


def below(owner: str, offices: Offices) -> Iterator[str]:
    """Yield the agencies below an owner, by name."""
    for code in sorted(offices.agencies, key=offices.name):
        if code != owner and owner in offices.upward(code):
            yield code
