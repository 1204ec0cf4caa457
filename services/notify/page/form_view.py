"""What the template shows of the forms: those that the reader may send now, with what was typed before. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from services.notify.names import Names
from services.notify.offices import Offices
from services.notify.page.forms import FORMS, Field, agency_label, below, choices

MOST_LISTED: Final = 2_000
"""Agencies offered by name; of a larger directory the code is written by hand, for a page must stay light on a phone."""
MOST_CHOSEN: Final = 40
"""Units that are offered as a plain choice; more of them are searched like agencies."""
QUIET: Final = "acknowledge"
"""The action that changes nothing, and is offered apart from the others."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A form that was sent and not taken: what stood in it, and what is wrong with it."""

    action: str
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    key: str = ""
    """The key under which it must be sent again, with the version it had, when nobody knows what became of it."""


def forms(
    allowed: list[str], owner: str, category: str | None, offices: Offices, names: Names, words: Mapping[str, Any], typed: Typed | None
) -> dict[str, Any]:
    """Return the forms of the allowed actions, the likeliest first, and the list of agencies if one of them needs it."""
    if typed and typed.key and typed.action not in allowed:
        allowed = [*allowed, typed.action]  # nobody knows whether it was taken: under its key it may be sent again
    units = list(below(owner, offices)) if "hand_down" in allowed else []
    offered = [action for action in FORMS if action in allowed and (action != "hand_down" or units)]
    opened = typed.action if typed else next(iter(offered), "")
    shown = [
        {
            "action": action,
            "words": words["actions"][action],
            "open": action == opened,
            "again": _again(typed, action),
            "fields": [
                _shown(action, each, _options(each, category, names, words, [(unit, agency_label(unit, offices)) for unit in units]), words, typed)
                for each in FORMS[action]
            ],
        }
        for action in offered
        if action != QUIET
    ]
    searched = any(each["sort"] == "agency" for form in shown for each in form["fields"])
    agencies = sorted(agency_label(code, offices) for code in offices.agencies) if searched and len(offices.agencies) <= MOST_LISTED else []
    quiet = {"words": words["actions"][QUIET], "again": _again(typed, QUIET)} if QUIET in offered else None
    return {"forms": shown, "quiet": quiet, "agencies": agencies, "left": _left(typed, offered)}


def _again(typed: Typed | None, action: str) -> dict[str, str] | None:
    """Return key and version under which a form must be sent again, to count as the same; None when it is a new one."""
    if typed is None or typed.action != action or not typed.key:
        return None
    return {"key": typed.key, "version": typed.values.get("version", "")}


def _shown(action: str, each: Field, options: list[tuple[str, str]], words: Mapping[str, Any], typed: Typed | None) -> dict[str, Any]:
    mine = typed if typed and typed.action == action else Typed(action)
    error, most = mine.errors.get(each.name, ("", 0))
    sort = each.sort
    if sort == "below":
        sort = "choice" if len(options) <= MOST_CHOSEN else "agency"
    return {
        "name": each.name,
        "id": f"{action}-{each.name}",
        "label": words["fields"][each.label or each.name],
        "sort": sort,
        "most": each.most,
        "required": each.required,
        "hint": words["hints"].get(sort if sort in {"agency", "days"} else each.name, ""),
        "options": options,
        "value": mine.values.get(each.name, ""),
        "error": words["errors"][error].replace("%s", f"{most:,}".replace(",", ".")) if error else "",
    }


def _options(each: Field, category: str | None, names: Names, words: Mapping[str, Any], units: list[tuple[str, str]]) -> list[tuple[str, str]]:
    if each.sort == "below":
        return units
    if each.options == "category":
        return _categories(category, names)
    return [(word, words["choices"][each.options][word]) for word in choices(each.options)]


def _categories(present: str | None, names: Names) -> list[tuple[str, str]]:
    """Return every topic, and below the present one its sub-topics: all thousand would be too heavy for a phone."""
    topic = (present or "").partition(".")[0]
    near = [code for code in names.categories if "." not in code or code.partition(".")[0] == topic]
    return [(code, f"- {names.category(code)}" if "." in code else names.category(code)) for code in near]


def _left(typed: Typed | None, offered: Iterable[str]) -> str:
    """Return the longest text of a form that is not offered any more, so that nobody loses what was written."""
    if typed is None or typed.action in offered:
        return ""
    return max((typed.values.get(each.name, "") for each in FORMS.get(typed.action, ())), key=len, default="")
